// Every kernel, named once.  From this list the struct Kernels and each level's table are made.
// A kernel is a loop over contiguous numbers: no threads, no allocation, no state.
#pragma once

#include <cstddef>
#include <cstdint>

namespace lamina {

namespace kernel {

// Elementwise.  A step is 1, or 0 for an operand that is one value repeated.
using Unary = void(float* y, const float* x, std::size_t n);
using Binary = void(float* y, const float* a, std::size_t step_a, const float* b,
                    std::size_t step_b, std::size_t n);
using Ternary = void(float* y, const float* a, std::size_t step_a, const float* b,
                     std::size_t step_b, const float* c, std::size_t step_c, std::size_t n);

// From rows of `columns` numbers to rows or to one number each.
using Rows = void(float* y, const float* x, std::size_t rows, std::size_t columns);
// y[j] from x[i * step + j] for i < n; j < columns.
using Columns = void(float* y, const float* x, std::size_t n, std::size_t step,
                     std::size_t columns);
// One number from n contiguous ones.
using Reduce = float(const float* x, std::size_t n);
using Convert = void(float* y, const void* x, std::size_t n);
using Find = std::size_t(const void* x, std::size_t n);

enum class Activation { linear, relu, sigmoid, tanh, elu, gelu, gelu_tanh, leaky_relu, selu, silu };

// A part of a matrix product: c[i][j] = chain over p < k of a[i][p] * b[p][j].
// Steps count floats.
struct Matmul {
    float* c;
    std::size_t c_step;
    const float* a;
    std::size_t a_step;
    const float* b;  // (k, columns), or (columns, k) when transposed
    std::size_t b_step;
    bool b_transposed;
    bool continued;  // the chains start from c, else from 0
    bool ended;      // they end with this k: a -0 becomes 0
    std::size_t rows, columns, k;
    float* panel;  // memory for k * tile_columns floats

    // What follows when the chains are finished: c = activation(c + bias), then
    // c = gate > 0 ? c * gate_scale : 0.  bias (columns) and gate (as c) may be null.
    bool finished;
    const float* bias;
    Activation activation;
    float parameter;  // of elu (alpha) and leaky_relu (slope)
    const float* gate;
    float gate_scale;
};

// The same in double, without what follows; steps count doubles.  panel: memory for k *
// tile_columns / 2 doubles.
struct MatmulFloat64 {
    double* c;
    std::size_t c_step;
    const double* a;
    std::size_t a_step;
    const double* b;
    std::size_t b_step;
    bool b_transposed, continued, ended;
    std::size_t rows, columns, k;
    double* panel;
};

// The numbers of a part of a that are not 0, row by row, and their places in k: those of row i from
// starts[i] to starts[i + 1].  Each row's list ends with zeros up to a multiple of
// nonzeros_at_once.
struct Nonzeros {
    float* values;
    std::int32_t* places;
    std::size_t* starts;
};

// A part of a matrix, from (row, column) on, column a multiple of 64; see ops::Dropout.
struct Dropout {
    std::uint32_t row, column;
    std::size_t rows, columns;
    std::size_t distance;  // floats from a row to the next, in x and in y
    std::uint32_t seed, step, call;
    std::uint64_t threshold;  // kept when the random word is not less; 2^32 keeps none
    float scale;
};

struct SGD {
    float *w, *m;  // m null when not used
    const float *old_w, *old_m, *g;
    float learning_rate, momentum;
    bool nesterov;
};

struct Adam {
    float *w, *m, *v, *v_hat;  // v_hat null when not used
    const float *old_w, *old_m, *old_v, *old_v_hat, *g;
    float rate, rest_1, rest_2, epsilon;  // rest: 1 - beta
};

struct RMSprop {
    float *w, *v, *m, *mean;  // m and mean null when not used
    const float *old_w, *old_v, *old_m, *old_mean, *g;
    float learning_rate, rho, rest, momentum, epsilon;  // rest: 1 - rho
};

}  // namespace kernel

#define LAMINA_UNARY_KERNELS(K)   \
    K(abs, kernel::Unary)         \
    K(arccos, kernel::Unary)      \
    K(arccosh, kernel::Unary)     \
    K(arcsin, kernel::Unary)      \
    K(arcsinh, kernel::Unary)     \
    K(arctan, kernel::Unary)      \
    K(arctanh, kernel::Unary)     \
    K(cbrt, kernel::Unary)        \
    K(ceil, kernel::Unary)        \
    K(cos, kernel::Unary)         \
    K(cosh, kernel::Unary)        \
    K(erf, kernel::Unary)         \
    K(erfinv, kernel::Unary)      \
    K(exp, kernel::Unary)         \
    K(exp2, kernel::Unary)        \
    K(expm1, kernel::Unary)       \
    K(floor, kernel::Unary)       \
    K(gelu, kernel::Unary)        \
    K(gelu_tanh, kernel::Unary)   \
    K(isfinite, kernel::Unary)    \
    K(isnan, kernel::Unary)       \
    K(log, kernel::Unary)         \
    K(log10, kernel::Unary)       \
    K(log1p, kernel::Unary)       \
    K(log2, kernel::Unary)        \
    K(logical_not, kernel::Unary) \
    K(negative, kernel::Unary)    \
    K(reciprocal, kernel::Unary)  \
    K(relu, kernel::Unary)        \
    K(round, kernel::Unary)       \
    K(rsqrt, kernel::Unary)       \
    K(selu, kernel::Unary)        \
    K(sigmoid, kernel::Unary)     \
    K(sign, kernel::Unary)        \
    K(silu, kernel::Unary)        \
    K(sin, kernel::Unary)         \
    K(sinh, kernel::Unary)        \
    K(softplus, kernel::Unary)    \
    K(sqrt, kernel::Unary)        \
    K(square, kernel::Unary)      \
    K(tan, kernel::Unary)         \
    K(tanh, kernel::Unary)

#define LAMINA_BINARY_KERNELS(K)          \
    K(add, kernel::Binary)                \
    K(arctan2, kernel::Binary)            \
    K(divide, kernel::Binary)             \
    K(elu, kernel::Binary)                \
    K(equal, kernel::Binary)              \
    K(floor_divide, kernel::Binary)       \
    K(gelu_gradient, kernel::Binary)      \
    K(gelu_tanh_gradient, kernel::Binary) \
    K(greater, kernel::Binary)            \
    K(greater_equal, kernel::Binary)      \
    K(hypot, kernel::Binary)              \
    K(leaky_relu, kernel::Binary)         \
    K(less, kernel::Binary)               \
    K(less_equal, kernel::Binary)         \
    K(logical_and, kernel::Binary)        \
    K(logical_or, kernel::Binary)         \
    K(maximum, kernel::Binary)            \
    K(minimum, kernel::Binary)            \
    K(mod, kernel::Binary)                \
    K(multiply, kernel::Binary)           \
    K(not_equal, kernel::Binary)          \
    K(power, kernel::Binary)              \
    K(relu_gradient, kernel::Binary)      \
    K(selu_gradient, kernel::Binary)      \
    K(sigmoid_gradient, kernel::Binary)   \
    K(silu_gradient, kernel::Binary)      \
    K(subtract, kernel::Binary)           \
    K(tanh_gradient, kernel::Binary)

#define LAMINA_TERNARY_KERNELS(K)           \
    K(elu_gradient, kernel::Ternary)        \
    K(gate, kernel::Ternary)                \
    K(leaky_relu_gradient, kernel::Ternary) \
    K(where, kernel::Ternary)

#define LAMINA_OTHER_KERNELS(K)                                                                 \
    K(dropout, void(float* y, const float* x, const kernel::Dropout&))                          \
    K(random_normal, void(float* y, const kernel::Dropout&))                                    \
    K(random_uniform, void(float* y, const kernel::Dropout&))                                   \
    /* any number of rows, at most tile_columns columns */                                      \
    K(matmul_panel, void(const kernel::Matmul&))                                                \
    K(matmul_float64, void(const kernel::MatmulFloat64&))                                       \
    /* at most few_rows rows, any number of columns; b not transposed; panel not used */        \
    K(matmul_few_rows, void(const kernel::Matmul&))                                             \
    /* the same with lists of a's non-zeros, at most nonzeros_columns columns, b finite */      \
    K(matmul_nonzeros, void(const kernel::Matmul&, const kernel::Nonzeros&))                    \
    /* values and places have room for a vector more */                                         \
    K(list_nonzeros, void(const kernel::Nonzeros&, const kernel::Matmul&))                      \
    K(count_nonzeros, std::size_t(const float* x, std::size_t n))                               \
    K(pack_finite, bool(const kernel::Matmul&))                                                 \
    /* y (columns, rows), y_step from row to row, from x (rows, columns) */                     \
    K(transpose, void(float* y, std::size_t y_step, const float* x, std::size_t x_step,         \
                      std::size_t rows, std::size_t columns))                                   \
    K(softmax, kernel::Rows)                                                                    \
    K(log_softmax, kernel::Rows)                                                                \
    K(softmax_gradient,                                                                         \
      void(float* dx, const float* dy, const float* y, std::size_t rows, std::size_t columns))  \
    K(softmax_cross_entropy, void(float* loss, float* probabilities, const float* logits,       \
                                  const float* target, std::size_t rows, std::size_t columns))  \
    K(softmax_cross_entropy_gradient,                                                           \
      void(float* dlogits, const float* dloss, const float* probabilities, const float* target, \
           std::size_t rows, std::size_t columns))                                              \
    K(standardize, void(float* y, float* scale, const float* x, std::size_t rows,               \
                        std::size_t columns, float epsilon, bool center))                       \
    K(standardize_gradient, void(float* dx, const float* dy, const float* y, const float* inv,  \
                                 std::size_t rows, std::size_t columns, bool center))           \
    K(argmax, kernel::Rows)                                                                     \
    K(one_hot, kernel::Rows)                                                                    \
    K(sum_block, kernel::Reduce) /* n <= 4096: 16 lanes, added as a tree */                     \
    K(max_row, kernel::Reduce)                                                                  \
    K(min_row, kernel::Reduce)                                                                  \
    K(sum_columns, kernel::Columns)                                                             \
    K(max_columns, kernel::Columns)                                                             \
    K(min_columns, kernel::Columns)                                                             \
    K(sgd, void(const kernel::SGD&, std::size_t n))                                             \
    K(adam, void(const kernel::Adam&, std::size_t n))                                           \
    K(rmsprop, void(const kernel::RMSprop&, std::size_t n))                                     \
    K(convert_boolean, kernel::Convert)                                                         \
    K(convert_int8, kernel::Convert)                                                            \
    K(convert_uint8, kernel::Convert)                                                           \
    K(convert_int16, kernel::Convert)                                                           \
    K(convert_uint16, kernel::Convert)                                                          \
    K(convert_int32, kernel::Convert)                                                           \
    K(convert_uint32, kernel::Convert)                                                          \
    K(convert_int64, kernel::Convert)                                                           \
    K(convert_uint64, kernel::Convert)                                                          \
    K(convert_float16, kernel::Convert)                                                         \
    K(convert_float32, kernel::Convert)                                                         \
    K(convert_float64, kernel::Convert)                                                         \
    /* the index of the first NaN or infinity, or n */                                          \
    K(first_nonfinite_float16, kernel::Find)                                                    \
    K(first_nonfinite_float32, kernel::Find)                                                    \
    K(first_nonfinite_float64, kernel::Find)                                                    \
    /* `iterations` rounds of fma_peak_flops floating-point operations in registers */          \
    K(fma_peak, float(std::size_t iterations))

#define LAMINA_KERNELS(K)     \
    LAMINA_UNARY_KERNELS(K)   \
    LAMINA_BINARY_KERNELS(K)  \
    LAMINA_TERNARY_KERNELS(K) \
    LAMINA_OTHER_KERNELS(K)

struct Kernels {
    template <typename Signature>
    using Pointer = Signature*;
    const char* level;
    std::size_t width;                    // floats in a vector
    std::size_t tile_rows, tile_columns;  // of matmul_panel
    std::size_t few_rows;                 // of matmul_few_rows
    std::size_t nonzeros_columns;         // of matmul_nonzeros
    std::size_t nonzeros_at_once;
    std::size_t fma_peak_flops;  // in one iteration of fma_peak
#define LAMINA_FIELD(name, ...) Pointer<__VA_ARGS__> name;
    LAMINA_KERNELS(LAMINA_FIELD)
#undef LAMINA_FIELD
};

}  // namespace lamina
