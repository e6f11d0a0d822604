// Products with a few rows, bound by reading b: it is read once, as it lies, and c stays in cache.

constexpr std::size_t few_rows = 3;

// P steps of the chains of R rows.
template <std::size_t R, std::size_t P>
void chain_steps(const kernel::Matmul& part, std::size_t p) {
    const std::size_t c_step = part.c_step, b_step = part.b_step, columns = part.columns;
    const float* const b = part.b + p * b_step;
    float* const c = part.c;
    Vec a[R * P];
    unroll<R * P>(
        [&](std::size_t i) { a[i] = broadcast(part.a[i / P * part.a_step + p + i % P]); });
    const auto step = [&](std::size_t j, std::size_t count) {
        Vec sum[R];
        unroll<R>([&](std::size_t r) { sum[r] = load(c + r * c_step + j, count); });
        unroll<P>([&](std::size_t q) {
            const Vec bq = load(b + q * b_step + j, count);
            unroll<R>([&](std::size_t r) { sum[r] = fma(a[r * P + q], bq, sum[r]); });
        });
        unroll<R>([&](std::size_t r) { store(c + r * c_step + j, sum[r], count); });
    };
    std::size_t j = 0;
    for (; j + width <= columns; j += width) step(j, width);
    if (j < columns) step(j, columns - j);
}

template <std::size_t R>
void chains(const kernel::Matmul& part) {
    if constexpr (R > 1)
        if (part.rows < R) return chains<R - 1>(part);
    constexpr std::size_t unroll = 4;
    if (!part.continued)
        for (std::size_t r = 0; r < R; ++r)
            __builtin_memset(part.c + r * part.c_step, 0, part.columns * sizeof(float));
    std::size_t p = 0;
    for (; p + unroll <= part.k; p += unroll) chain_steps<R, unroll>(part, p);
    for (; p < part.k; ++p) chain_steps<R, 1>(part, p);
}

inline void matmul_few_rows(const kernel::Matmul& part) {
    chains<few_rows>(part);
    for (std::size_t i = 0; i < part.rows; ++i) {
        float* const c = part.c + i * part.c_step;
        map(c, c, part.columns, [](Vec v) { return v + 0.0f; });
    }
    finish(part, 0, part.rows);
}
