// x times the normal distribution up to x (Hendrycks and Gimpel, 2016), whole and approximated.

// The normal distribution beyond a = |x|, at most 14.6: e^(-a^2/2) * ratio.
struct NormalTail {
    Vec a, density, ratio;
};

LAMINA_INLINE NormalTail normal_tail(Vec x) {
    const Vec a = clamp(abs(x), 0.0f, 14.6f);
    // a^2 as a sum of two floats (Dekker, 1971): the exponential magnifies what rounding takes.
    const Vec square = a * a;
    const Vec high = (Vec)((Int)a & static_cast<std::int32_t>(0xfffff000));
    const Vec low = a - high;
    const Vec lost = ((high * high - square) + 2.0f * high * low) + low * low;
    const Vec e = exp(square * -0.5f);
    const Vec r = 1.0f / (a + 3.0f);
    // erfcx(a / sqrt(2)) / 2 * (a + 3), in (a - 3) / (a + 3)
    const Vec q = polynomial((a - 3.0f) * r, 0.729083717f, -0.509332001f, 0.230016693f,
                             -0.0472608469f, -0.010455207f, 0.00694998028f, 0.00100017106f,
                             -0.000970065012f, -0.000191552113f, 6.68099019e-05f);
    return {a, fma(e * lost, broadcast(-0.5f), e), q * r};
}

LAMINA_INLINE Vec gelu(Vec x) {
    const NormalTail t = normal_tail(x);
    const Vec above = fma(-t.density, t.a * t.ratio, x);
    return select(x > 0.0f, above, t.density * (x * t.ratio));
}

inline void gelu(float* y, const float* x, std::size_t n) {
    map(y, x, n, [](Vec v) { return gelu(v); });
}

inline void gelu_gradient(float* dx, const float* dy, std::size_t step_dy, const float* x,
                          std::size_t step_x, std::size_t n) {
    const auto f = [](Vec d, Vec v) {
        constexpr float density = 0.398942280f;  // 1 / sqrt(2 pi)
        const NormalTail t = normal_tail(v);
        const Vec below = t.density * fma(t.a, broadcast(-density), t.ratio);
        return d * select(v > 0.0f, 1.0f - below, below);
    };
    map_operands(dx, n, f, Operand(dy, step_dy, n), Operand(x, step_x, n));
}

// sqrt(8 / pi) (x + 0.044715 x^3), for x within +-12: beyond, its sigmoid is 0 or 1.
struct GeluAngle {
    Vec x, square;
    Vec value() const { return x * fma(square, broadcast(0.0713548163f), broadcast(1.59576912f)); }
    Vec slope() const { return fma(square, broadcast(0.214064449f), broadcast(1.59576912f)); }
};
inline GeluAngle gelu_angle(Vec x) {
    const Vec near = clamp(x, -12.0f, 12.0f);
    return {near, near * near};
}

// (1 + tanh(u / 2)) / 2 is the sigmoid of u.
LAMINA_INLINE Vec gelu_tanh(Vec x) { return times_sigmoid(x, gelu_angle(x).value()); }

inline void gelu_tanh(float* y, const float* x, std::size_t n) {
    map(y, x, n, [](Vec v) { return gelu_tanh(v); });
}

inline void gelu_tanh_gradient(float* dx, const float* dy, std::size_t step_dy, const float* x,
                               std::size_t step_x, std::size_t n) {
    const auto f = [](Vec d, Vec v) {
        const GeluAngle angle = gelu_angle(v);
        const BothSides s = both_sides(angle.value());
        return d * (s.at * fma(angle.x * s.rest, angle.slope(), broadcast(1.0f)));
    };
    map_operands(dx, n, f, Operand(dy, step_dy, n), Operand(x, step_x, n));
}
