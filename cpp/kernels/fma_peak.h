// The most this CPU can do: independent chains of fma in registers.

constexpr std::size_t fma_peak_chains = 12;

inline float fma_peak(std::size_t iterations) {
    Vec chain[fma_peak_chains];
    for (std::size_t i = 0; i < fma_peak_chains; ++i) chain[i] = broadcast(static_cast<float>(i));
    const Vec half = broadcast(0.5f);
    for (std::size_t n = 0; n < iterations; ++n)
        for (Vec& c : chain) c = fma(c, half, half);
    Vec sum{};
    for (const Vec& c : chain) sum += c;
    float total = 0.0f;
    for (std::size_t i = 0; i < width; ++i) total += sum[i];
    return total;
}
