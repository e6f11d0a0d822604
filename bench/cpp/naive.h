// The kernels' functions in double, by the standard library: the truth they are checked against.
#pragma once

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

inline double gate(double d, double y, double scale) { return y > 0 ? d * scale : 0; }
inline double where(double c, double a, double b) { return c != 0 ? a : b; }

}  // namespace lamina::bench::naive
