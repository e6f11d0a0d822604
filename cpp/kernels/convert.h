// Numbers of any type as floats, rounded to the nearest as by a C cast; the search for a NaN.
// Plain loops: the compiler's own vectors serve them well.  The arrays may be unaligned.

template <typename T>
inline T element(const void* x, std::size_t i) {
    T value;
    __builtin_memcpy(&value, static_cast<const char*>(x) + i * sizeof(T), sizeof(T));
    return value;
}

template <typename T>
inline void convert(float* y, const void* x, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) y[i] = static_cast<float>(element<T>(x, i));
}

inline void convert_boolean(float* y, const void* x, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) y[i] = element<std::uint8_t>(x, i) ? 1.0f : 0.0f;
}
inline void convert_int8(float* y, const void* x, std::size_t n) { convert<std::int8_t>(y, x, n); }
// Pixels: the compiler's own loop unpacks in two steps.
inline void convert_uint8(float* y, const void* x, std::size_t n) {
    const auto* bytes = static_cast<const std::uint8_t*>(x);
    std::size_t i = 0;
#if defined(__AVX2__)
    for (; i + 8 <= n; i += 8) {
        const __m128i eight = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(bytes + i));
        _mm256_storeu_ps(y + i, _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(eight)));
    }
#endif
    convert<std::uint8_t>(y + i, bytes + i, n - i);
}
inline void convert_int16(float* y, const void* x, std::size_t n) {
    convert<std::int16_t>(y, x, n);
}
inline void convert_uint16(float* y, const void* x, std::size_t n) {
    convert<std::uint16_t>(y, x, n);
}
inline void convert_int32(float* y, const void* x, std::size_t n) {
    convert<std::int32_t>(y, x, n);
}
inline void convert_uint32(float* y, const void* x, std::size_t n) {
    convert<std::uint32_t>(y, x, n);
}
inline void convert_int64(float* y, const void* x, std::size_t n) {
    convert<std::int64_t>(y, x, n);
}
inline void convert_uint64(float* y, const void* x, std::size_t n) {
    convert<std::uint64_t>(y, x, n);
}
inline void convert_float64(float* y, const void* x, std::size_t n) { convert<double>(y, x, n); }
inline void convert_float32(float* y, const void* x, std::size_t n) {
    __builtin_memcpy(y, x, n * sizeof(float));
}

// The bits moved to a float's places, and 2^112 for the difference of the exponents' offsets;
// an infinity or NaN has its exponent in both types full.
inline void convert_float16(float* y, const void* x, std::size_t n) {
    std::size_t i = 0;
#if defined(__F16C__)
    for (; i + 8 <= n; i += 8) {
        __m128i halves;
        __builtin_memcpy(&halves, static_cast<const char*>(x) + 2 * i, sizeof halves);
        _mm256_storeu_ps(y + i, _mm256_cvtph_ps(halves));
    }
#endif
    for (; i < n; ++i) {
        const std::uint32_t half = element<std::uint16_t>(x, i);
        const std::uint32_t magnitude = (half & 0x7fff) << 13;
        const float finite = element<float>(&magnitude, 0) * 0x1p112f;
        const std::uint32_t full = (half & 0x7c00) == 0x7c00 ? 0x7f800000 : 0;
        const std::uint32_t bits =
            element<std::uint32_t>(&finite, 0) | full | (half & 0x8000) << 16;
        y[i] = element<float>(&bits, 0);
    }
}

// The first i whose magnitude's bits are at least `limit`, or n; block by block, as most arrays
// have none.
template <typename T>
inline std::size_t first_at_least(const void* x, std::size_t n, T limit) {
    constexpr std::size_t block = 1024;
    constexpr T magnitude = static_cast<T>(~0ull >> (65 - 8 * sizeof(T)));
    for (std::size_t first = 0; first < n; first += block) {
        const std::size_t end = n - first < block ? n : first + block;
        T found = 0;
        for (std::size_t i = first; i < end; ++i)
            found |= static_cast<T>((element<T>(x, i) & magnitude) >= limit);
        if (!found) continue;
        for (std::size_t i = first; i < end; ++i)
            if ((element<T>(x, i) & magnitude) >= limit) return i;
    }
    return n;
}

// NaN, infinity, and float64 numbers that float32 would make infinite.
inline std::size_t first_nonfinite_float16(const void* x, std::size_t n) {
    return first_at_least<std::int16_t>(x, n, 0x7c00);
}
inline std::size_t first_nonfinite_float32(const void* x, std::size_t n) {
    return first_at_least<std::int32_t>(x, n, 0x7f800000);
}
inline std::size_t first_nonfinite_float64(const void* x, std::size_t n) {
    return first_at_least<std::int64_t>(x, n, 0x47effffff0000000);
}
