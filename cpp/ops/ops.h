// The operations: one function each, over plain pointers and sizes.
// They divide work among threads and own scratch memory; the loops are in kernels/.
// Every array is contiguous float32, row-major.  Outputs may be the very array of an input of the
// same shape in elementwise operations and optimizer updates; nowhere else may they overlap.
// No result depends on the number of threads, nor on how many rows share a call.
#pragma once

#include <cstddef>
#include <cstdint>

namespace lamina::ops {

constexpr int max_rank = 8;

// --- elementwise ------------------------------------------------------------------------------

// The kernels' own signatures (kernels/kernels.h): a step is 1, or 0 for an operand that is one
// value repeated.
using Unary = void (*)(float* y, const float* x, std::size_t n);
using Binary = void (*)(float* y, const float* a, std::size_t step_a, const float* b,
                        std::size_t step_b, std::size_t n);
using Ternary = void (*)(float* y, const float* a, std::size_t step_a, const float* b,
                         std::size_t step_b, const float* c, std::size_t step_c, std::size_t n);

// How operands are read after broadcasting: y has `sizes`, contiguous; operand i moves by
// strides[i][d] elements along axis d, 0 where it is repeated.
struct Broadcast {
    int rank;
    std::size_t sizes[max_rank];
    std::size_t strides[3][max_rank];
};

void unary(Unary kernel, float* y, const float* x, std::size_t n);
void binary(Binary kernel, float* y, const float* a, const float* b, const Broadcast& shape);
void ternary(Ternary kernel, float* y, const float* a, const float* b, const float* c,
             const Broadcast& shape);

// --- dropout ----------------------------------------------------------------------------------

// Element (row, column) is kept when its Philox4x32-10 word is >= round(rate * 2^32).  The word:
// counter (16 * (column / 64) + column % 16, row, step, call), key (seed, 0), word column % 64
// / 16.
struct Dropout {
    float rate;
    std::uint32_t seed;
    std::uint32_t step;
    std::uint32_t call;
    std::size_t first_row = 0;  // the number of the first row that is given
};

// y = x / (1 - rate) where kept, else 0.  x, y (rows, columns).  Its own gradient.
void dropout(float* y, const float* x, std::size_t rows, std::size_t columns,
             const Dropout& dropout);

// From the same words, whatever the rate: (word >> 8) / 2^24, and the place of (word + 1/2) / 2^32
// in the normal distribution.  y (rows, columns).
void random_uniform(float* y, std::size_t rows, std::size_t columns, const Dropout& state);
void random_normal(float* y, std::size_t rows, std::size_t columns, const Dropout& state);

// --- matmul -----------------------------------------------------------------------------------

enum class Activation { linear, relu, sigmoid, tanh, elu, gelu, gelu_tanh, leaky_relu, selu, silu };

// What is done to each finished part of c while it is in cache, in this order.
struct Epilogue {
    const float* bias = nullptr;  // (n,): c += bias
    Activation activation = Activation::linear;
    float parameter = 0.0f;  // of elu (alpha) and leaky_relu (slope)
    const Dropout* dropout = nullptr;
    const float* gate = nullptr;  // (m, n): c = gate > 0 ? c * gate_scale : 0
    float gate_scale = 1.0f;
};

// How the operands of a product lie.
struct Layout {
    bool transpose_a = false, transpose_b = false;
    std::size_t a_step = 0;  // floats from a row of a, as it lies, to the next; 0: no gap
};

// c (m, n) = a b, with a (m, k), or (k, m) when transpose_a; b (k, n), or (n, k) when transpose_b.
// Each element is one chain of fused multiply-adds in the order of k, from 0; a chain that ends as
// -0 gives 0.
void matmul(float* c, const float* a, const float* b, std::size_t m, std::size_t n, std::size_t k,
            const Layout& layout = {}, const Epilogue& epilogue = {});

// A product for each of the matrices of c; operands are read as `lead` says, in matrices.
void batched_matmul(float* c, const float* a, const float* b, const Broadcast& lead, std::size_t m,
                    std::size_t n, std::size_t k, const Layout& layout);

// c (m, n) = a b in double, by the same rules.
void matmul_float64(double* c, const double* a, const double* b, std::size_t m, std::size_t n,
                    std::size_t k, const Layout& layout = {});

// Whether products with many zeros in a skip them: true unless set.  Changes no result.
void set_skip_zeros(bool skip);
bool skip_zeros();

// --- rows: softmax, losses, accuracy ----------------------------------------------------------

// y[i] = exp(x[i] - max) / sum.  x, y (rows, columns).
void softmax(float* y, const float* x, std::size_t rows, std::size_t columns);
void log_softmax(float* y, const float* x, std::size_t rows, std::size_t columns);
// y = max(x - t, 0) with t such that rows add up to 1; NaN where a row has NaN or infinity.
void sparsemax(float* y, const float* x, std::size_t rows, std::size_t columns);
// dx = y * (dy - sum(dy * y)).
void softmax_gradient(float* dx, const float* dy, const float* y, std::size_t rows,
                      std::size_t columns);

// loss (rows) = -sum(target * log_softmax(logits)); probabilities = softmax(logits).
void softmax_cross_entropy(float* loss, float* probabilities, const float* logits,
                           const float* target, std::size_t rows, std::size_t columns);
// dlogits = dloss[row] * (probabilities * sum(target) - target).
void softmax_cross_entropy_gradient(float* dlogits, const float* dloss, const float* probabilities,
                                    const float* target, std::size_t rows, std::size_t columns);

// y = (x - mean) * scale, scale (rows) = 1 / sqrt(mean((x - mean)^2) + epsilon); the mean is taken
// as 0 unless `center`.
struct Standardize {
    float epsilon;
    bool center;
};
void standardize(float* y, float* scale, const float* x, std::size_t rows, std::size_t columns,
                 const Standardize& how);
// dx = scale * (dy - mean(dy) - y * mean(dy * y)), without mean(dy) unless `center`.
void standardize_gradient(float* dx, const float* dy, const float* y, const float* scale,
                          std::size_t rows, std::size_t columns, bool center);

// y (rows): the first index of the row's largest value (of a NaN, if there is one).
void argmax(float* y, const float* x, std::size_t rows, std::size_t columns);
// y (rows): 1 where both rows have their argmax in the same place, else 0.
void categorical_accuracy(float* y, const float* target, const float* prediction, std::size_t rows,
                          std::size_t columns);
// y (rows, columns): 1 in column x[row], else 0.
void one_hot(float* y, const float* x, std::size_t rows, std::size_t columns);

// --- reductions, copies -----------------------------------------------------------------------

// y (outer, inner) from x (outer, n, inner).  With inner > 1: one chain in the order of n.
// With inner = 1: blocks of 4096; in a block, lane i % 16 is one chain, and the lanes are added as
// a tree (8 + 8, 4 + 4, ...); the blocks' sums in order.
void sum(float* y, const float* x, std::size_t outer, std::size_t n, std::size_t inner);
void mean(float* y, const float* x, std::size_t outer, std::size_t n, std::size_t inner);
void max(float* y, const float* x, std::size_t outer, std::size_t n, std::size_t inner);
void min(float* y, const float* x, std::size_t outer, std::size_t n, std::size_t inner);

// y has shape sizes[axes[0]], sizes[axes[1]], ...: NumPy's x.transpose(axes).
void transpose(float* y, const float* x, int rank, const std::size_t* sizes, const int* axes);

// Element (i0, i1, ...) of `sizes` lies at x + i0 x_steps[0] + ..., and goes to y + i0 y_steps[0]
// + ...
struct Move {
    int rank;
    std::size_t sizes[max_rank];
    std::ptrdiff_t x_steps[max_rank], y_steps[max_rank];
};
void move(float* y, const float* x, const Move& move);
void fill(float* y, float value, std::size_t n);

// --- lookup -----------------------------------------------------------------------------------

// Indices are whole numbers; -n .. n - 1 stand for the n places, as in Python.

// y (outer, m, inner): slice j is slice indices[j] of x (outer, n, inner), NaN for one outside.
void take(float* y, const float* x, const float* indices, std::size_t outer, std::size_t n,
          std::size_t m, std::size_t inner);
// y (outer, n, inner) = 0, and slice j of x (outer, m, inner) is added to slice indices[j], in the
// order of j; those outside are left out.
void segment_sum(float* y, const float* x, const float* indices, std::size_t outer, std::size_t n,
                 std::size_t m, std::size_t inner);
// y (rows, m): y[j] = x[indices[j]] of each row, x (rows, n), indices (rows, m).
void take_along_axis(float* y, const float* x, const float* indices, std::size_t rows,
                     std::size_t n, std::size_t m);
// y (rows, n) = 0, and x[j] is added to y[indices[j]] in each row; x, indices (rows, m).
void add_along_axis(float* y, const float* x, const float* indices, std::size_t rows, std::size_t n,
                    std::size_t m);

// --- chains, orders ---------------------------------------------------------------------------

// y[i] = y[i - 1] + x[i] along n; x, y (outer, n, inner).  In reverse: y[i] = y[i + 1] + x[i].
void cumsum(float* y, const float* x, std::size_t outer, std::size_t n, std::size_t inner,
            bool reverse);
// y[i] = a[i] y[i - 1] + b[i], rounded twice, with y[0] = b[0].  In reverse: from y[i + 1].
void recurrence(float* y, const float* a, const float* b, std::size_t outer, std::size_t n,
                std::size_t inner, bool reverse);

// y (rows, columns): the places of the row's numbers from the smallest to the largest; NaN comes
// last, the first of equals first.
void argsort(float* y, const float* x, std::size_t rows, std::size_t columns);
// y (rows, k): the places of the k largest, from the largest on (NaN is); of equals the first.
void top_k(float* y, const float* x, std::size_t rows, std::size_t columns, std::size_t k);
// y[i]: how many of the n sorted numbers are less than x[i], or not greater when `right`.
void searchsorted(float* y, const float* sorted, const float* x, std::size_t n, std::size_t size,
                  bool right);

// --- data -------------------------------------------------------------------------------------

enum class DType {
    boolean,
    int8,
    uint8,
    int16,
    uint16,
    int32,
    uint32,
    int64,
    uint64,
    float16,
    float32,
    float64
};

// A table whose rows are contiguous: row i starts at data + i * stride bytes.
struct Table {
    const void* data;
    DType dtype;
    std::ptrdiff_t stride;
    std::size_t columns;
};

// y (n, columns) = the table's rows indices[0 .. n), converted to float32 as NumPy's astype does.
void take_rows(float* y, const Table& table, const std::int64_t* indices, std::size_t n);

// The index of the first NaN or infinity in n values of a float dtype, or n.
std::size_t first_nonfinite(const void* x, DType dtype, std::size_t n);

// --- optimizers -------------------------------------------------------------------------------

struct SGD {
    float learning_rate, momentum;
    bool nesterov;
};

// m = momentum m - learning_rate g; w += m, or with nesterov w += momentum m - learning_rate g.
// m is null when not used: w -= learning_rate g.
struct SGDState {
    float *w, *m;
};
void sgd(const SGDState& out, const SGDState& in, const float* g, std::size_t n,
         const SGD& arguments);

struct Adam {
    float rate;             // with both bias corrections
    double beta_1, beta_2;  // 1 - beta is rounded once, to float
    float epsilon;
};

// m += (1 - beta_1) (g - m); v += (1 - beta_2) (g^2 - v); w -= rate m / (sqrt(v) + epsilon), with
// v_hat = max(v_hat, v) in the place of v when it is not null.
struct AdamState {
    float *w, *m, *v, *v_hat;
};
void adam(const AdamState& out, const AdamState& in, const float* g, std::size_t n,
          const Adam& arguments);

struct RMSprop {
    float learning_rate;
    double rho;  // 1 - rho is rounded once, to float
    float momentum, epsilon;
};

// Keras's RMSprop: v = rho v + (1 - rho) g^2; mean = rho mean + (1 - rho) g when centered;
// step = learning_rate g / sqrt(v - mean^2 + epsilon); with momentum: m = momentum m + step,
// w -= m; else w -= step.  The slots m and mean are null when not used.
struct RMSpropState {
    float *w, *v, *m, *mean;
};
void rmsprop(const RMSpropState& out, const RMSpropState& in, const float* g, std::size_t n,
             const RMSprop& arguments);

// total + rest = old_total + old_rest + x, the total rounded and the rest what that takes away: two
// floats that add up ones beyond 2^24.  0 is the rest of a total that is not finite.
void accumulate(float* total, float* rest, const float* old_total, const float* old_rest,
                const float* x, std::size_t n);

}  // namespace lamina::ops
