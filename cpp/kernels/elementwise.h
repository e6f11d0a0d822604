// Arithmetic, comparisons (0 or 1) and selection, element by element.

#define LAMINA_UNARY(name, expression)                          \
    inline void name(float* y, const float* x, std::size_t n) { \
        map(y, x, n, [](Vec a) { return expression; });         \
    }

LAMINA_UNARY(abs, abs(a))
LAMINA_UNARY(arccos, arccos(a))
LAMINA_UNARY(arccosh, arccosh(a))
LAMINA_UNARY(arcsin, arcsin(a))
LAMINA_UNARY(arcsinh, arcsinh(a))
LAMINA_UNARY(arctan, arctan(a))
LAMINA_UNARY(arctanh, arctanh(a))
LAMINA_UNARY(cbrt, cbrt(a))
LAMINA_UNARY(ceil, -floor(-a))
LAMINA_UNARY(cos, cos(a))
LAMINA_UNARY(cosh, cosh(a))
LAMINA_UNARY(erf, erf(a))
LAMINA_UNARY(erfinv, erfinv(a))
LAMINA_UNARY(exp, exp(a))
LAMINA_UNARY(exp2, exp2(a))
LAMINA_UNARY(expm1, expm1(a))
LAMINA_UNARY(floor, floor(a))
LAMINA_UNARY(isfinite, select(abs(a) < infinity, broadcast(1.0f), Vec{}))
LAMINA_UNARY(isnan, select(a != a, broadcast(1.0f), Vec{}))
LAMINA_UNARY(log, log(a))
LAMINA_UNARY(log10, log10(a))
LAMINA_UNARY(log1p, log1p(a))
LAMINA_UNARY(log2, log2(a))
LAMINA_UNARY(logical_not, select(a == 0.0f, broadcast(1.0f), Vec{}))
LAMINA_UNARY(negative, -a)
LAMINA_UNARY(reciprocal, 1.0f / a)
LAMINA_UNARY(round, round(a))
LAMINA_UNARY(rsqrt, 1.0f / sqrt(a))
// A NaN stays, and both zeros become 0.
LAMINA_UNARY(sign, select(a > 0.0f, broadcast(1.0f), select(a < 0.0f, broadcast(-1.0f), a + 0.0f)))
LAMINA_UNARY(sin, sin(a))
LAMINA_UNARY(sinh, sinh(a))
LAMINA_UNARY(sqrt, sqrt(a))
LAMINA_UNARY(square, a* a)
LAMINA_UNARY(tan, tan(a))

#undef LAMINA_UNARY

#define LAMINA_BINARY(name, expression)                                             \
    inline void name(float* y, const float* x0, std::size_t step0, const float* x1, \
                     std::size_t step1, std::size_t n) {                            \
        map_operands(                                                               \
            y, n, [](Vec a, Vec b) { return expression; }, Operand(x0, step0, n),   \
            Operand(x1, step1, n));                                                 \
    }

LAMINA_BINARY(add, a + b)
LAMINA_BINARY(arctan2, arctan2(a, b))
LAMINA_BINARY(divide, a / b)
LAMINA_BINARY(equal, select(a == b, broadcast(1.0f), Vec{}))
LAMINA_BINARY(greater, select(a > b, broadcast(1.0f), Vec{}))
LAMINA_BINARY(greater_equal, select(a >= b, broadcast(1.0f), Vec{}))
LAMINA_BINARY(hypot, hypot(a, b))
LAMINA_BINARY(less, select(a < b, broadcast(1.0f), Vec{}))
LAMINA_BINARY(less_equal, select(a <= b, broadcast(1.0f), Vec{}))
LAMINA_BINARY(logical_and, select((a != 0.0f) & (b != 0.0f), broadcast(1.0f), Vec{}))
LAMINA_BINARY(logical_or, select((a != 0.0f) | (b != 0.0f), broadcast(1.0f), Vec{}))
LAMINA_BINARY(maximum, maximum(a, b))
LAMINA_BINARY(minimum, minimum(a, b))
LAMINA_BINARY(multiply, a* b)
LAMINA_BINARY(not_equal, select(a != b, broadcast(1.0f), Vec{}))
LAMINA_BINARY(power, power(a, b))
LAMINA_BINARY(subtract, a - b)

#undef LAMINA_BINARY

// condition != 0 ? a : b
inline void where(float* y, const float* condition, std::size_t step_condition, const float* a,
                  std::size_t step_a, const float* b, std::size_t step_b, std::size_t n) {
    map_operands(
        y, n, [](Vec c, Vec u, Vec v) { return select(c != 0.0f, u, v); },
        Operand(condition, step_condition, n), Operand(a, step_a, n), Operand(b, step_b, n));
}

// --- division to an integer, number by number: the remainder must be exact ----------------------

struct Division {
    float quotient, remainder;
};

// As NumPy: the quotient rounded down, the remainder with the sign of b.
inline Division divide_down(float a, float b) {
    float remainder = __builtin_fmodf(a, b);
    if (b == 0.0f) return {a / b, remainder};
    float quotient = (a - remainder) / b;
    if (remainder == 0.0f) {
        remainder = __builtin_copysignf(0.0f, b);
    } else if ((b < 0.0f) != (remainder < 0.0f)) {
        remainder += b;
        quotient -= 1.0f;
    }
    if (quotient == 0.0f) return {__builtin_copysignf(0.0f, a / b), remainder};
    const float down = __builtin_floorf(quotient);
    return {quotient - down > 0.5f ? down + 1.0f : down, remainder};
}

inline void floor_divide(float* y, const float* a, std::size_t step_a, const float* b,
                         std::size_t step_b, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) y[i] = divide_down(a[i * step_a], b[i * step_b]).quotient;
}

inline void mod(float* y, const float* a, std::size_t step_a, const float* b, std::size_t step_b,
                std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) y[i] = divide_down(a[i * step_a], b[i * step_b]).remainder;
}
