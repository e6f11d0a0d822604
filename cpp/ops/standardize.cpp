#include "kernels/dispatch.h"
#include "ops/ops.h"
#include "ops/split.h"

namespace lamina::ops {

namespace {
constexpr std::size_t cost = 4;  // of an element, in those of an addition
}

void standardize(float* y, float* scale, const float* x, std::size_t rows, std::size_t columns,
                 const Standardize& how) {
    parallel_ranges(rows, cost * columns, [=](std::size_t first, std::size_t last) {
        const std::size_t at = first * columns;
        kernels().standardize(y + at, scale + first, x + at, last - first, columns, how.epsilon,
                              how.center);
    });
}

void standardize_gradient(float* dx, const float* dy, const float* y, const float* scale,
                          std::size_t rows, std::size_t columns, bool center) {
    parallel_ranges(rows, cost * columns, [=](std::size_t first, std::size_t last) {
        const std::size_t at = first * columns;
        kernels().standardize_gradient(dx + at, dy + at, y + at, scale + first, last - first,
                                       columns, center);
    });
}

}  // namespace lamina::ops
