#include "kernels/dispatch.h"
#include "ops/ops.h"
#include "ops/split.h"

namespace lamina::ops {

namespace {
constexpr std::size_t cost = 8;  // of an element, in those of an addition
}

void softmax(float* y, const float* x, std::size_t rows, std::size_t columns) {
    parallel_ranges(rows, cost * columns, [=](std::size_t first, std::size_t last) {
        kernels().softmax(y + first * columns, x + first * columns, last - first, columns);
    });
}

void log_softmax(float* y, const float* x, std::size_t rows, std::size_t columns) {
    parallel_ranges(rows, cost * columns, [=](std::size_t first, std::size_t last) {
        kernels().log_softmax(y + first * columns, x + first * columns, last - first, columns);
    });
}

void softmax_gradient(float* dx, const float* dy, const float* y, std::size_t rows,
                      std::size_t columns) {
    parallel_ranges(rows, cost * columns, [=](std::size_t first, std::size_t last) {
        const std::size_t at = first * columns;
        kernels().softmax_gradient(dx + at, dy + at, y + at, last - first, columns);
    });
}

}  // namespace lamina::ops
