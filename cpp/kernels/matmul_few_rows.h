// Products with a few rows, bound by reading b: it is read once, as it lies, and c stays in cache.

constexpr std::size_t few_rows = 3;

// P steps of the chains of R rows.
template <std::size_t R, std::size_t P>
void chain_steps(const kernel::Matmul& part, std::size_t p) {
    Vec a[R][P];
    for (std::size_t r = 0; r < R; ++r)
        for (std::size_t q = 0; q < P; ++q)
            a[r][q] = broadcast(part.a[r * part.a_row_step + (p + q) * part.a_k_step]);
    const float* const b = part.b + p * part.b_step;
    const auto step = [&](std::size_t j, std::size_t count) {
        Vec sum[R];
        for (std::size_t r = 0; r < R; ++r) sum[r] = load(part.c + r * part.c_step + j, count);
        for (std::size_t q = 0; q < P; ++q) {
            const Vec bq = load(b + q * part.b_step + j, count);
            for (std::size_t r = 0; r < R; ++r) sum[r] = fma(a[r][q], bq, sum[r]);
        }
        for (std::size_t r = 0; r < R; ++r) store(part.c + r * part.c_step + j, sum[r], count);
    };
    std::size_t j = 0;
    for (; j + width <= part.columns; j += width) step(j, width);
    if (j < part.columns) step(j, part.columns - j);
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

inline void matmul_few_rows(const kernel::Matmul& part) { chains<few_rows>(part); }
