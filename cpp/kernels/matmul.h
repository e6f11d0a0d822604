// Matrix products.  Every element of c is one chain of fma in the order of k: tiles and panels
// change when an element is computed, never its value.

#if defined(__AVX512F__) || defined(LAMINA_EMULATE_V4)
constexpr std::size_t tile_vectors = 4;  // the tile holds 24 of 32 registers
#else
constexpr std::size_t tile_vectors = 2;  // 12 of 16
#endif
constexpr std::size_t tile_rows = 6;

// R rows of c and V whole vectors of columns, from row `row` on.  When it packs, it leaves b's
// vectors in the panel for the tiles below.
template <std::size_t R, std::size_t V, bool packs>
void tile(const kernel::Matmul& part, std::size_t row) {
    const std::size_t c_step = part.c_step, a_step = part.a_step, k = part.k;
    const std::size_t b_step = packs ? part.b_step : V * width;
    float* const c = part.c + row * c_step;
    const float* a = part.a + row * a_step;
    const float* b = part.b;
    float* panel = part.panel;
    Vec sum[R * V];
    unroll<R * V>([&](std::size_t i) { sum[i] = Vec{}; });
    if (part.continued)
        unroll<R * V>([&](std::size_t i) { sum[i] = load(c + i / V * c_step + i % V * width); });
    std::size_t p = 0;
    do {
        Vec bv[V];
        unroll<V>([&](std::size_t v) {
            bv[v] = load(b + v * width);
            if (packs) store(panel + v * width, bv[v]);
        });
        unroll<R>([&](std::size_t r) {
            const Vec ar = broadcast(a[r * a_step]);
            unroll<V>([&](std::size_t v) { sum[r * V + v] = fma(ar, bv[v], sum[r * V + v]); });
        });
        ++a;
        b += b_step;
        panel += V * width;
    } while (++p < k);
    if (part.ended) unroll<R * V>([&](std::size_t i) { sum[i] += 0.0f; });
    if (part.finished && part.bias)
        unroll<R * V>([&](std::size_t i) { sum[i] += load(part.bias + i % V * width); });
    if (part.finished && part.activation == kernel::Activation::relu)
        unroll<R * V>([&](std::size_t i) { sum[i] = relu(sum[i]); });
    if (part.finished && part.gate) {
        const float* const gate = part.gate + row * c_step;
        const Vec scale = broadcast(part.gate_scale);
        unroll<R * V>([&](std::size_t i) {
            const Vec g = load(gate + i / V * c_step + i % V * width);
            sum[i] = select(g > 0.0f, sum[i] * scale, Vec{});
        });
    }
    unroll<R * V>([&](std::size_t i) { store(c + i / V * c_step + i % V * width, sum[i]); });
}

using Tile = void(const kernel::Matmul& part, std::size_t row);

// The tile of `rows` rows, 1 <= rows <= R.
template <std::size_t R, std::size_t V, bool packs>
Tile* tile_of(std::size_t rows) {
    if constexpr (R > 1)
        if (rows < R) return tile_of<R - 1, V, packs>(rows);
    return tile<R, V, packs>;
}

// A tile whose last vector is wider than c: in memory of its own.
template <std::size_t V>
void ragged_tile(Tile* tile, kernel::Matmul part, std::size_t row, std::size_t height) {
    float block[tile_rows * V * width];
    float* const c = part.c + row * part.c_step;
    const std::size_t step = part.c_step, last = part.columns - (V - 1) * width;
    if (part.continued)
        for (std::size_t i = 0; i < height * V; ++i)
            store(block + i * width,
                  load(c + i / V * step + i % V * width, i % V < V - 1 ? width : last));
    part.a += row * part.a_step;
    part.c = block;
    part.c_step = V * width;
    tile(part, 0);
    for (std::size_t i = 0; i < height * V; ++i)
        store(c + i / V * step + i % V * width, load(block + i * width),
              i % V < V - 1 ? width : last);
}

// All rows of V vectors of columns, in tiles whose heights differ by at most one.
template <std::size_t V>
void tiles(kernel::Matmul part) {
    const bool ragged = part.columns < V * width;
    const bool finish_later =
        part.finished && (ragged || part.activation > kernel::Activation::relu);
    if (finish_later) part.finished = false;
    const std::size_t count = (part.rows + tile_rows - 1) / tile_rows;
    const std::size_t height = part.rows / count;
    const std::size_t taller = part.rows % count;  // so many tiles have one row more
    std::size_t row = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t rows = height + (i < taller);
        if (i == 0 && !part.b_transposed && !ragged) {
            tile_of<tile_rows, V, true>(rows)(part, 0);
        } else {
            if (i == 0) pack(part);
            Tile* const next = tile_of<tile_rows, V, false>(rows);
            part.b = part.panel;
            if (ragged)
                ragged_tile<V>(next, part, row, rows);
            else
                next(part, row);
        }
        if (finish_later) finish(part, row, rows);
        row += rows;
    }
}

template <std::size_t V>
void tiles_of_columns(const kernel::Matmul& part) {
    if constexpr (V > 1)
        if (part.columns <= (V - 1) * width) return tiles_of_columns<V - 1>(part);
    tiles<V>(part);
}

// k = 0: every chain is 0.
inline void matmul_nothing(const kernel::Matmul& part) {
    for (std::size_t i = 0; i < part.rows; ++i)
        __builtin_memset(part.c + i * part.c_step, 0, part.columns * sizeof(float));
    finish(part, 0, part.rows);
}

inline void matmul_panel(const kernel::Matmul& part) {
    if (part.k == 0) return matmul_nothing(part);
    tiles_of_columns<tile_vectors>(part);
}
