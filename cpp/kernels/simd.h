// Vectors of `width` floats, by the compiler's vector types.  Included by kernels.cpp.
// Intrinsics stand only where vector types have no word; the rest of the kernels has none.

#if defined(__AVX512F__) || defined(LAMINA_EMULATE_V4)
constexpr std::size_t width = 16;
#elif defined(__AVX2__)
constexpr std::size_t width = 8;
#else
constexpr std::size_t width = 4;
#endif

using Vec = float __attribute__((vector_size(4 * width)));
using Int = std::int32_t __attribute__((vector_size(4 * width)));
using UInt = std::uint32_t __attribute__((vector_size(4 * width)));
using UInt64 = std::uint64_t __attribute__((vector_size(4 * width)));

// For functions of vectors, however long: a call would load their constants anew for each vector.
#define LAMINA_INLINE inline __attribute__((always_inline))

// x - 0 is x, for -0 too.
inline Vec broadcast(float x) { return x - Vec{}; }

inline Vec select(Int mask, Vec a, Vec b) { return mask ? a : b; }

inline Int lane_indices() {
    Int v{};
    for (std::size_t i = 0; i < width; ++i) v[i] = static_cast<std::int32_t>(i);
    return v;
}

// All bits set in the first n lanes.
inline Int first_lanes(std::size_t n) {
    return lane_indices() < static_cast<std::int32_t>(n < width ? n : width);
}

// --- memory: whole vectors, and the first n < width lanes with zeros behind them ---------------

inline Vec load(const float* p) {
    Vec v;
    __builtin_memcpy(&v, p, sizeof v);
    return v;
}

inline void store(float* p, Vec v) { __builtin_memcpy(p, &v, sizeof v); }

// Copies n < 2 * size floats in pieces of size, size / 2, ..., 1.  Inlined: g++ 12 forgets to clear
// the upper halves of the registers behind a call like this, and the code that follows pays 100 ns.
template <std::size_t size>
[[gnu::always_inline]] inline void copy_few(float* to, const float* from, std::size_t n) {
    if (n & size) {
        __builtin_memcpy(to, from, size * sizeof(float));
        to += size;
        from += size;
    }
    if constexpr (size > 1) copy_few<size / 2>(to, from, n);
}

#if defined(__AVX512F__)
inline Vec load_first(const float* p, std::size_t n) {
    return _mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << n) - 1), p);
}
inline void store_first(float* p, Vec v, std::size_t n) {
    _mm512_mask_storeu_ps(p, static_cast<__mmask16>((1u << n) - 1), v);
}
#else
inline Vec load_first(const float* p, std::size_t n) {
#if defined(__AVX2__) && !defined(LAMINA_EMULATE_V4)
    return _mm256_maskload_ps(p, (__m256i)first_lanes(n));
#else
    float lanes[width] = {};
    copy_few<width / 2>(lanes, p, n);
    return load(lanes);
#endif
}
[[gnu::always_inline]] inline void store_first(float* p, Vec v, std::size_t n) {
    float lanes[width];
    store(lanes, v);
    copy_few<width / 2>(p, lanes, n);
}
#endif

// The first min(n, width) lanes.  Mostly all: inlined, or each vector would cost a call.
[[gnu::always_inline]] inline Vec load(const float* p, std::size_t n) {
    return n >= width ? load(p) : load_first(p, n);
}
[[gnu::always_inline]] inline void store(float* p, Vec v, std::size_t n) {
    if (n >= width)
        store(p, v);
    else
        store_first(p, v, n);
}

// Stores the lanes that are not 0 (a NaN is not) and their numbers one behind the other; returns
// how many.  Writes whole vectors.  Without a branch: whether all lanes are 0 cannot be guessed.
#if defined(__AVX512F__)
inline std::size_t store_nonzeros(float* values, std::int32_t* numbers, Vec x, Int number) {
    const __mmask16 mask = _mm512_cmp_ps_mask(x, _mm512_setzero_ps(), _CMP_NEQ_UQ);
    store(values, _mm512_maskz_compress_ps(mask, x));
    _mm512_storeu_si512(numbers, _mm512_maskz_compress_epi32(mask, (__m512i)number));
    return static_cast<std::size_t>(__builtin_popcount(mask));
}
#elif defined(__AVX2__)
// For each set of eight lanes: their numbers, one behind the other, a byte each.
struct LanesOfSet {
    std::uint64_t set[256] = {};
    constexpr LanesOfSet() {
        for (std::size_t i = 0; i < 256; ++i)
            for (std::uint64_t lane = 8; lane-- > 0;)
                if (i >> lane & 1) set[i] = set[i] << 8 | lane;
    }
};
constexpr LanesOfSet lanes_of;

inline std::size_t store_nonzeros(float* values, std::int32_t* numbers, Vec x, Int number) {
    constexpr std::size_t halves = sizeof x / sizeof(__m256);
    __m256 v[halves];
    __m256i at[halves];
    __builtin_memcpy(v, &x, sizeof x);
    __builtin_memcpy(at, &number, sizeof number);
    std::size_t n = 0;
    for (std::size_t i = 0; i < halves; ++i) {
        const int set = _mm256_movemask_ps(_mm256_cmp_ps(v[i], _mm256_setzero_ps(), _CMP_NEQ_UQ));
        const void* const lanes = &lanes_of.set[static_cast<std::size_t>(set)];
        const __m256i lane =
            _mm256_cvtepu8_epi32(_mm_loadl_epi64(static_cast<const __m128i*>(lanes)));
        _mm256_storeu_ps(values + n, _mm256_permutevar8x32_ps(v[i], lane));
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(numbers + n),
                            _mm256_permutevar8x32_epi32(at[i], lane));
        n += static_cast<std::size_t>(__builtin_popcount(static_cast<unsigned>(set)));
    }
    return n;
}
#else
inline std::size_t store_nonzeros(float* values, std::int32_t* numbers, Vec x, Int number) {
    std::size_t n = 0;
    for (std::size_t lane = 0; lane < width; ++lane) {
        values[n] = x[lane];
        numbers[n] = number[lane];
        n += x[lane] != 0.0f;
    }
    return n;
}
#endif

// --- arithmetic -------------------------------------------------------------------------------

// The masked forms: g++ 12 warns of the others' own undefined values.
#if defined(__AVX512F__)
using Native = __m512;
inline Native native_fma(Native a, Native b, Native c) { return _mm512_fmadd_ps(a, b, c); }
inline Native native_sqrt(Native a) { return _mm512_maskz_sqrt_ps(0xffff, a); }
inline Native native_product(Native a, Native b) {
    return (Native)_mm512_maskz_mul_epu32(0xff, (__m512i)a, (__m512i)b);
}
#elif defined(__AVX2__)
using Native = __m256;
inline Native native_fma(Native a, Native b, Native c) { return _mm256_fmadd_ps(a, b, c); }
inline Native native_sqrt(Native a) { return _mm256_sqrt_ps(a); }
inline Native native_product(Native a, Native b) {
    return (Native)_mm256_mul_epu32((__m256i)a, (__m256i)b);
}
#elif defined(__SSE2__)
using Native = __m128;
// This level has no fma: it rounds twice, and its results differ from the other levels'.
inline Native native_fma(Native a, Native b, Native c) { return a * b + c; }
inline Native native_sqrt(Native a) { return _mm_sqrt_ps(a); }
inline Native native_product(Native a, Native b) {
    return (Native)_mm_mul_epu32((__m128i)a, (__m128i)b);
}
#elif defined(__aarch64__)
using Native = float32x4_t;
inline Native native_fma(Native a, Native b, Native c) { return vfmaq_f32(c, a, b); }
inline Native native_sqrt(Native a) { return vsqrtq_f32(a); }
inline Native native_product(Native a, Native b) {
    return (Native)vmull_u32(vmovn_u64((uint64x2_t)a), vmovn_u64((uint64x2_t)b));
}
#else
using Native = Vec;
inline Native native_fma(Native a, Native b, Native c) {
    for (std::size_t i = 0; i < width; ++i) c[i] = __builtin_fmaf(a[i], b[i], c[i]);
    return c;
}
inline Native native_sqrt(Native a) {
    for (std::size_t i = 0; i < width; ++i) a[i] = __builtin_sqrtf(a[i]);
    return a;
}
inline Native native_product(Native a, Native b) {
    return (Native)(((UInt64)a & 0xffffffffu) * ((UInt64)b & 0xffffffffu));
}
#endif

// More than one part only when a wider level is emulated.
union Parts {
    Vec whole;
    Native part[sizeof(Vec) / sizeof(Native)];
};
constexpr std::size_t parts = sizeof(Vec) / sizeof(Native);

// a * b + c, rounded once.
inline Vec fma(Vec a, Vec b, Vec c) {
    Parts x{a}, y{b}, z{c};
    for (std::size_t i = 0; i < parts; ++i) z.part[i] = native_fma(x.part[i], y.part[i], z.part[i]);
    return z.whole;
}

inline Vec sqrt(Vec a) {
    Parts x{a};
    for (std::size_t i = 0; i < parts; ++i) x.part[i] = native_sqrt(x.part[i]);
    return x.whole;
}

// The 64-bit products of the lanes' low halves.
inline UInt64 products(UInt64 a, UInt64 b) {
    Parts x{(Vec)a}, y{(Vec)b};
    for (std::size_t i = 0; i < parts; ++i) x.part[i] = native_product(x.part[i], y.part[i]);
    return (UInt64)x.whole;
}

// Whether a mask has all lanes set.
inline bool all(Int mask) {
#if defined(__AVX512F__)
    return _mm512_movepi32_mask((__m512i)mask) == 0xffff;
#elif defined(__SSE2__)
    const Parts x{(Vec)mask};
    int set = ~0;
    for (std::size_t i = 0; i < parts; ++i)
#if defined(__AVX2__)
        set &= _mm256_movemask_ps(x.part[i]);
    return set == 0xff;
#else
        set &= _mm_movemask_ps(x.part[i]);
    return set == 0xf;
#endif
#else
    std::int32_t set = -1;
    for (std::size_t i = 0; i < width; ++i) set &= mask[i];
    return set == -1;
#endif
}

inline Vec abs(Vec x) { return (Vec)((Int)x & 0x7fffffff); }
// |x| with the sign of s.
inline Vec copy_sign(Vec x, Vec s) {
    return (Vec)(((Int)x & 0x7fffffff) | ((Int)s & static_cast<std::int32_t>(0x80000000)));
}
inline Vec to_float(Int x) { return __builtin_convertvector(x, Vec); }

// As NumPy: a NaN in either operand comes out.
inline Vec maximum(Vec a, Vec b) { return select((a >= b) | (a != a), a, b); }
inline Vec minimum(Vec a, Vec b) { return select((a <= b) | (a != a), a, b); }

// x within [low, high]; a NaN stays.
inline Vec clamp(Vec x, float low, float high) {
    x = select(x < low, broadcast(low), x);
    return select(x > high, broadcast(high), x);
}

// c0 + c1 x + c2 x^2 + ...
inline Vec polynomial(Vec, float c0) { return broadcast(c0); }
template <typename... Coefficients>
inline Vec polynomial(Vec x, float c0, Coefficients... rest) {
    return fma(polynomial(x, rest...), x, broadcast(c0));
}

// --- loops ------------------------------------------------------------------------------------

// Indices 0 .. N - 1 as a pack.
template <std::size_t... I>
struct Indices {};
template <std::size_t N, std::size_t... I>
struct MakeIndices : MakeIndices<N - 1, N - 1, I...> {};
template <std::size_t... I>
struct MakeIndices<0, I...> {
    using type = Indices<I...>;
};

// f(0), ..., f(N - 1) without a loop, so that arrays of vectors become registers.
template <typename F, std::size_t... I>
inline void unroll(F f, Indices<I...>) {
    (f(I), ...);
}
template <std::size_t N, typename F>
inline void unroll(F f) {
    unroll(f, typename MakeIndices<N>::type{});
}

// Whole vectors, two at a time where there are so many: more would need more constants than there
// are registers.
template <typename Step>
inline std::size_t for_vectors(std::size_t n, Step step) {
    std::size_t i = 0;
    for (; i + 2 * width <= n; i += 2 * width)
        unroll<2>([&](std::size_t k) { step(i + k * width); });
    for (; i + width <= n; i += width) step(i);
    return i;
}

// The last elements run as a vector too, so a value never depends on its place.
template <typename F>
inline void map(float* y, const float* x, std::size_t n, F f) {
    const std::size_t i = for_vectors(n, [=](std::size_t at) { store(y + at, f(load(x + at))); });
    if (i < n) store_first(y + i, f(load_first(x + i, n - i)), n - i);
}

// An operand as vectors: of consecutive numbers, or of one value repeated.
class Operand {
  public:
    Operand(const float* x, std::size_t step, std::size_t n)
        : p_(x), repeated_(step == 0), value_(step == 0 && n > 0 ? broadcast(*x) : Vec{}) {}
    bool repeated() const { return repeated_; }
    const float* begin() const { return p_; }
    Vec at(std::size_t i) const { return repeated_ ? value_ : load(p_ + i); }
    Vec last(std::size_t i, std::size_t n) const {
        return repeated_ ? value_ : load_first(p_ + i, n);
    }

  private:
    const float* p_;
    bool repeated_;
    Vec value_;
};

template <typename F, typename... Operands>
inline void map_operands(float* y, std::size_t n, F f, const Operands&... x) {
    std::size_t i = 0;
    if ((x.repeated() || ...))
        for (; i + width <= n; i += width) store(y + i, f(x.at(i)...));
    else
        i = for_vectors(n, [=](std::size_t at) { store(y + at, f(load(x.begin() + at)...)); });
    if (i < n) store_first(y + i, f(x.last(i, n - i)...), n - i);
}
