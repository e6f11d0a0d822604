// Matrix products.  Every element of c is one chain of fma in the order of k: tiles and panels
// change which element is computed when, never its value.

#if defined(__AVX512F__) || defined(LAMINA_EMULATE_V4)
constexpr std::size_t tile_vectors = 4;  // 24 of 32 registers hold the tile
#else
constexpr std::size_t tile_vectors = 2;  // 12 of 16
#endif
constexpr std::size_t tile_rows = 6;
constexpr std::size_t small_rows = 5;

// R rows of c and V vectors of columns, from row `row` of the part on.  When b is short, the last
// vector of its rows may not be read beyond the part's columns.
template <std::size_t R, std::size_t V, bool a_transposed, bool b_short>
void tile(const kernel::Matmul& part, std::size_t row) {
    const std::size_t last = part.columns - (V - 1) * width;  // columns in the last vector
    float* const c = part.c + row * part.c_step;
    Vec sum[R][V];
    for (std::size_t r = 0; r < R; ++r)
        for (std::size_t v = 0; v < V; ++v)
            sum[r][v] = part.continued
                            ? load(c + r * part.c_step + v * width, v + 1 < V ? width : last)
                            : Vec{};
    const float* a = part.a + row * part.a_row_step;
    const float* b = part.b;
    for (std::size_t p = 0; p < part.k; ++p, b += part.b_step) {
        Vec bv[V];
        for (std::size_t v = 0; v < V; ++v)
            bv[v] = b_short && v + 1 == V ? load(b + v * width, last) : load(b + v * width);
        for (std::size_t r = 0; r < R; ++r) {
            const Vec ar = broadcast(a_transposed ? a[r] : a[r * part.a_row_step]);
            for (std::size_t v = 0; v < V; ++v) sum[r][v] = fma(ar, bv[v], sum[r][v]);
        }
        a += a_transposed ? part.a_k_step : 1;
    }
    for (std::size_t r = 0; r < R; ++r)
        for (std::size_t v = 0; v < V; ++v)
            store(c + r * part.c_step + v * width, sum[r][v], v + 1 < V ? width : last);
}

using Tile = void(const kernel::Matmul& part, std::size_t row);

// The tile of `rows` rows, 1 <= rows <= R.
template <std::size_t R, std::size_t V, bool a_transposed, bool b_short>
Tile* tile_of(std::size_t rows) {
    if constexpr (R > 1)
        if (rows < R) return tile_of<R - 1, V, a_transposed, b_short>(rows);
    return tile<R, V, a_transposed, b_short>;
}

// All rows, in tiles whose heights differ by at most one.
template <std::size_t V, bool a_transposed>
void tiles(const kernel::Matmul& part) {
    const std::size_t count = (part.rows + tile_rows - 1) / tile_rows;
    const std::size_t height = part.rows / count;
    const std::size_t taller = part.rows % count;  // so many tiles have one row more
    Tile* const low = tile_of<tile_rows, V, a_transposed, false>(height);
    Tile* const high = tile_of<tile_rows, V, a_transposed, false>(taller ? height + 1 : height);
    std::size_t row = 0;
    for (std::size_t i = 0; i < taller; ++i, row += height + 1) high(part, row);
    for (std::size_t i = taller; i < count; ++i, row += height) low(part, row);
}

template <std::size_t V, bool a_transposed>
void tiles_of_columns(const kernel::Matmul& part) {
    if constexpr (V > 1)
        if (part.columns <= (V - 1) * width) return tiles_of_columns<V - 1, a_transposed>(part);
    tiles<V, a_transposed>(part);
}

inline void matmul_panel(const kernel::Matmul& part) {
    if (part.a_k_step == 1)
        tiles_of_columns<tile_vectors, false>(part);
    else
        tiles_of_columns<tile_vectors, true>(part);
}

// R rows against all columns; V vectors of columns at a time keep enough chains going.
template <std::size_t R, bool a_transposed>
void rows_of(const kernel::Matmul& part) {
    constexpr std::size_t V = R == 1 ? 8 : R == 2 ? 4 : R == 3 ? 3 : 2;
    kernel::Matmul rest = part;
    const auto advance = [&](std::size_t columns) {
        rest.b += columns;
        rest.c += columns;
        rest.columns -= columns;
    };
    while (rest.columns > 0) {
        kernel::Matmul now = rest;
        if (rest.columns >= V * width) {
            now.columns = V * width;
            tile<R, V, a_transposed, false>(now, 0);
        } else if (rest.columns >= width) {
            now.columns = width;
            tile<R, 1, a_transposed, false>(now, 0);
        } else {
            tile<R, 1, a_transposed, true>(now, 0);
        }
        advance(now.columns);
    }
}

template <std::size_t R, bool a_transposed>
void rows_up_to(const kernel::Matmul& part) {
    if constexpr (R > 1)
        if (part.rows < R) return rows_up_to<R - 1, a_transposed>(part);
    rows_of<R, a_transposed>(part);
}

inline void matmul_rows(const kernel::Matmul& part) {
    if (part.a_k_step == 1)
        rows_up_to<small_rows, false>(part);
    else
        rows_up_to<small_rows, true>(part);
}

// Independent chains of fma in registers: the most this CPU can do.
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
