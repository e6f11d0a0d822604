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
    float* const values = lists.values;
    std::int32_t* const places = lists.places;
    const std::size_t k = part.k;
    std::size_t n = 0;
    for (std::size_t i = 0; i < part.rows; ++i) {
        const float* const a = part.a + i * part.a_step;
        Int place = lane_indices();
        std::size_t p = 0;
        lists.starts[i] = n;
        for (; p + width <= k; p += width, place += static_cast<std::int32_t>(width))
            n += store_nonzeros(values + n, places + n, load(a + p), place);
        if (p < k) n += store_nonzeros(values + n, places + n, load_first(a + p, k - p), place);
        for (; n % nonzeros_at_once; ++n) {
            values[n] = 0;
            places[n] = 0;
        }
    }
    lists.starts[part.rows] = n;
}

// b's columns into the panel; whether all are finite.
inline bool pack_finite(const kernel::Matmul& part) {
    const std::size_t step = (part.columns + width - 1) / width * width;
    float* panel = part.panel;
    Vec zero{};  // inf * 0 and NaN * 0 are NaN, and stay
    if (part.b_transposed || part.columns % width) {
        pack(part);
        for (std::size_t i = 0; i < part.k * step; i += width)
            zero = fma(load(panel + i), Vec{}, zero);
    } else {
        Vec other{};
        const float* b = part.b;
        const std::size_t k = part.k, b_step = part.b_step;
        for (std::size_t p = 0; p < k; ++p, b += b_step, panel += step)
            for (std::size_t j = 0; j < step; j += width) {
                const Vec v = load(b + j);
                store(panel + j, v);
                zero = fma(v, Vec{}, zero);
                const Vec t = zero;
                zero = other;
                other = t;
            }
        zero += other;
    }
    float total = 0;
    for (std::size_t lane = 0; lane < width; ++lane) total += zero[lane];
    return total == 0.0f;
}

// V vectors of columns, the last of them perhaps narrower.
template <std::size_t V, bool ragged>
void chains_of_nonzeros(const kernel::Matmul& part, const kernel::Nonzeros& lists) {
    const std::size_t last = ragged ? part.columns - (V - 1) * width : width;
    const auto width_of = [=](std::size_t v) { return v < V - 1 ? width : last; };
    const float *const panel = part.panel, *const values = lists.values;
    const std::int32_t* const places = lists.places;
    const std::size_t rows = part.rows, c_step = part.c_step;
    const bool continued = part.continued, ended = part.ended;
    float* c = part.c;
    std::size_t n = lists.starts[0];
    for (std::size_t i = 0; i < rows; ++i, c += c_step) {
        const std::size_t end = lists.starts[i + 1];
        Vec sum[V];
        unroll<V>([&](std::size_t v) { sum[v] = Vec{}; });
        if (continued) unroll<V>([&](std::size_t v) { sum[v] = load(c + v * width, width_of(v)); });
        for (; n < end; n += nonzeros_at_once)
            unroll<nonzeros_at_once>([&](std::size_t q) {
                const Vec a = broadcast(values[n + q]);
                const float* const b =
                    panel + static_cast<std::size_t>(places[n + q]) * (V * width);
                unroll<V>([&](std::size_t v) { sum[v] = fma(a, load(b + v * width), sum[v]); });
            });
        if (ended) unroll<V>([&](std::size_t v) { sum[v] += 0.0f; });
        unroll<V>([&](std::size_t v) { store(c + v * width, sum[v], width_of(v)); });
    }
}

template <std::size_t V>
void nonzeros_of_columns(const kernel::Matmul& part, const kernel::Nonzeros& lists) {
    if constexpr (V > 1)
        if (part.columns <= (V - 1) * width) return nonzeros_of_columns<V - 1>(part, lists);
    if (part.columns == V * width)
        chains_of_nonzeros<V, false>(part, lists);
    else
        chains_of_nonzeros<V, true>(part, lists);
}

// b's columns go to the panel; then all rows.
inline void matmul_nonzeros(const kernel::Matmul& part, const kernel::Nonzeros& lists) {
    nonzeros_of_columns<nonzeros_vectors>(part, lists);
    if (part.finished) finish(part, 0, part.rows);
}
