// exp, expm1, log, log1p, tanh and erf of vectors; at most 2 ulp from the true value for every
// float.  The polynomials are minimax fits of the quotients named beside them.

constexpr float infinity = __builtin_inff();
constexpr float nan = __builtin_nanf("");

// ln 2 in two parts; a product of the first with an exponent is exact.
constexpr float ln2_high = 0x1.62e4p-1f;
constexpr float ln2_low = 1.42860677e-6f;

// 2^k for -126 <= k <= 127.
inline Vec power_of_two(Int k) { return (Vec)(((UInt)k + 127) << 23); }

// x = n ln 2 + r with a whole n, and e^r - 1.
struct Exponent {
    Int n;
    Vec rest;
};
LAMINA_INLINE Exponent exponent_of(Vec x) {
    constexpr float round = 12582912.0f;  // 1.5 * 2^23: adding it rounds to an integer
    const Vec shifted = fma(x, broadcast(1.44269504f), broadcast(round));
    const Vec n = shifted - round;
    Vec r = fma(n, broadcast(-ln2_high), x);
    r = fma(n, broadcast(-ln2_low), r);
    // (e^r - 1 - r) / r^2
    const Vec q =
        polynomial(r, 0.49999994f, 0.166665211f, 0.041668389f, 0.00836871751f, 0.00138145965f);
    return {(Int)((UInt)shifted - (UInt)broadcast(round)), fma(r * r, q, r)};
}

LAMINA_INLINE Vec exp(Vec x) {
    const Exponent e = exponent_of(clamp(x, -104.0f, 89.0f));
    // 2^n in two factors, neither of which overflows; a subnormal result is rounded once.
    const Int half = e.n >> 1;
    return (e.rest + 1.0f) * power_of_two(half) * power_of_two(e.n - half);
}

// e^x - 1
LAMINA_INLINE Vec expm1(Vec x) {
    const Exponent e = exponent_of(clamp(x, -20.0f, 89.0f));
    const Vec half = power_of_two(e.n - 1);  // 2^n itself may overflow
    const Vec y = fma(e.rest, half, half - 0.5f) * 2.0f;
    return select(e.n == 0, e.rest, y);
}

// n ln 2 + log(1 + f) for sqrt(1/2) - 1 <= f <= sqrt(2) - 1.
LAMINA_INLINE Vec log_of_parts(Vec n, Vec f) {
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
LAMINA_INLINE Split split(Vec x) {
    constexpr std::uint32_t sqrt_half = 0x3f3504f3;
    const UInt bits = (UInt)x - sqrt_half;
    return {(Int)bits >> 23, (Vec)((bits & 0x007fffff) + sqrt_half)};
}

LAMINA_INLINE Vec log(Vec x) {
    const Int small = x < 0x1p-126f;
    const Split s = split(select(small, x * 0x1p23f, x));
    const Vec n = to_float(s.exponent) - select(small, broadcast(23.0f), Vec{});
    const Vec y = log_of_parts(n, s.mantissa - 1.0f);
    const Vec outside =
        select(x == 0.0f, broadcast(-infinity), select(x < 0.0f, broadcast(nan), x));
    return select((x > 0.0f) & (x < infinity), y, outside);
}

LAMINA_INLINE Vec log1p(Vec x) {
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

LAMINA_INLINE Vec tanh(Vec x) {
    const Vec a = abs(x);
    const Vec s = a * a;
    // (tanh(a) / a - 1) / a^2, in a^2
    const Vec q =
        polynomial(s, -0.333332807f, 0.133314416f, -0.0537397116f, 0.0206390787f, -0.00570497848f);
    const Vec near = fma(a * s, q, a);
    const Vec far = 1.0f - 2.0f / (exp(a + a) + 1.0f);
    return copy_sign(select(a < 0.625f, near, far), x);
}

LAMINA_INLINE Vec erf(Vec x) {
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

// To the nearest whole number, halves to the even one.
inline Vec round(Vec x) {
    const Vec a = abs(x);
    return select(a < 0x1p23f, copy_sign((a + 0x1p23f) - 0x1p23f, x), x);
}
