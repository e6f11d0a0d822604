// Sums in an order that is the same at every level, largest and smallest values.

constexpr std::size_t lanes = 16;
constexpr std::size_t lane_vectors = lanes / width;
constexpr std::size_t sum_block_size = 4096;

// 16 lanes, of which width belong to one vector.
struct Lanes {
    Vec v[lane_vectors];
};

template <std::size_t half, typename F, std::size_t... I>
inline Vec fold(Vec x, F f, Indices<I...> lane) {
    x = f(x, __builtin_shufflevector(x, x, ((I + half) % width)...));
    if constexpr (half > 1) x = fold<half / 2>(x, f, lane);
    return x;
}

// Joins the lanes as a tree: 8 + 8, 4 + 4, 2 + 2, 1 + 1.
template <typename F>
inline float join(Lanes x, F f) {
    for (std::size_t half = lane_vectors / 2; half > 0; half /= 2)
        for (std::size_t i = 0; i < half; ++i) x.v[i] = f(x.v[i], x.v[i + half]);
    return fold<width / 2>(x.v[0], f, typename MakeIndices<width>::type{})[0];
}

// Calls step(lane vector, index, count) over n elements; count < width only in the last call.
template <typename F>
inline void for_lanes(std::size_t n, F step) {
    std::size_t i = 0;
    for (; i + lanes <= n; i += lanes)
        for (std::size_t j = 0; j < lane_vectors; ++j) step(j, i + j * width, width);
    for (std::size_t j = 0; i < n; ++j, i += width) step(j, i, n - i < width ? n - i : width);
}

// The sum of value(i, count), vectors of count elements from i on, for i < n.
template <typename F>
inline float sum_values(std::size_t n, F value) {
    float total = 0.0f;
    for (std::size_t first = 0; first < n; first += sum_block_size) {
        Lanes sums{};
        const std::size_t size = n - first < sum_block_size ? n - first : sum_block_size;
        for_lanes(size, [&](std::size_t j, std::size_t i, std::size_t count) {
            Vec v = value(first + i, count);
            if (count < width) v = select(first_lanes(count), v, Vec{});
            sums.v[j] += v;
        });
        total += join(sums, [](Vec a, Vec b) { return a + b; });
    }
    return total;
}

inline float sum_block(const float* x, std::size_t n) {
    return sum_values(n, [=](std::size_t i, std::size_t count) { return load(x + i, count); });
}

// f over all lanes; `start` stands where there is no value.
template <typename F>
inline float fold_row(const float* x, std::size_t n, float start, F f) {
    Lanes best;
    for (Vec& v : best.v) v = broadcast(start);
    for_lanes(n, [&](std::size_t j, std::size_t i, std::size_t count) {
        Vec v = load(x + i, count);
        if (count < width) v = select(first_lanes(count), v, broadcast(start));
        best.v[j] = f(best.v[j], v);
    });
    return join(best, f);
}

inline float max_row(const float* x, std::size_t n) {
    return fold_row(x, n, -infinity, [](Vec a, Vec b) { return maximum(a, b); });
}

inline float min_row(const float* x, std::size_t n) {
    return fold_row(x, n, infinity, [](Vec a, Vec b) { return minimum(a, b); });
}

// y[j] = f(... f(f(start, x[0][j]), x[1][j]) ...) for `vectors` vectors of columns, the last of
// which may be a part: their chains run side by side.
template <std::size_t vectors, typename F>
inline void fold_vectors(float* y, const float* x, std::size_t n, std::size_t step,
                         std::size_t columns, float start, F f) {
    constexpr std::size_t last = vectors - 1;
    const std::size_t rest = columns - last * width;
    Vec v[vectors];
    for (Vec& u : v) u = broadcast(start);
    for (std::size_t i = 0; i < n; ++i, x += step)
        unroll<vectors>([&](std::size_t g) {
            const float* p = x + g * width;
            v[g] = f(v[g], g < last ? load(p) : load(p, rest));
        });
    unroll<vectors>([&](std::size_t g) { store(y + g * width, v[g], g < last ? width : rest); });
}

template <typename F>
inline void fold_columns(float* y, const float* x, std::size_t n, std::size_t step,
                         std::size_t columns, float start, F f) {
    constexpr std::size_t most = 4 * width;
    for (; columns >= most; columns -= most, y += most, x += most)
        fold_vectors<4>(y, x, n, step, most, start, f);
    switch ((columns + width - 1) / width) {
        case 1:
            return fold_vectors<1>(y, x, n, step, columns, start, f);
        case 2:
            return fold_vectors<2>(y, x, n, step, columns, start, f);
        case 3:
            return fold_vectors<3>(y, x, n, step, columns, start, f);
        case 4:
            return fold_vectors<4>(y, x, n, step, columns, start, f);
    }
}

inline void sum_columns(float* y, const float* x, std::size_t n, std::size_t step,
                        std::size_t columns) {
    fold_columns(y, x, n, step, columns, 0.0f, [](Vec a, Vec b) { return a + b; });
}

inline void max_columns(float* y, const float* x, std::size_t n, std::size_t step,
                        std::size_t columns) {
    fold_columns(y, x, n, step, columns, -infinity, [](Vec a, Vec b) { return maximum(a, b); });
}

inline void min_columns(float* y, const float* x, std::size_t n, std::size_t step,
                        std::size_t columns) {
    fold_columns(y, x, n, step, columns, infinity, [](Vec a, Vec b) { return minimum(a, b); });
}
