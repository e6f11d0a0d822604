// exp, log, log1p, tanh, erf and power of vectors; at most 2 ulp from the true value for every
// float.  The polynomials are minimax fits of the quotients named beside them.

constexpr float infinity = __builtin_inff();
constexpr float nan = __builtin_nanf("");

// ln 2 in two parts; a product of the first with an exponent is exact.
constexpr float ln2_high = 0x1.62e4p-1f;
constexpr float ln2_low = 1.42860677e-6f;

// 2^k for -126 <= k <= 127.
inline Vec power_of_two(Int k) { return (Vec)(((UInt)k + 127) << 23); }

inline Vec exp(Vec x) {
    constexpr float round = 12582912.0f;  // 1.5 * 2^23: adding it rounds to an integer
    x = clamp(x, -104.0f, 89.0f);
    const Vec shifted = fma(x, broadcast(1.44269504f), broadcast(round));
    const Vec n = shifted - round;
    Vec r = fma(n, broadcast(-ln2_high), x);
    r = fma(n, broadcast(-ln2_low), r);
    // (e^r - 1 - r) / r^2
    const Vec q =
        polynomial(r, 0.49999994f, 0.166665211f, 0.041668389f, 0.00836871751f, 0.00138145965f);
    const Vec y = fma(r * r, q, r) + 1.0f;
    // 2^n in two factors, neither of which overflows; a subnormal result is rounded once.
    const Int exponent = (Int)((UInt)shifted - (UInt)broadcast(round));
    const Int half = exponent >> 1;
    return y * power_of_two(half) * power_of_two(exponent - half);
}

// n ln 2 + log(1 + f) for sqrt(1/2) - 1 <= f <= sqrt(2) - 1.
inline Vec log_of_parts(Vec n, Vec f) {
    const Vec f2 = f * f;
    // (log(1 + f) - f + f^2 / 2) / f^3
    const Vec q =
        polynomial(f, 0.333333135f, -0.250000089f, 0.200021192f, -0.166679963f, 0.142195508f,
                   -0.124055915f, 0.118881747f, -0.116756409f, 0.0674660131f);
    Vec tail = fma(f2 * f, q, n * ln2_low);
    tail = fma(f2, broadcast(-0.5f), tail);
    return fma(n, broadcast(ln2_high), f + tail);
}

// x = 2^exponent * mantissa, sqrt(1/2) <= mantissa < sqrt(2), for normal x > 0.
struct Split {
    Int exponent;
    Vec mantissa;
};
inline Split split(Vec x) {
    constexpr std::uint32_t sqrt_half = 0x3f3504f3;
    const UInt bits = (UInt)x - sqrt_half;
    return {(Int)bits >> 23, (Vec)((bits & 0x007fffff) + sqrt_half)};
}

inline Vec log(Vec x) {
    const Int small = x < 0x1p-126f;
    const Split s = split(select(small, x * 0x1p23f, x));
    const Vec n = to_float(s.exponent) - select(small, broadcast(23.0f), Vec{});
    const Vec y = log_of_parts(n, s.mantissa - 1.0f);
    const Vec outside =
        select(x == 0.0f, broadcast(-infinity), select(x < 0.0f, broadcast(nan), x));
    return select((x > 0.0f) & (x < infinity), y, outside);
}

inline Vec log1p(Vec x) {
    const Vec u = x + 1.0f;
    // What rounding took from u, as a part of the mantissa; nothing that counts in a large u.
    const Vec lost = select(x < 1.0f, x - (u - 1.0f), 1.0f - (u - x));
    const Split s = split(u);
    const Vec f =
        (s.mantissa - 1.0f) + select(x < 0x1p30f, lost * power_of_two(-s.exponent), Vec{});
    const Vec y = log_of_parts(to_float(s.exponent), f);
    const Vec outside =
        select(x == -1.0f, broadcast(-infinity), select(x < -1.0f, broadcast(nan), x));
    return select((x > -1.0f) & (x < infinity) & (x != 0.0f), y, outside);
}

inline Vec tanh(Vec x) {
    const Vec a = abs(x);
    const Vec s = a * a;
    // (tanh(a) / a - 1) / a^2, in a^2
    const Vec q =
        polynomial(s, -0.333332807f, 0.133314416f, -0.0537397116f, 0.0206390787f, -0.00570497848f);
    const Vec near = fma(a * s, q, a);
    const Vec far = 1.0f - 2.0f / (exp(a + a) + 1.0f);
    return copy_sign(select(a < 0.625f, near, far), x);
}

inline Vec erf(Vec x) {
    const Vec a = abs(x);
    // erf(a) / a - 1, in a^2
    const Vec p = polynomial(a * a, 0.128379166f, -0.376126319f, 0.112836637f, -0.0268577058f,
                             0.0051969518f, -0.000809770252f, 8.1850907e-05f);
    // -log(erfc(a))
    const Vec t = clamp(a, 0.0f, 4.0f);
    const Vec q = polynomial(t, -0.000169205116f, 1.12948835f, 0.633400857f, 0.108220384f,
                             -0.0250806157f, 0.0041562547f, -0.000431393564f, 2.08286183e-05f);
    return copy_sign(select(a < 0.925f, fma(a, p, a), 1.0f - exp(-q)), x);
}

inline Vec floor(Vec x) {
    const Vec truncated = to_float(__builtin_convertvector(x, Int));
    const Vec y = truncated - select(truncated > x, broadcast(1.0f), Vec{});
    return select(abs(x) < 0x1p23f, copy_sign(y, x), x);
}

// --- power, in double: the product with the logarithm needs more digits than a float has --------

using Double = double __attribute__((vector_size(4 * width)));
using Int64 = std::int64_t __attribute__((vector_size(4 * width)));

inline Double select(Int64 mask, Double a, Double b) { return mask ? a : b; }

inline Double horner(Double, double c0) { return c0 - Double{}; }
template <typename... Coefficients>
inline Double horner(Double x, double c0, Coefficients... rest) {
    return horner(x, rest...) * x + c0;
}

// log2 of x >= 0, x a float.
inline Double log2(Double x) {
    const UInt64 bits = (UInt64)x;
    Double mantissa = (Double)((bits & 0x000fffffffffffff) | 0x3ff0000000000000);
    // The exponent as a double: as the low bits of 2^52.
    Double exponent = (Double)((bits >> 52) | 0x4330000000000000) - (0x1p52 + 1023.0);
    const Int64 high = mantissa > 1.4142135623730951;
    mantissa = select(high, mantissa * 0.5, mantissa);
    exponent += select(high, 1.0 - Double{}, Double{});
    const Double s = (mantissa - 1.0) / (mantissa + 1.0);
    const Double series =
        horner(s * s, 1.0, 1.0 / 3, 1.0 / 5, 1.0 / 7, 1.0 / 9, 1.0 / 11, 1.0 / 13, 1.0 / 15);
    const Double y = exponent + s * series * 2.8853900817779268;  // 2 / ln 2
    const double inf = __builtin_inf();
    return select(x == 0.0, -inf - Double{}, select((x < inf) & (x > 0.0), y, x));
}

inline Double exp2(Double x) {
    constexpr double round = 0x1.8p52;
    x = select(x < -200.0, -200.0 - Double{}, x);
    x = select(x > 200.0, 200.0 - Double{}, x);
    const Double shifted = x + round;
    const Double r = (x - (shifted - round)) * 0.69314718055994531;
    const Double y = horner(r, 1.0, 1.0, 1.0 / 2, 1.0 / 6, 1.0 / 24, 1.0 / 120, 1.0 / 720,
                            1.0 / 5040, 1.0 / 40320, 1.0 / 362880, 1.0 / 3628800);
    const UInt64 exponent = (UInt64)shifted - (UInt64)(round - Double{});
    return y * (Double)((exponent + 1023) << 52);
}

inline Vec power_of_absolute(Vec a, Vec b) {
    using Half = float __attribute__((vector_size(2 * width)));
    union Halves {
        Vec whole;
        Half half[2];
    };
    Halves x{abs(a)}, y{b};
    for (int i = 0; i < 2; ++i) {
        const Double exponent = __builtin_convertvector(y.half[i], Double);
        const Double base = __builtin_convertvector(x.half[i], Double);
        x.half[i] = __builtin_convertvector(exp2(exponent * log2(base)), Half);
    }
    return x.whole;
}

// As C's pow.
inline Vec power(Vec a, Vec b) {
    const Int integer = floor(b) == b;
    const Int odd = integer & (floor(b * 0.5f) != b * 0.5f);
    Vec y = power_of_absolute(a, b);
    y = select(odd, copy_sign(y, a), y);
    y = select((a < 0.0f) & (a > -infinity) & ~integer, broadcast(nan), y);
    const Int one = (b == 0.0f) | (a == 1.0f) | ((a == -1.0f) & (abs(b) == infinity));
    return select(one, broadcast(1.0f), y);
}
