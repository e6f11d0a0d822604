// Reductions over one axis of x (outer, n, inner).  Threads divide what is kept, and the blocks of
// a long sum, never a chain.
#include <vector>

#include "kernels/dispatch.h"
#include "ops/ops.h"
#include "ops/split.h"

namespace lamina::ops {

namespace {

constexpr std::size_t sum_block_size = 4096;

void reduce_rows(float* y, const float* x, std::size_t outer, std::size_t n,
                 kernel::Reduce* kernel) {
    parallel_ranges(outer, n, [=](std::size_t first, std::size_t last) {
        for (std::size_t i = first; i < last; ++i) y[i] = kernel(x + i * n, n);
    });
}

void reduce_columns(float* y, const float* x, std::size_t outer, std::size_t n, std::size_t inner,
                    kernel::Columns* kernel) {
    if (outer > 1) {
        parallel_ranges(outer, n * inner, [=](std::size_t first, std::size_t last) {
            for (std::size_t i = first; i < last; ++i)
                kernel(y + i * inner, x + i * n * inner, n, inner, inner);
        });
        return;
    }
    constexpr std::size_t unit = 64;  // columns
    parallel_ranges(divide_up(inner, unit), n * unit, [=](std::size_t first, std::size_t last) {
        const std::size_t j = first * unit;
        kernel(y + j, x + j, n, inner, std::min(last * unit, inner) - j);
    });
}

float sum_row(const float* x, std::size_t n) {
    float total = 0.0f;
    for (std::size_t i = 0; i < n; i += sum_block_size)
        total += kernels().sum_block(x + i, std::min(sum_block_size, n - i));
    return total;
}

// The blocks at the same time, then their sums in order.
float sum_long_row(const float* x, std::size_t n) {
    std::vector<float> sums(divide_up(n, sum_block_size));
    parallel_ranges(sums.size(), sum_block_size, [&](std::size_t first, std::size_t last) {
        for (std::size_t i = first; i < last; ++i) {
            const std::size_t at = i * sum_block_size;
            sums[i] = kernels().sum_block(x + at, std::min(sum_block_size, n - at));
        }
    });
    float total = 0.0f;
    for (const float value : sums) total += value;
    return total;
}

}  // namespace

void sum(float* y, const float* x, std::size_t outer, std::size_t n, std::size_t inner) {
    if (inner != 1)
        reduce_columns(y, x, outer, n, inner, kernels().sum_columns);
    else if (outer == 1 && n > 2 * grain && threads_at_hand() > 1)
        *y = sum_long_row(x, n);
    else
        reduce_rows(y, x, outer, n, sum_row);
}

void mean(float* y, const float* x, std::size_t outer, std::size_t n, std::size_t inner) {
    sum(y, x, outer, n, inner);
    const auto count = static_cast<float>(n);
    kernels().divide(y, y, 1, &count, 0, outer * inner);
}

void max(float* y, const float* x, std::size_t outer, std::size_t n, std::size_t inner) {
    if (inner == 1)
        reduce_rows(y, x, outer, n, kernels().max_row);
    else
        reduce_columns(y, x, outer, n, inner, kernels().max_columns);
}

void min(float* y, const float* x, std::size_t outer, std::size_t n, std::size_t inner) {
    if (inner == 1)
        reduce_rows(y, x, outer, n, kernels().min_row);
    else
        reduce_columns(y, x, outer, n, inner, kernels().min_columns);
}

}  // namespace lamina::ops
