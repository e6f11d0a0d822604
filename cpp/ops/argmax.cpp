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
        for (std::size_t i = first; i < last; ++i) {
            float expected;
            kernels().argmax(&expected, target + i * columns, 1, columns);
            kernels().argmax(y + i, prediction + i * columns, 1, columns);
            y[i] = y[i] == expected ? 1.0f : 0.0f;
        }
    });
}

void one_hot(float* y, const float* x, std::size_t rows, std::size_t columns) {
    parallel_ranges(rows, columns, [=](std::size_t first, std::size_t last) {
        kernels().one_hot(y + first * columns, x + first, last - first, columns);
    });
}

}  // namespace lamina::ops
