// Activations and their gradients, which are computed from the result y where it tells enough.

// x < 0 ? 0 : x.  A NaN stays a NaN, as in Keras.
inline Vec relu(Vec x) { return select(x < 0.0f, Vec{}, x); }

inline void relu(float* y, const float* x, std::size_t n) {
    map(y, x, n, [](Vec v) { return relu(v); });
}

inline void relu_gradient(float* dx, const float* dy, std::size_t step_dy, const float* y,
                          std::size_t step_y, std::size_t n) {
    map_operands(
        dx, n, [](Vec d, Vec v) { return select(v > 0.0f, d, Vec{}); }, Operand(dy, step_dy, n),
        Operand(y, step_y, n));
}

// The gradient of dropout after relu, from the result y: dx = y > 0 ? dy * scale : 0.
inline void gate(float* dx, const float* dy, std::size_t step_dy, const float* y,
                 std::size_t step_y, const float* scale, std::size_t step_scale, std::size_t n) {
    map_operands(
        dx, n, [](Vec d, Vec v, Vec s) { return select(v > 0.0f, d * s, Vec{}); },
        Operand(dy, step_dy, n), Operand(y, step_y, n), Operand(scale, step_scale, n));
}

// 1 / (1 + e^-x), as 1 - q above 0 and e - e q below, with e = e^-|x| and q = e / (1 + e): nothing
// overflows, and the rounding of 1 + e counts for little.
LAMINA_INLINE Vec sigmoid(Vec x) {
    const Vec e = exp(-abs(x));
    const Vec whole = select(x < 0.0f, e, broadcast(1.0f));
    return fma(-whole, e / (e + 1.0f), whole);
}

inline void sigmoid(float* y, const float* x, std::size_t n) {
    map(y, x, n, [](Vec v) { return sigmoid(v); });
}

inline void sigmoid_gradient(float* dx, const float* dy, std::size_t step_dy, const float* y,
                             std::size_t step_y, std::size_t n) {
    map_operands(
        dx, n, [](Vec d, Vec v) { return d * v * (1.0f - v); }, Operand(dy, step_dy, n),
        Operand(y, step_y, n));
}

inline void tanh(float* y, const float* x, std::size_t n) {
    map(y, x, n, [](Vec v) { return tanh(v); });
}

inline void tanh_gradient(float* dx, const float* dy, std::size_t step_dy, const float* y,
                          std::size_t step_y, std::size_t n) {
    map_operands(
        dx, n, [](Vec d, Vec v) { return d * (1.0f - v * v); }, Operand(dy, step_dy, n),
        Operand(y, step_y, n));
}

// log(1 + e^x)
inline void softplus(float* y, const float* x, std::size_t n) {
    map(y, x, n, [](Vec v) { return select(v < 0.0f, Vec{}, v) + log1p(exp(-abs(v))); });
}

// x where x > 0, else slope * x.
inline Vec leaky_relu(Vec x, Vec slope) { return select(x > 0.0f, x, slope * x); }

inline void leaky_relu(float* y, const float* x, std::size_t step_x, const float* slope,
                       std::size_t step_slope, std::size_t n) {
    map_operands(
        y, n, [](Vec v, Vec s) { return leaky_relu(v, s); }, Operand(x, step_x, n),
        Operand(slope, step_slope, n));
}

// dy where v > 0, else slope * dy; v is x, or for a slope >= 0 the result.
inline void leaky_relu_gradient(float* dx, const float* dy, std::size_t step_dy, const float* v,
                                std::size_t step_v, const float* slope, std::size_t step_slope,
                                std::size_t n) {
    map_operands(
        dx, n, [](Vec d, Vec at, Vec s) { return select(at > 0.0f, d, s * d); },
        Operand(dy, step_dy, n), Operand(v, step_v, n), Operand(slope, step_slope, n));
}

// alpha (e^x - 1) where x < 0, else x.
inline Vec elu(Vec x, Vec alpha) { return select(x < 0.0f, alpha * expm1(x), x); }

inline void elu(float* y, const float* x, std::size_t step_x, const float* alpha,
                std::size_t step_alpha, std::size_t n) {
    map_operands(
        y, n, [](Vec v, Vec a) { return elu(v, a); }, Operand(x, step_x, n),
        Operand(alpha, step_alpha, n));
}

// From the result, for alpha > 0.
inline void elu_gradient(float* dx, const float* dy, std::size_t step_dy, const float* y,
                         std::size_t step_y, const float* alpha, std::size_t step_alpha,
                         std::size_t n) {
    map_operands(
        dx, n, [](Vec d, Vec v, Vec a) { return select(v > 0.0f, d, d * (v + a)); },
        Operand(dy, step_dy, n), Operand(y, step_y, n), Operand(alpha, step_alpha, n));
}

// Klambauer et al., 2017
constexpr float selu_scale = 1.05070098f, selu_scaled_alpha = 1.75809934f;

inline Vec selu(Vec x) { return select(x < 0.0f, selu_scaled_alpha * expm1(x), selu_scale * x); }

inline void selu(float* y, const float* x, std::size_t n) {
    map(y, x, n, [](Vec v) { return selu(v); });
}

inline void selu_gradient(float* dx, const float* dy, std::size_t step_dy, const float* y,
                          std::size_t step_y, std::size_t n) {
    const auto f = [](Vec d, Vec v) {
        return d * select(v > 0.0f, broadcast(selu_scale), v + selu_scaled_alpha);
    };
    map_operands(dx, n, f, Operand(dy, step_dy, n), Operand(y, step_y, n));
}

// x sigmoid(u)
LAMINA_INLINE Vec times_sigmoid(Vec x, Vec u) {
    const Vec e = exp(-abs(u));
    return x * select(u < 0.0f, e, broadcast(1.0f)) / (1.0f + e);
}

LAMINA_INLINE Vec silu(Vec x) { return times_sigmoid(x, x); }

inline void silu(float* y, const float* x, std::size_t n) {
    map(y, x, n, [](Vec v) { return silu(v); });
}

// sigmoid(u) and 1 - sigmoid(u), neither of which loses digits.
struct BothSides {
    Vec at, rest;
};
inline BothSides both_sides(Vec u) {
    const Vec e = exp(-abs(u)), one = broadcast(1.0f);
    const Vec share = one / (one + e);
    return {select(u < 0.0f, e, one) * share, select(u < 0.0f, one, e) * share};
}

inline void silu_gradient(float* dx, const float* dy, std::size_t step_dy, const float* x,
                          std::size_t step_x, std::size_t n) {
    const auto f = [](Vec d, Vec v) {
        const BothSides s = both_sides(v);
        return d * (s.at * fma(v, s.rest, broadcast(1.0f)));
    };
    map_operands(dx, n, f, Operand(dy, step_dy, n), Operand(x, step_x, n));
}
