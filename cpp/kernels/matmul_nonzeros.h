// Matrix products that skip the zeros of a.  A term 0 * b changes no bit of a chain as long as b is
// finite, but for the sign of a zero, and a chain that ends as -0 is made 0 everywhere.  So the
// results are those of matmul_panel, bit for bit.

constexpr std::size_t nonzeros_vectors = 8;  // the chains that run side by side
constexpr std::size_t nonzeros_at_once = 2;  // a row's list is filled up with zeros to a multiple

inline std::size_t count_nonzeros(const float* x, std::size_t n) {
    Int count{};
    for (std::size_t i = 0; i < n; i += width) count -= load(x + i, n - i) != 0.0f;
    std::size_t total = 0;
    for (std::size_t lane = 0; lane < width; ++lane) total += static_cast<std::size_t>(count[lane]);
    return total;
}

// The lists of the part's rows of a.
inline void list_nonzeros(const kernel::Nonzeros& lists, const kernel::Matmul& part) {
    std::size_t n = 0;
    for (std::size_t i = 0; i < part.rows; ++i) {
        const float* const a = part.a + i * part.a_step;
        lists.starts[i] = n;
        for (std::size_t p = 0; p < part.k; p += width)
            n += store_nonzeros(lists.values + n, lists.places + n, load(a + p, part.k - p), p);
        for (; n % nonzeros_at_once; ++n) {
            lists.values[n] = 0;
            lists.places[n] = 0;
        }
    }
    lists.starts[part.rows] = n;
}

// b's columns into the panel; whether all are finite.
inline bool pack_finite(const kernel::Matmul& part) {
    const std::size_t step = (part.columns + width - 1) / width * width;
    Vec zero{};
    if (part.b_transposed) {
        pack(part);
        for (std::size_t i = 0; i < part.k * step; i += width)
            zero = fma(load(part.panel + i), Vec{}, zero);
    } else {
        for (std::size_t p = 0; p < part.k; ++p)
            for (std::size_t j = 0; j < part.columns; j += width) {
                const Vec b = load(part.b + p * part.b_step + j, part.columns - j);
                store(part.panel + p * step + j, b);
                zero = fma(b, Vec{}, zero);  // inf * 0 and NaN * 0 are NaN, and stay
            }
    }
    float total = 0;
    for (std::size_t lane = 0; lane < width; ++lane) total += zero[lane];
    return total == 0.0f;
}

// V vectors of columns, the last of them perhaps narrower.
template <std::size_t V>
void chains_of_nonzeros(const kernel::Matmul& part, const kernel::Nonzeros& lists) {
    const std::size_t last = part.columns - (V - 1) * width;
    const auto width_of = [=](std::size_t v) { return v < V - 1 ? width : last; };
    for (std::size_t i = 0; i < part.rows; ++i) {
        std::size_t n = lists.starts[i];
        const std::size_t end = lists.starts[i + 1];
        float* const c = part.c + i * part.c_step;
        Vec sum[V];
        unroll<V>([&](std::size_t v) { sum[v] = Vec{}; });
        if (part.continued)
            unroll<V>([&](std::size_t v) { sum[v] = load(c + v * width, width_of(v)); });
        for (; n < end; n += nonzeros_at_once)
            unroll<nonzeros_at_once>([&](std::size_t q) {
                const Vec a = broadcast(lists.values[n + q]);
                const auto place = static_cast<std::size_t>(lists.places[n + q]);
                const float* const b = part.panel + place * (V * width);
                unroll<V>([&](std::size_t v) { sum[v] = fma(a, load(b + v * width), sum[v]); });
            });
        if (part.ended) unroll<V>([&](std::size_t v) { sum[v] += 0.0f; });
        unroll<V>([&](std::size_t v) { store(c + v * width, sum[v], width_of(v)); });
    }
}

template <std::size_t V>
void nonzeros_of_columns(const kernel::Matmul& part, const kernel::Nonzeros& lists) {
    if constexpr (V > 1)
        if (part.columns <= (V - 1) * width) return nonzeros_of_columns<V - 1>(part, lists);
    chains_of_nonzeros<V>(part, lists);
}

inline void matmul_nonzeros(const kernel::Matmul& part, const kernel::Nonzeros& lists) {
    nonzeros_of_columns<nonzeros_vectors>(part, lists);
    if (part.finished) finish(part, 0, part.rows);
}
