// Permutation of axes: axes that stay together are joined, then either rows are copied or the
// two innermost axes of y and x form a matrix that is transposed.
#include <algorithm>
#include <cstring>

#include "kernels/dispatch.h"
#include "ops/ops.h"
#include "ops/split.h"

namespace lamina::ops {

namespace {

// The axes of y: their sizes, and how far one step moves in x and in y.
struct Axes {
    int rank = 0;
    std::size_t sizes[max_rank], in_x[max_rank], in_y[max_rank];
};

Axes joined(int rank, const std::size_t* sizes, const int* axes) {
    std::size_t step[max_rank];
    for (std::size_t d = static_cast<std::size_t>(rank), stride = 1; d-- > 0; stride *= sizes[d])
        step[d] = stride;
    Axes y;
    for (int d = 0; d < rank; ++d) {
        const std::size_t size = sizes[axes[d]], stride = step[axes[d]];
        if (size == 1) continue;
        if (y.rank > 0 && y.in_x[y.rank - 1] == stride * size) {
            y.sizes[y.rank - 1] *= size;
            y.in_x[y.rank - 1] = stride;
        } else {
            y.sizes[y.rank] = size;
            y.in_x[y.rank++] = stride;
        }
    }
    std::size_t stride = 1;
    for (int d = y.rank; d-- > 0; stride *= y.sizes[d]) y.in_y[d] = stride;
    return y;
}

void remove_axis(Axes& a, int axis) {
    for (int d = axis; d + 1 < a.rank; ++d) {
        a.sizes[d] = a.sizes[d + 1];
        a.in_x[d] = a.in_x[d + 1];
        a.in_y[d] = a.in_y[d + 1];
    }
    --a.rank;
}

// Calls body(offset in x, offset in y) for every index of the axes; each is worth `cost`.
template <typename Body>
void for_all(const Axes& a, std::size_t cost, const Body& body) {
    std::size_t count = 1;
    for (int d = 0; d < a.rank; ++d) count *= a.sizes[d];
    parallel_ranges(count, cost, [&](std::size_t first, std::size_t last) {
        for (std::size_t i = first; i < last; ++i) {
            std::size_t x = 0, y = 0, rest = i;
            for (int d = a.rank; d-- > 0; rest /= a.sizes[d]) {
                x += rest % a.sizes[d] * a.in_x[d];
                y += rest % a.sizes[d] * a.in_y[d];
            }
            body(x, y);
        }
    });
}

void copy_rows(float* y, const float* x, Axes& axes) {
    const std::size_t n = axes.sizes[axes.rank - 1];
    remove_axis(axes, axes.rank - 1);
    for_all(axes, n, [=](std::size_t from, std::size_t to) {
        std::memcpy(y + to, x + from, n * sizeof(float));
    });
}

void transpose_matrices(float* y, const float* x, Axes& axes) {
    const int inner_x =
        static_cast<int>(std::find(axes.in_x, axes.in_x + axes.rank, 1) - axes.in_x);
    const int inner_y = axes.rank - 1;
    const std::size_t rows = axes.sizes[inner_y], x_step = axes.in_x[inner_y];
    const std::size_t columns = axes.sizes[inner_x], y_step = axes.in_y[inner_x];
    remove_axis(axes, inner_y);
    remove_axis(axes, inner_x);
    if (axes.rank > 0) {
        for_all(axes, rows * columns, [=](std::size_t from, std::size_t to) {
            kernels().transpose(y + to, y_step, x + from, x_step, rows, columns);
        });
        return;
    }
    constexpr std::size_t unit = 64;  // columns
    parallel_ranges(divide_up(columns, unit), unit * rows,
                    [=](std::size_t first, std::size_t last) {
                        const std::size_t j = first * unit;
                        kernels().transpose(y + j * y_step, y_step, x + j, x_step, rows,
                                            std::min(last * unit, columns) - j);
                    });
}

}  // namespace

void transpose(float* y, const float* x, int rank, const std::size_t* sizes, const int* axes) {
    for (int d = 0; d < rank; ++d)
        if (sizes[d] == 0) return;
    Axes joined_axes = joined(rank, sizes, axes);
    if (joined_axes.rank == 0)
        *y = *x;
    else if (joined_axes.in_x[joined_axes.rank - 1] == 1)
        copy_rows(y, x, joined_axes);
    else
        transpose_matrices(y, x, joined_axes);
}

}  // namespace lamina::ops
