// The place of the largest value of each row, and what is made of it.
#include "kernels/dispatch.h"
#include "ops/ops.h"
#include "ops/split.h"

namespace lamina::ops {

void argmax(float* y, const float* x, std::size_t rows, std::size_t columns) {
    parallel_ranges(rows, 2 * columns, [=](std::size_t first, std::size_t last) {
        kernels().argmax(y + first, x + first * columns, last - first, columns);
    });
}

void categorical_accuracy(float* y, const float* target, const float* prediction, std::size_t rows,
                          std::size_t columns) {
    parallel_ranges(rows, 4 * columns, [=](std::size_t first, std::size_t last) {
        constexpr std::size_t block = 64;
        for (std::size_t i = first; i < last; i += block) {
            const std::size_t n = std::min(block, last - i);
            float expected[block];
            kernels().argmax(expected, target + i * columns, n, columns);
            kernels().argmax(y + i, prediction + i * columns, n, columns);
            for (std::size_t j = 0; j < n; ++j) y[i + j] = y[i + j] == expected[j] ? 1.0f : 0.0f;
        }
    });
}

void one_hot(float* y, const float* x, std::size_t rows, std::size_t columns) {
    parallel_ranges(rows, columns, [=](std::size_t first, std::size_t last) {
        kernels().one_hot(y + first * columns, x + first, last - first, columns);
    });
}

}  // namespace lamina::ops
