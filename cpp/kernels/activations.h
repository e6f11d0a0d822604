// Activations and their gradients, which are computed from the result y.

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
inline Vec sigmoid(Vec x) {
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
