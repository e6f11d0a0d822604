// The kernels' functions in double, by the standard library: the truth they are checked against.
#pragma once

#include <algorithm>
#include <cmath>

namespace lamina::bench::naive {

inline double abs(double x) { return std::abs(x); }
inline double ceil(double x) { return std::ceil(x); }
inline double erf(double x) { return std::erf(x); }
inline double exp(double x) { return std::exp(x); }
inline double floor(double x) { return std::floor(x); }
inline double isfinite(double x) { return std::isfinite(x); }
inline double isnan(double x) { return std::isnan(x); }
inline double log(double x) { return std::log(x); }
inline double log1p(double x) { return std::log1p(x); }
inline double logical_not(double x) { return x == 0; }
inline double negative(double x) { return -x; }
inline double reciprocal(double x) { return 1 / x; }
inline double relu(double x) { return x < 0 ? 0 : x; }
inline double rsqrt(double x) { return 1 / std::sqrt(x); }
inline double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
inline double sign(double x) { return (x > 0) - (x < 0); }
inline double softplus(double x) { return std::log1p(std::exp(x)); }
inline double sqrt(double x) { return std::sqrt(x); }
inline double square(double x) { return x * x; }
inline double tanh(double x) { return std::tanh(x); }

inline double arccos(double x) { return std::acos(x); }
inline double arccosh(double x) { return std::acosh(x); }
inline double arcsin(double x) { return std::asin(x); }
inline double arcsinh(double x) { return std::asinh(x); }
inline double arctan(double x) { return std::atan(x); }
inline double arctanh(double x) { return std::atanh(x); }
inline double cbrt(double x) { return std::cbrt(x); }
inline double cos(double x) { return std::cos(x); }
inline double cosh(double x) { return std::cosh(x); }
inline double exp2(double x) { return std::exp2(x); }
inline double expm1(double x) { return std::expm1(x); }
inline double gelu(double x) { return x * std::erfc(-x / std::sqrt(2.0)) / 2; }
inline double gelu_tanh(double x) {
    return x / (1 + std::exp(-1.5957691216057308 * (x + 0.044715 * x * x * x)));
}
inline double log10(double x) { return std::log10(x); }
inline double log2(double x) { return std::log2(x); }
inline double round(double x) { return std::nearbyint(x); }
inline double selu(double x) {
    return 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * std::expm1(x));
}
inline double silu(double x) { return x / (1 + std::exp(-x)); }
inline double sin(double x) { return std::sin(x); }
inline double sinh(double x) { return std::sinh(x); }
inline double tan(double x) { return std::tan(x); }

// By Newton's steps.
inline double erfinv(double x) {
    double y = 0;
    for (int i = 0; i < 60; ++i)
        y -= (std::erf(y) - x) / 1.1283791670955126 * std::exp(std::min(y * y, 30.0));
    return y;
}

inline double add(double a, double b) { return a + b; }
inline double divide(double a, double b) { return a / b; }
inline double equal(double a, double b) { return a == b; }
inline double floor_divide(double a, double b) { return std::floor(a / b); }
inline double greater(double a, double b) { return a > b; }
inline double greater_equal(double a, double b) { return a >= b; }
inline double less(double a, double b) { return a < b; }
inline double less_equal(double a, double b) { return a <= b; }
inline double logical_and(double a, double b) { return a != 0 && b != 0; }
inline double logical_or(double a, double b) { return a != 0 || b != 0; }
inline double maximum(double a, double b) { return std::fmax(a, b); }
inline double minimum(double a, double b) { return std::fmin(a, b); }
inline double mod(double a, double b) { return a - std::floor(a / b) * b; }
inline double multiply(double a, double b) { return a * b; }
inline double not_equal(double a, double b) { return a != b; }
inline double power(double a, double b) { return std::pow(a, b); }
inline double relu_gradient(double d, double y) { return y > 0 ? d : 0; }
inline double sigmoid_gradient(double d, double y) { return d * y * (1 - y); }
inline double subtract(double a, double b) { return a - b; }
inline double tanh_gradient(double d, double y) { return d * (1 - y * y); }

inline double arctan2(double y, double x) { return std::atan2(y, x); }
inline double elu(double x, double alpha) { return x > 0 ? x : alpha * std::expm1(x); }
inline double gelu_gradient(double d, double x) {
    return d * (std::erfc(-x / std::sqrt(2.0)) / 2 + x * std::exp(-x * x / 2) * 0.3989422804014327);
}
inline double gelu_tanh_gradient(double d, double x) {
    const double s = gelu_tanh(x) / x, slope = 1.5957691216057308 * (1 + 0.134145 * x * x);
    return d * s * (1 + x * (1 - s) * slope);
}
inline double hypot(double a, double b) { return std::hypot(a, b); }
inline double leaky_relu(double x, double slope) { return x > 0 ? x : slope * x; }
inline double selu_gradient(double d, double y) {
    return d * (y > 0 ? 1.0507009873554805 : y + 1.7580993408473766);
}
inline double silu_gradient(double d, double x) {
    const double s = 1 / (1 + std::exp(-x));
    return d * s * (1 + x * (1 - s));
}

inline double elu_gradient(double d, double y, double alpha) { return y > 0 ? d : d * (y + alpha); }
inline double leaky_relu_gradient(double d, double v, double slope) {
    return v > 0 ? d : slope * d;
}
inline double gate(double d, double y, double scale) { return y > 0 ? d * scale : 0; }
inline double where(double c, double a, double b) { return c != 0 ? a : b; }

}  // namespace lamina::bench::naive
