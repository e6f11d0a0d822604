#include "ops/dropout.h"

#include <cassert>
#include <cmath>

#include "kernels/dispatch.h"
#include "ops/split.h"

namespace lamina::ops {

void drop(float* y, const float* x, std::size_t row, std::size_t rows, std::size_t column,
          std::size_t columns, std::size_t distance, const Dropout& dropout) {
    const double rate = dropout.rate;
    assert(rate >= 0.0 && rate <= 1.0 && column % 64 == 0);
    kernel::Dropout part{};
    part.row = static_cast<std::uint32_t>(dropout.first_row + row);
    part.column = static_cast<std::uint32_t>(column);
    part.rows = rows;
    part.columns = columns;
    part.distance = distance;
    part.seed = dropout.seed;
    part.step = dropout.step;
    part.call = dropout.call;
    part.threshold = static_cast<std::uint64_t>(std::nearbyint(rate * 0x1p32));
    part.scale = static_cast<float>(1.0 / (1.0 - rate));
    kernels().dropout(y, x, part);
}

void dropout(float* y, const float* x, std::size_t rows, std::size_t columns,
             const Dropout& dropout) {
    constexpr std::size_t cost = 8;  // of an element, in those of an addition
    parallel_ranges(rows, cost * columns, [&](std::size_t first, std::size_t last) {
        const std::size_t at = first * columns;
        drop(y + at, x + at, first, last - first, 0, columns, columns, dropout);
    });
}

namespace {

template <typename Kernel>
void draw(Kernel kernel, float* y, std::size_t rows, std::size_t columns, const Dropout& state) {
    constexpr std::size_t cost = 32;  // of an element, in those of an addition
    parallel_ranges(rows, cost * columns, [&](std::size_t first, std::size_t last) {
        kernel::Dropout part{};
        part.row = static_cast<std::uint32_t>(state.first_row + first);
        part.rows = last - first;
        part.columns = part.distance = columns;
        part.seed = state.seed;
        part.step = state.step;
        part.call = state.call;
        kernel(y + first * columns, part);
    });
}

}  // namespace

void random_uniform(float* y, std::size_t rows, std::size_t columns, const Dropout& state) {
    draw(kernels().random_uniform, y, rows, columns, state);
}

void random_normal(float* y, std::size_t rows, std::size_t columns, const Dropout& state) {
    draw(kernels().random_normal, y, rows, columns, state);
}

}  // namespace lamina::ops
