// Elementwise operations with broadcasting: the kernels run along the innermost axis.
#include <cassert>

#include "ops/ops.h"
#include "ops/split.h"

namespace lamina::ops {

namespace {

// The same reading of the operands with as few axes as possible: axes of size 1 go, and an axis
// joins the next one where every operand runs through both without a jump.
Broadcast simplified(const Broadcast& shape, int operands) {
    Broadcast result{};
    for (int d = 0; d < shape.rank; ++d) {
        if (shape.sizes[d] == 1) continue;
        bool joins = result.rank > 0;
        for (int i = 0; joins && i < operands; ++i)
            joins = result.strides[i][result.rank - 1] == shape.strides[i][d] * shape.sizes[d];
        const int axis = joins ? result.rank - 1 : result.rank++;
        result.sizes[axis] = joins ? result.sizes[axis] * shape.sizes[d] : shape.sizes[d];
        for (int i = 0; i < operands; ++i) result.strides[i][axis] = shape.strides[i][d];
    }
    if (result.rank == 0) {
        result.rank = 1;
        result.sizes[0] = 1;
    }
    return result;
}

// Where each operand stands in outer row `row` (all axes but the last).
void offsets(std::size_t (&at)[3], const Broadcast& shape, std::size_t row) {
    at[0] = at[1] = at[2] = 0;
    for (int d = shape.rank - 2; d >= 0; --d) {
        const std::size_t index = row % shape.sizes[d];
        row /= shape.sizes[d];
        for (int i = 0; i < 3; ++i) at[i] += index * shape.strides[i][d];
    }
}

// Calls run(y offset, operand offsets, operand steps, n) for stretches that cover the result.
template <typename Run>
void broadcast(const Broadcast& given, int operands, const Run& run) {
    const Broadcast shape = simplified(given, operands);
    const std::size_t inner = shape.sizes[shape.rank - 1];
    std::size_t outer = 1;
    for (int d = 0; d + 1 < shape.rank; ++d) outer *= shape.sizes[d];
    std::size_t steps[3];
    for (int i = 0; i < 3; ++i) steps[i] = shape.strides[i][shape.rank - 1];
    for (std::size_t step : steps) assert(step <= 1), static_cast<void>(step);
    if (outer == 1) {
        parallel_ranges(inner, 1, [&](std::size_t first, std::size_t last) {
            const std::size_t at[3] = {first * steps[0], first * steps[1], first * steps[2]};
            run(first, at, steps, last - first);
        });
        return;
    }
    parallel_ranges(outer, inner, [&](std::size_t first, std::size_t last) {
        for (std::size_t row = first; row < last; ++row) {
            std::size_t at[3];
            offsets(at, shape, row);
            run(row * inner, at, steps, inner);
        }
    });
}

}  // namespace

void unary(Unary kernel, float* y, const float* x, std::size_t n) {
    parallel_ranges(n, 1, [=](std::size_t first, std::size_t last) {
        kernel(y + first, x + first, last - first);
    });
}

void binary(Binary kernel, float* y, const float* a, const float* b, const Broadcast& shape) {
    broadcast(shape, 2, [=](std::size_t i, const auto& at, const auto& steps, std::size_t n) {
        kernel(y + i, a + at[0], steps[0], b + at[1], steps[1], n);
    });
}

void ternary(Ternary kernel, float* y, const float* a, const float* b, const float* c,
             const Broadcast& shape) {
    broadcast(shape, 3, [=](std::size_t i, const auto& at, const auto& steps, std::size_t n) {
        kernel(y + i, a + at[0], steps[0], b + at[1], steps[1], c + at[2], steps[2], n);
    });
}

}  // namespace lamina::ops
