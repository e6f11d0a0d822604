// Functions of one float: the kernels' own (cpp/kernels), which say where the numbers come from,
// one element at a time.  A header gets those that its model needs.

// a * b + c, rounded once.
static inline float lamina_fma(float a, float b, float c) {
#if defined(__FMA__) || defined(__FP_FAST_FMAF) || defined(FP_FAST_FMAF)
    return fmaf(a, b, c);
#else
    // The product is exact in double.  Rounding its sum with c to double and then to float is
    // rounding once, but where the first of these ends between two floats; then it is done to odd
    // (Boldo and Melquiond, 2008).
    const double product = (double)a * (double)b, sum = product + (double)c;
    uint64_t bits;
    memcpy(&bits, &sum, sizeof bits);
    if (bits & 0x0fffffffu) return (float)sum;
    const double part = sum - product;
    const double lost = (product - (sum - part)) + ((double)c - part);
    if (!(lost > 0.0 || lost < 0.0)) return (float)sum;
    bits += (lost > 0.0) == (sum > 0.0) ? 1u : ~(uint64_t)0;
    double odd;
    memcpy(&odd, &bits, sizeof odd);
    return (float)odd;
#endif
}

static inline uint32_t lamina_bits(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline float lamina_from_bits(uint32_t bits) {
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

// |x| with the sign of s.
static inline float lamina_copy_sign(float x, float s) {
    return lamina_from_bits((lamina_bits(x) & 0x7fffffffu) | (lamina_bits(s) & 0x80000000u));
}

static inline float lamina_abs(float x) { return lamina_from_bits(lamina_bits(x) & 0x7fffffffu); }

// A NaN in either operand comes out.
static inline float lamina_maximum(float a, float b) { return (a >= b || a != a) ? a : b; }

static inline float lamina_minimum(float a, float b) { return (a <= b || a != a) ? a : b; }

// x within [low, high]; a NaN stays.
static inline float lamina_clamp(float x, float low, float high) {
    x = x < low ? low : x;
    return x > high ? high : x;
}

static inline float lamina_sign(float x) { return x > 0.0f ? 1.0f : x < 0.0f ? -1.0f : x + 0.0f; }

static inline float lamina_isfinite(float x) { return lamina_abs(x) < INFINITY ? 1.0f : 0.0f; }

static inline float lamina_floor(float x) {
    if (!(lamina_abs(x) < 8388608.0f)) return x;  // 2^23
    const float truncated = (float)(int32_t)x;
    return lamina_copy_sign(truncated > x ? truncated - 1.0f : truncated, x);
}

static inline float lamina_ceil(float x) { return -lamina_floor(-x); }

// To the nearest whole number, halves to the even one.
static inline float lamina_round(float x) {
    const float a = lamina_abs(x);
    return a < 8388608.0f ? lamina_copy_sign((a + 8388608.0f) - 8388608.0f, x) : x;
}

// 2^k for -126 <= k <= 127.
static inline float lamina_power_of_two(int32_t k) {
    return lamina_from_bits(((uint32_t)k + 127u) << 23);
}

// x = n ln 2 + r; returns e^r - 1.
static inline float lamina_exponent(float x, int32_t *n) {
    const float shifted = lamina_fma(x, 1.44269504f, 12582912.0f);  // 1.5 * 2^23
    const float whole = shifted - 12582912.0f;
    float r = lamina_fma(whole, -0.693145752f, x), q = 0.00138145965f;
    r = lamina_fma(whole, -1.42860677e-6f, r);
    q = lamina_fma(q, r, 0.00836871751f);
    q = lamina_fma(q, r, 0.041668389f);
    q = lamina_fma(q, r, 0.166665211f);
    q = lamina_fma(q, r, 0.49999994f);
    *n = (int32_t)(lamina_bits(shifted) - lamina_bits(12582912.0f));
    return lamina_fma(r * r, q, r);
}

static inline float lamina_exp(float x) {
    int32_t n;
    const float rest = lamina_exponent(lamina_clamp(x, -104.0f, 89.0f), &n);
    const int32_t half = n >> 1;
    return (rest + 1.0f) * lamina_power_of_two(half) * lamina_power_of_two(n - half);
}

// e^x - 1
static inline float lamina_expm1(float x) {
    int32_t n;
    const float rest = lamina_exponent(lamina_clamp(x, -20.0f, 89.0f), &n);
    const float half = lamina_power_of_two(n - 1);
    const float y = lamina_fma(rest, half, half - 0.5f) * 2.0f;
    return n == 0 ? rest : y;
}

// n ln 2 + log(1 + f) for sqrt(1/2) - 1 <= f <= sqrt(2) - 1.
static inline float lamina_log_of_parts(float n, float f) {
    const float f2 = f * f;
    float q = 0.0674660131f, tail;
    q = lamina_fma(q, f, -0.116756409f);
    q = lamina_fma(q, f, 0.118881747f);
    q = lamina_fma(q, f, -0.124055915f);
    q = lamina_fma(q, f, 0.142195508f);
    q = lamina_fma(q, f, -0.166679963f);
    q = lamina_fma(q, f, 0.200021192f);
    q = lamina_fma(q, f, -0.250000089f);
    q = lamina_fma(q, f, 0.333333135f);
    tail = lamina_fma(f2 * f, q, n * 1.42860677e-6f);
    tail = lamina_fma(f2, -0.5f, tail);
    return lamina_fma(n, 0.693145752f, f + tail);
}

// x = 2^exponent * mantissa, sqrt(1/2) <= mantissa < sqrt(2), for normal x > 0.
static inline float lamina_split(float x, int32_t *exponent) {
    const uint32_t bits = lamina_bits(x) - 0x3f3504f3u;
    *exponent = (int32_t)bits >> 23;
    return lamina_from_bits((bits & 0x007fffffu) + 0x3f3504f3u);
}

static inline float lamina_log(float x) {
    const int small = x < 1.17549435e-38f;
    int32_t exponent;
    const float mantissa = lamina_split(small ? x * 8388608.0f : x, &exponent);
    const float y = lamina_log_of_parts((float)exponent - (small ? 23.0f : 0.0f), mantissa - 1.0f);
    if (x > 0.0f && x < INFINITY) return y;
    return x == 0.0f ? -INFINITY : x < 0.0f ? NAN : x;
}

static inline float lamina_log1p(float x) {
    const float u = x + 1.0f, lost = x < 1.0f ? x - (u - 1.0f) : 1.0f - (u - x);
    int32_t exponent;
    const float mantissa = lamina_split(u, &exponent);
    const float rest = x < 1073741824.0f ? lost * lamina_power_of_two(-exponent) : 0.0f;  // 2^30
    const float y = lamina_log_of_parts((float)exponent, (mantissa - 1.0f) + rest);
    if (x > -1.0f && x < INFINITY && x != 0.0f) return y;
    return x == -1.0f ? -INFINITY : x < -1.0f ? NAN : x;
}

static inline float lamina_tanh(float x) {
    const float a = lamina_abs(x), s = a * a;
    float q = -0.00570497848f;
    q = lamina_fma(q, s, 0.0206390787f);
    q = lamina_fma(q, s, -0.0537397116f);
    q = lamina_fma(q, s, 0.133314416f);
    q = lamina_fma(q, s, -0.333332807f);
    const float near = lamina_fma(a * s, q, a);
    const float far = 1.0f - 2.0f / (lamina_exp(a + a) + 1.0f);
    return lamina_copy_sign(a < 0.625f ? near : far, x);
}

static inline float lamina_erf(float x) {
    const float a = lamina_abs(x), s = a * a, t = lamina_clamp(a, 0.0f, 4.0f);
    float p = 8.1850907e-05f, q = 2.08286183e-05f;
    p = lamina_fma(p, s, -0.000809770252f);
    p = lamina_fma(p, s, 0.0051969518f);
    p = lamina_fma(p, s, -0.0268577058f);
    p = lamina_fma(p, s, 0.112836637f);
    p = lamina_fma(p, s, -0.376126319f);
    p = lamina_fma(p, s, 0.128379166f);
    q = lamina_fma(q, t, -0.000431393564f);
    q = lamina_fma(q, t, 0.0041562547f);
    q = lamina_fma(q, t, -0.0250806157f);
    q = lamina_fma(q, t, 0.108220384f);
    q = lamina_fma(q, t, 0.633400857f);
    q = lamina_fma(q, t, 1.12948835f);
    q = lamina_fma(q, t, -0.000169205116f);
    return lamina_copy_sign(a < 0.925f ? lamina_fma(a, p, a) : 1.0f - lamina_exp(-q), x);
}

static inline float lamina_relu(float x) { return x < 0.0f ? 0.0f : x; }

static inline float lamina_sigmoid(float x) {
    const float e = lamina_exp(-lamina_abs(x)), whole = x < 0.0f ? e : 1.0f;
    return lamina_fma(-whole, e / (e + 1.0f), whole);
}

static inline float lamina_softplus(float x) {
    return (x < 0.0f ? 0.0f : x) + lamina_log1p(lamina_exp(-lamina_abs(x)));
}

static inline float lamina_leaky_relu(float x, float slope) { return x > 0.0f ? x : slope * x; }

static inline float lamina_elu(float x, float alpha) {
    return x < 0.0f ? alpha * lamina_expm1(x) : x;
}

static inline float lamina_selu(float x) {
    return x < 0.0f ? 1.75809934f * lamina_expm1(x) : 1.05070098f * x;
}

// x / (1 + e^-u)
static inline float lamina_times_sigmoid(float x, float u) {
    const float e = lamina_exp(-lamina_abs(u));
    return x * (u < 0.0f ? e : 1.0f) / (1.0f + e);
}

static inline float lamina_silu(float x) { return lamina_times_sigmoid(x, x); }

static inline float lamina_gelu(float x) {
    const float a = lamina_clamp(lamina_abs(x), 0.0f, 14.6f), square = a * a;
    const float high = lamina_from_bits(lamina_bits(a) & 0xfffff000u), low = a - high;
    const float lost = ((high * high - square) + 2.0f * high * low) + low * low;
    const float e = lamina_exp(square * -0.5f), r = 1.0f / (a + 3.0f), t = (a - 3.0f) * r;
    float q = 6.68099019e-05f;
    q = lamina_fma(q, t, -0.000191552113f);
    q = lamina_fma(q, t, -0.000970065012f);
    q = lamina_fma(q, t, 0.00100017106f);
    q = lamina_fma(q, t, 0.00694998028f);
    q = lamina_fma(q, t, -0.010455207f);
    q = lamina_fma(q, t, -0.0472608469f);
    q = lamina_fma(q, t, 0.230016693f);
    q = lamina_fma(q, t, -0.509332001f);
    q = lamina_fma(q, t, 0.729083717f);
    const float density = lamina_fma(e * lost, -0.5f, e), ratio = q * r;
    const float above = lamina_fma(-density, a * ratio, x);
    return x > 0.0f ? above : density * (x * ratio);
}

static inline float lamina_gelu_tanh(float x) {
    const float near = lamina_clamp(x, -12.0f, 12.0f);
    return lamina_times_sigmoid(x, near * lamina_fma(near * near, 0.0713548163f, 1.59576912f));
}

// As NumPy: rounded down, the remainder with the sign of b.
static inline float lamina_floor_divide(float a, float b) {
    const float remainder = fmodf(a, b);
    if (b == 0.0f) return a / b;
    float quotient = (a - remainder) / b;
    if (remainder != 0.0f && (b < 0.0f) != (remainder < 0.0f)) quotient -= 1.0f;
    if (quotient == 0.0f) return lamina_copy_sign(0.0f, a / b);
    const float down = floorf(quotient);
    return quotient - down > 0.5f ? down + 1.0f : down;
}

static inline float lamina_mod(float a, float b) {
    const float remainder = fmodf(a, b);
    if (b == 0.0f) return remainder;
    if (remainder == 0.0f) return lamina_copy_sign(0.0f, b);
    return (b < 0.0f) != (remainder < 0.0f) ? remainder + b : remainder;
}
