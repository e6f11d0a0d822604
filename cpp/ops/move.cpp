// Elements from one regular pattern of places to another: slices, paddings, joints.
#include <algorithm>
#include <cstring>

#include "ops/ops.h"
#include "ops/split.h"

namespace lamina::ops {

namespace {

// The same elements with as few axes as possible.
Move simplified(const Move& given) {
    Move m{};
    for (int d = 0; d < given.rank; ++d) {
        const std::size_t size = given.sizes[d];
        const auto length = static_cast<std::ptrdiff_t>(size);
        if (size == 1) continue;
        const int last = m.rank - 1;
        const bool joins = m.rank > 0 && m.x_steps[last] == given.x_steps[d] * length &&
                           m.y_steps[last] == given.y_steps[d] * length;
        const int axis = joins ? last : m.rank++;
        m.sizes[axis] = joins ? m.sizes[axis] * size : size;
        m.x_steps[axis] = given.x_steps[d];
        m.y_steps[axis] = given.y_steps[d];
    }
    if (m.rank == 0) m = {1, {1}, {1}, {1}};
    return m;
}

void move_row(float* y, std::ptrdiff_t y_step, const float* x, std::ptrdiff_t x_step,
              std::size_t n) {
    if (x_step == 1 && y_step == 1) {
        std::memcpy(y, x, n * sizeof(float));
        return;
    }
    for (std::size_t i = 0; i < n; ++i, x += x_step, y += y_step) *y = *x;
}

}  // namespace

void move(float* y, const float* x, const Move& given) {
    const Move m = simplified(given);
    const int inner = m.rank - 1;
    std::size_t outer = 1;
    for (int d = 0; d < inner; ++d) outer *= m.sizes[d];
    const std::size_t n = m.sizes[inner];
    if (outer == 0 || n == 0) return;
    if (outer == 1) {
        parallel_ranges(n, 1, [&](std::size_t first, std::size_t last) {
            const auto at = static_cast<std::ptrdiff_t>(first);
            move_row(y + at * m.y_steps[inner], m.y_steps[inner], x + at * m.x_steps[inner],
                     m.x_steps[inner], last - first);
        });
        return;
    }
    parallel_ranges(outer, n, [&](std::size_t first, std::size_t last) {
        for (std::size_t row = first; row < last; ++row) {
            std::ptrdiff_t from = 0, to = 0;
            std::size_t rest = row;
            for (int d = inner; d-- > 0; rest /= m.sizes[d]) {
                const auto index = static_cast<std::ptrdiff_t>(rest % m.sizes[d]);
                from += index * m.x_steps[d];
                to += index * m.y_steps[d];
            }
            move_row(y + to, m.y_steps[inner], x + from, m.x_steps[inner], n);
        }
    });
}

void fill(float* y, float value, std::size_t n) {
    parallel_ranges(
        n, 1, [=](std::size_t first, std::size_t last) { std::fill(y + first, y + last, value); });
}

}  // namespace lamina::ops
