// Functions that the kernels compute in double and round once (cpp/kernels/math_double.h,
// trigonometry.h).

static inline uint64_t lamina_bits64(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline double lamina_from_bits64(uint64_t bits) {
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static inline double lamina_abs64(double x) {
    return lamina_from_bits64(lamina_bits64(x) & 0x7fffffffffffffffu);
}

// |x| with the sign of s.
static inline double lamina_copy_sign64(double x, double s) {
    return lamina_from_bits64((lamina_bits64(x) & 0x7fffffffffffffffu) |
                              (lamina_bits64(s) & 0x8000000000000000u));
}

// log2 of x >= 0, x a float.
static inline double lamina_log2_64(double x) {
    if (x == 0.0) return -INFINITY;
    if (!(x > 0.0 && x < INFINITY)) return x;
    const uint64_t bits = lamina_bits64(x);
    double mantissa = lamina_from_bits64((bits & 0x000fffffffffffffu) | 0x3ff0000000000000u);
    double exponent = (double)(bits >> 52) - 1023.0;
    if (mantissa > 1.4142135623730951) {
        mantissa *= 0.5;
        exponent += 1.0;
    }
    const double t = (mantissa - 1.0) / (mantissa + 1.0), s = t * t;
    double y = 1.0 / 15;
    y = y * s + 1.0 / 13;
    y = y * s + 1.0 / 11;
    y = y * s + 1.0 / 9;
    y = y * s + 1.0 / 7;
    y = y * s + 1.0 / 5;
    y = y * s + 1.0 / 3;
    y = y * s + 1.0;
    return exponent + t * y * 2.8853900817779268;  // 2 / ln 2
}

static inline double lamina_exp2_64(double x) {
    x = x < -200.0 ? -200.0 : x;
    x = x > 200.0 ? 200.0 : x;
    const double shifted = x + 6755399441055744.0;  // 1.5 * 2^52
    const double r = (x - (shifted - 6755399441055744.0)) * 0.69314718055994531;
    double y = 1.0 / 3628800;
    y = y * r + 1.0 / 362880;
    y = y * r + 1.0 / 40320;
    y = y * r + 1.0 / 5040;
    y = y * r + 1.0 / 720;
    y = y * r + 1.0 / 120;
    y = y * r + 1.0 / 24;
    y = y * r + 1.0 / 6;
    y = y * r + 1.0 / 2;
    y = y * r + 1.0;
    y = y * r + 1.0;
    const uint64_t exponent = lamina_bits64(shifted) - lamina_bits64(6755399441055744.0);
    return y * lamina_from_bits64((exponent + 1023u) << 52);
}

// As C's pow.
static inline float lamina_power(float a, float b) {
    const int integer = floorf(b) == b, odd = integer && floorf(b * 0.5f) != b * 0.5f;
    if (b == 0.0f || a == 1.0f || (a == -1.0f && lamina_abs(b) == INFINITY)) return 1.0f;
    if (a < 0.0f && a > -INFINITY && !integer) return NAN;
    const float y = (float)lamina_exp2_64((double)b * lamina_log2_64((double)lamina_abs(a)));
    return odd ? lamina_copy_sign(y, a) : y;
}

static inline double lamina_ln64(double x) {
    return x < 0.0 ? NAN : lamina_log2_64(x) * 0.69314718055994531;
}

static inline double lamina_e_to(double x) { return lamina_exp2_64(x * 1.4426950408889634); }

static inline float lamina_log2(float x) {
    return x < 0.0f ? NAN : (float)lamina_log2_64((double)x);
}

static inline float lamina_log10(float x) {
    return (float)(lamina_ln64((double)x) * 0.43429448190325182);
}

static inline float lamina_exp2(float x) { return (float)lamina_exp2_64((double)x); }

static inline float lamina_cbrt(float x) {
    if (x == 0.0f) return x;
    const double root = lamina_exp2_64(lamina_log2_64(lamina_abs64((double)x)) * (1.0 / 3));
    return (float)lamina_copy_sign64(root, (double)x);
}

// sqrt(a^2 + b^2); infinite when one is, even beside a NaN.
static inline float lamina_hypot(float a, float b) {
    if (lamina_abs(a) == INFINITY || lamina_abs(b) == INFINITY) return INFINITY;
    const double p = (double)a, q = (double)b;
    return (float)sqrt(p * p + q * q);
}

// Near 0 the first two terms of the series, else `far`, with the sign of x.
static inline double lamina_odd(double x, double third, double far) {
    const double a = lamina_abs64(x);
    return lamina_copy_sign64(a < 1e-4 ? a + a * a * a * third : far, x);
}

static inline float lamina_sinh(float x) {
    const double e = lamina_e_to(lamina_abs64((double)x));
    return (float)lamina_odd((double)x, 1.0 / 6, (e - 1.0 / e) * 0.5);
}

static inline float lamina_cosh(float x) {
    const double e = lamina_e_to(lamina_abs64((double)x));
    return (float)((e + 1.0 / e) * 0.5);
}

static inline float lamina_arcsinh(float x) {
    const double a = lamina_abs64((double)x);
    return (float)lamina_odd((double)x, -1.0 / 6, lamina_ln64(a + sqrt(a * a + 1.0)));
}

static inline float lamina_arccosh(float x) {
    const double a = (double)x;
    return a < 1.0 ? NAN : (float)lamina_ln64(a + sqrt((a - 1.0) * (a + 1.0)));
}

static inline float lamina_arctanh(float x) {
    const double a = lamina_abs64((double)x);
    return (float)lamina_odd((double)x, 1.0 / 3, 0.5 * lamina_ln64((1.0 + a) / (1.0 - a)));
}

// c[0] + c[1] x + ... + c[n - 1] x^(n - 1)
static inline double lamina_horner(double x, const double *c, int n) {
    double y = c[n - 1];
    for (int i = n - 2; i >= 0; --i) y = y * x + c[i];
    return y;
}

static inline float lamina_erfinv(float x) {
    static const double middle[] = {
        1.6536545624486783,      0.24015817882593241,    -0.0060336693706609431,
        -0.00074069179534417043, 0.00018673269351268139, -1.3891705113301399e-05,
        -1.3649658912255722e-06, 4.2688318449058717e-07, -2.9127533068221828e-08,
        -4.7423143285582614e-09, 1.0517020795908216e-09, 5.300079819470227e-12,
        -1.3092721351526393e-11};
    static const double ends[] = {
        3.5875041876516551,      1.0086776344767694,      0.0020544208242698897,
        -0.0012865849035669091,  0.00054488529956112086,  -0.00026617239295026462,
        0.00015861418262910765,  -9.4172349397153576e-05, 4.8887298611077767e-05,
        -1.8146013526454396e-05, 2.5536406178527926e-07,  3.6831988112218106e-06,
        -1.1997210876968367e-06};
    const double a = lamina_abs64((double)x);
    const double w = -lamina_ln64((1.0 - a) * (1.0 + a));
    if (a == 1.0) return lamina_copy_sign(INFINITY, x);
    if (w < 6.25) return (float)((double)x * lamina_horner(w - 3.125, middle, 13));
    return (float)((double)x * lamina_horner(sqrt(w) - 3.75, ends, 13));
}

// x = n pi / 2 + rest; returns n, of which the last two bits count.  For |x| >= 2^20: the product
// of its 24 digits with those digits of 2 / pi that do not only give multiples of 4 (Payne and
// Hanek, 1983).
static inline int lamina_reduce(float x, double *rest) {
    static const uint32_t two_over_pi[] = {0,           0xa2f9836eu, 0x4e441529u, 0xfc2757d1u,
                                           0xf534ddc0u, 0xdb629599u, 0x3c439041u, 0xfe5163abu};
    const double half_pi = 1.57079632679489661923;
    if (lamina_abs(x) < 1048576.0f) {
        const double shifted = (double)x * (2 / 3.14159265358979324) + 6755399441055744.0;
        const double n = shifted - 6755399441055744.0;
        *rest = (((double)x - n * 1.5707963267341256) - n * 6.077100506303966e-11) -
                n * 2.0222662487959506e-21;
        return (int)(lamina_bits64(shifted) & 3);
    }
    if (!(lamina_abs(x) < INFINITY)) {
        *rest = NAN;
        return 0;
    }
    const uint32_t bits = lamina_bits(x) & 0x7fffffffu, start = (bits >> 23) - 120u;
    const uint32_t shift = start % 32u, *const word = two_over_pi + start / 32u;
    const uint64_t digits = (bits & 0x007fffffu) | 0x00800000u;
    uint64_t part[3];
    for (int i = 0; i < 3; ++i)
        part[i] = ((uint64_t)word[i] << 32 | (uint64_t)word[i + 1]) << shift >> 32;
    const uint64_t high = (part[0] << 32 | part[1]) * digits + (part[2] * digits >> 32);
    const uint64_t n = (high + ((uint64_t)1 << 61)) >> 62;
    const double size =
        (double)(int64_t)(high - (n << 62)) * (2.168404344971009e-19 * half_pi);  // 2^-62
    *rest = x < 0.0f ? -size : size;
    return (int)((x < 0.0f ? 0u - n : n) & 3u);
}

// The sine of an angle that is so many quadrants further.
static inline double lamina_sine(int quadrant, double rest) {
    static const double of_sin[] = {1.0,         -1.0 / 6,     1.0 / 120,
                                    -1.0 / 5040, 1.0 / 362880, -1.0 / 39916800};
    static const double of_cos[] = {1.0,         -1.0 / 2,       1.0 / 24,       -1.0 / 720,
                                    1.0 / 40320, -1.0 / 3628800, 1.0 / 479001600};
    const double s = rest * rest;
    const double y =
        quadrant & 1 ? lamina_horner(s, of_cos, 7) : rest * lamina_horner(s, of_sin, 6);
    return quadrant & 2 ? -y : y;
}

static inline float lamina_sin(float x) {
    double rest;
    const int quadrant = lamina_reduce(x, &rest);
    return (float)lamina_sine(quadrant, rest);
}

static inline float lamina_cos(float x) {
    double rest;
    const int quadrant = lamina_reduce(x, &rest);
    return (float)lamina_sine(quadrant + 1, rest);
}

static inline float lamina_tan(float x) {
    double rest;
    const int quadrant = lamina_reduce(x, &rest);
    return (float)(lamina_sine(quadrant, rest) / lamina_sine(quadrant + 1, rest));
}

// For x >= 0, infinity among them.
static inline double lamina_arctan_of_positive(double x) {
    static const double series[] = {1.0,      -1.0 / 3,  1.0 / 5,  -1.0 / 7,  1.0 / 9,  -1.0 / 11,
                                    1.0 / 13, -1.0 / 15, 1.0 / 17, -1.0 / 19, 1.0 / 21, -1.0 / 23};
    const double quarter_pi = 0.785398163397448309616, half_pi = 1.57079632679489661923;
    const double t = x > 1.0 ? 1.0 / x : x;
    const int above = t > 0.41421356237309503;  // tan(pi / 8)
    const double u = above ? (t - 1.0) / (t + 1.0) : t;
    double y = u * lamina_horner(u * u, series, 12);
    y = above ? quarter_pi + y : y;
    return x > 1.0 ? half_pi - y : y;
}

static inline float lamina_arctan(float x) {
    const double a = (double)x;
    return (float)lamina_copy_sign64(lamina_arctan_of_positive(lamina_abs64(a)), a);
}

static inline float lamina_arcsin(float x) {
    const double size = lamina_abs64((double)x), rest = sqrt((1.0 - size) * (1.0 + size));
    return (float)lamina_copy_sign64(lamina_arctan_of_positive(size / rest), (double)x);
}

static inline float lamina_arccos(float x) {
    const double a = (double)x;
    return (float)(2.0 * lamina_arctan_of_positive(sqrt((1.0 - a) / (1.0 + a))));
}

// The angle of the point (x, y), as C's atan2.
static inline float lamina_arctan2(float y, float x) {
    const double high = lamina_abs64((double)y), wide = lamina_abs64((double)x);
    const int equal = high == wide && (high == 0.0 || high == INFINITY);
    const double ratio = !equal ? high / wide : high == 0.0 ? 0.0 : 1.0;
    const double angle = lamina_arctan_of_positive(ratio);
    const int left = (lamina_bits(x) >> 31) != 0;
    if (x != x || y != y) return NAN;
    return lamina_copy_sign((float)(left ? 3.14159265358979324 - angle : angle), y);
}
