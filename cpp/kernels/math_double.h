// Functions that are computed in double, half a vector at a time, and rounded once: the same
// operations at every level, fused or not.

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

using HalfVec = float __attribute__((vector_size(2 * width)));

// f of each half of the operands, in double.
template <typename F, typename... Operands>
inline Vec in_double(F f, Operands... operands) {
    union Halves {
        Vec whole;
        HalfVec half[2];
    };
    Halves y;
    for (int i = 0; i < 2; ++i)
        y.half[i] = __builtin_convertvector(
            f(__builtin_convertvector(Halves{operands}.half[i], Double)...), HalfVec);
    return y.whole;
}

// As C's pow.
inline Vec power(Vec a, Vec b) {
    const Int integer = floor(b) == b;
    const Int odd = integer & (floor(b * 0.5f) != b * 0.5f);
    Vec y = in_double([](Double base, Double e) { return exp2(e * log2(base)); }, abs(a), b);
    y = select(odd, copy_sign(y, a), y);
    y = select((a < 0.0f) & (a > -infinity) & ~integer, broadcast(nan), y);
    const Int one = (b == 0.0f) | (a == 1.0f) | ((a == -1.0f) & (abs(b) == infinity));
    return select(one, broadcast(1.0f), y);
}

// --- pieces ------------------------------------------------------------------------------------

constexpr double pi = 3.14159265358979324;
constexpr double not_a_number = __builtin_nan("");
constexpr double infinite = __builtin_inf();

inline Double constant(double x) { return x - Double{}; }
inline Double abs(Double x) { return (Double)((Int64)x & INT64_MAX); }
// |x| with the sign of s.
inline Double copy_sign(Double x, Double s) {
    return (Double)(((Int64)x & INT64_MAX) | ((Int64)s & INT64_MIN));
}
inline Double sqrt(Double x) {
    for (std::size_t i = 0; i < width / 2; ++i) x[i] = __builtin_sqrt(x[i]);
    return x;
}

// The natural logarithm, and the exponential; NaN below 0, of a double that a float brings about.
inline Double ln(Double x) {
    return select(x < 0.0, constant(not_a_number), log2(x) * 0.69314718055994531);
}
inline Double e_to(Double x) { return exp2(x * 1.4426950408889634); }

inline Vec log2(Vec x) {
    return in_double([](Double a) { return select(a < 0.0, constant(not_a_number), log2(a)); }, x);
}
inline Vec log10(Vec x) {
    return in_double([](Double a) { return ln(a) * 0.43429448190325182; }, x);
}
inline Vec exp2(Vec x) {
    return in_double([](Double a) { return exp2(a); }, x);
}

// --- roots --------------------------------------------------------------------------------------

inline Vec cbrt(Vec x) {
    const auto f = [](Double a) { return copy_sign(exp2(log2(abs(a)) * (1.0 / 3)), a); };
    return select(x == 0.0f, x, in_double(f, x));
}

// sqrt(a^2 + b^2); infinite when one is, even beside a NaN.
inline Vec hypot(Vec a, Vec b) {
    const Vec y = in_double([](Double p, Double q) { return sqrt(p * p + q * q); }, a, b);
    return select((abs(a) == infinity) | (abs(b) == infinity), broadcast(infinity), y);
}

// --- hyperbolic functions -----------------------------------------------------------------------

// Near 0 the first two terms of the series, else `far`, with the sign of x.
inline Double odd(Double x, double third, Double far) {
    const Double a = abs(x);
    return copy_sign(select(a < 1e-4, a + a * a * a * third, far), x);
}

inline Vec sinh(Vec x) {
    const auto f = [](Double a) {
        const Double e = e_to(abs(a));
        return odd(a, 1.0 / 6, (e - 1.0 / e) * 0.5);
    };
    return in_double(f, x);
}

inline Vec cosh(Vec x) {
    const auto f = [](Double a) {
        const Double e = e_to(abs(a));
        return (e + 1.0 / e) * 0.5;
    };
    return in_double(f, x);
}

inline Vec arcsinh(Vec x) {
    const auto f = [](Double a) {
        const Double size = abs(a);
        return odd(a, -1.0 / 6, ln(size + sqrt(size * size + 1.0)));
    };
    return in_double(f, x);
}

inline Vec arccosh(Vec x) {
    return in_double(
        [](Double a) {
            return select(a < 1.0, constant(not_a_number), ln(a + sqrt((a - 1.0) * (a + 1.0))));
        },
        x);
}

inline Vec arctanh(Vec x) {
    const auto f = [](Double a) {
        const Double size = abs(a);
        return odd(a, 1.0 / 3, 0.5 * ln((1.0 + size) / (1.0 - size)));
    };
    return in_double(f, x);
}

// --- the inverse of erf -------------------------------------------------------------------------

// erfinv(x) / x, in w = -log(1 - x^2) and in its root; good for 1 - |x| >= 2^-33.
inline Double erfinv(Double x) {
    const Double a = abs(x);
    const Double w = -ln((1.0 - a) * (1.0 + a));
    const Double middle =
        horner(w - 3.125, 1.6536545624486783, 0.24015817882593241, -0.0060336693706609431,
               -0.00074069179534417043, 0.00018673269351268139, -1.3891705113301399e-05,
               -1.3649658912255722e-06, 4.2688318449058717e-07, -2.9127533068221828e-08,
               -4.7423143285582614e-09, 1.0517020795908216e-09, 5.300079819470227e-12,
               -1.3092721351526393e-11);
    const Double ends =
        horner(sqrt(w) - 3.75, 3.5875041876516551, 1.0086776344767694, 0.0020544208242698897,
               -0.0012865849035669091, 0.00054488529956112086, -0.00026617239295026462,
               0.00015861418262910765, -9.4172349397153576e-05, 4.8887298611077767e-05,
               -1.8146013526454396e-05, 2.5536406178527926e-07, 3.6831988112218106e-06,
               -1.1997210876968367e-06);
    const Double y = x * select(w < 6.25, middle, ends);
    return select(a == 1.0, copy_sign(constant(infinite), x), y);
}

inline Vec erfinv(Vec x) {
    return in_double([](Double a) { return erfinv(a); }, x);
}
