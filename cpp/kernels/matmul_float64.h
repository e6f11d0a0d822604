// Matrix products in double, by the rules of matmul.h: each element is one chain of fma in the
// order of k.

constexpr std::size_t doubles = width / 2;  // in a vector

#if defined(__AVX512F__)
using NativeDouble = __m512d;
inline NativeDouble native_fma(NativeDouble a, NativeDouble b, NativeDouble c) {
    return _mm512_fmadd_pd(a, b, c);
}
#elif defined(__AVX2__)
using NativeDouble = __m256d;
inline NativeDouble native_fma(NativeDouble a, NativeDouble b, NativeDouble c) {
    return _mm256_fmadd_pd(a, b, c);
}
#elif defined(__SSE2__)
using NativeDouble = __m128d;
// This level has no fma: it rounds twice.
inline NativeDouble native_fma(NativeDouble a, NativeDouble b, NativeDouble c) { return a * b + c; }
#elif defined(__aarch64__)
using NativeDouble = float64x2_t;
inline NativeDouble native_fma(NativeDouble a, NativeDouble b, NativeDouble c) {
    return vfmaq_f64(c, a, b);
}
#else
using NativeDouble = Double;
inline NativeDouble native_fma(NativeDouble a, NativeDouble b, NativeDouble c) {
    for (std::size_t i = 0; i < doubles; ++i) c[i] = __builtin_fma(a[i], b[i], c[i]);
    return c;
}
#endif

inline Double fma(Double a, Double b, Double c) {
    union DoubleParts {
        Double whole;
        NativeDouble part[sizeof(Double) / sizeof(NativeDouble)];
    };
    DoubleParts x{a}, y{b}, z{c};
    for (std::size_t i = 0; i < sizeof(Double) / sizeof(NativeDouble); ++i)
        z.part[i] = native_fma(x.part[i], y.part[i], z.part[i]);
    return z.whole;
}

// The first min(n, doubles) lanes, with zeros behind them.
inline Double load(const double* p, std::size_t n) {
    Double v{};
    if (n >= doubles)
        __builtin_memcpy(&v, p, sizeof v);
    else
        __builtin_memcpy(&v, p, n * sizeof(double));
    return v;
}

inline void store(double* p, Double v, std::size_t n) {
    if (n >= doubles)
        __builtin_memcpy(p, &v, sizeof v);
    else
        __builtin_memcpy(p, &v, n * sizeof(double));
}

// R rows of c and at most V vectors of columns, from row `row` on.
template <std::size_t R, std::size_t V, bool ragged>
void tile_float64(const kernel::MatmulFloat64& part, std::size_t row) {
    const std::size_t c_step = part.c_step, a_step = part.a_step, k = part.k;
    double* const c = part.c + row * c_step;
    const double* a = part.a + row * a_step;
    const double* b = part.panel;
    // Of vector v: how many of its columns c has.
    const auto left = [&](std::size_t v) {
        const std::size_t before = v * doubles;
        return !ragged ? doubles : part.columns > before ? part.columns - before : 0;
    };
    Double sum[R * V];
    unroll<R * V>([&](std::size_t i) { sum[i] = Double{}; });
    if (part.continued)
        unroll<R * V>([&](std::size_t i) {
            sum[i] = load(c + i / V * c_step + i % V * doubles, left(i % V));
        });
    for (std::size_t p = 0; p < k; ++p, ++a, b += V * doubles) {
        Double bv[V];
        unroll<V>([&](std::size_t v) { bv[v] = load(b + v * doubles, doubles); });
        unroll<R>([&](std::size_t r) {
            const Double ar = a[r * a_step] - Double{};
            unroll<V>([&](std::size_t v) { sum[r * V + v] = fma(ar, bv[v], sum[r * V + v]); });
        });
    }
    if (part.ended) unroll<R * V>([&](std::size_t i) { sum[i] += 0.0; });
    unroll<R * V>(
        [&](std::size_t i) { store(c + i / V * c_step + i % V * doubles, sum[i], left(i % V)); });
}

template <std::size_t R, std::size_t V, bool ragged>
void tiles_float64(const kernel::MatmulFloat64& part, std::size_t row) {
    if constexpr (R > 1)
        if (part.rows - row < R) return tiles_float64<R - 1, V, ragged>(part, row);
    for (; row + R <= part.rows; row += R) tile_float64<R, V, ragged>(part, row);
    if (row < part.rows)
        if constexpr (R > 1) tiles_float64<R - 1, V, ragged>(part, row);
}

// b's columns one vector beside the other, with zeros where it has no more.
template <std::size_t V>
void pack_float64(const kernel::MatmulFloat64& part) {
    for (std::size_t p = 0; p < part.k; ++p) {
        double* const to = part.panel + p * V * doubles;
        const double* const from = part.b + p * (part.b_transposed ? 1 : part.b_step);
        for (std::size_t j = 0; j < V * doubles; ++j)
            to[j] = j < part.columns ? from[j * (part.b_transposed ? part.b_step : 1)] : 0.0;
    }
}

template <std::size_t V>
void panel_float64(const kernel::MatmulFloat64& part) {
    if constexpr (V > 1)
        if (part.columns <= (V - 1) * doubles) return panel_float64<V - 1>(part);
    pack_float64<V>(part);
    if (part.columns == V * doubles)
        tiles_float64<tile_rows, V, false>(part, 0);
    else
        tiles_float64<tile_rows, V, true>(part, 0);
}

inline void matmul_float64(const kernel::MatmulFloat64& part) { panel_float64<tile_vectors>(part); }
