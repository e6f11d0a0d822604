// Matrix products in double: shares of c for the threads, panels of b in cache.
#include <algorithm>

#include "kernels/dispatch.h"
#include "ops/ops.h"
#include "ops/scratch.h"
#include "ops/split.h"

namespace lamina::ops {

namespace {

constexpr std::size_t block_k = 192;            // a panel of b stays in the first-level cache
constexpr std::size_t row_unit = 24;            // whole tiles at every level
constexpr std::size_t share_work = 256 * 1024;  // multiplications worth handing to a thread

double* double_scratch(std::size_t n) { return reinterpret_cast<double*>(scratch(2 * n)); }

// The part of c that one thread computes.
void compute(kernel::MatmulFloat64 part, bool transpose_a) {
    const std::size_t columns = part.columns, k = part.k, width = kernels().tile_columns / 2;
    const std::size_t depth = std::min(k, block_k), panel = depth * width;
    part.panel = double_scratch(panel + (transpose_a ? part.rows * depth : 0));
    double* const rows_of_a = part.panel + panel;
    const kernel::MatmulFloat64 whole = part;
    std::size_t first = 0;
    do {
        part.k = std::min(depth, k - first);
        part.continued = first > 0;
        part.ended = first + part.k == k;
        part.a = whole.a + first * (transpose_a ? whole.a_step : 1);
        if (transpose_a) {
            for (std::size_t i = 0; i < part.rows; ++i)
                for (std::size_t p = 0; p < part.k; ++p)
                    rows_of_a[i * part.k + p] = part.a[p * whole.a_step + i];
            part.a = rows_of_a;
            part.a_step = part.k;
        }
        for (std::size_t j = 0; j < columns; j += width) {
            part.c = whole.c + j;
            part.b = whole.b + first * (part.b_transposed ? 1 : part.b_step) +
                     j * (part.b_transposed ? part.b_step : 1);
            part.columns = std::min(width, columns - j);
            kernels().matmul_float64(part);
        }
        first += part.k;
    } while (first < k);
}

}  // namespace

void matmul_float64(double* c, const double* a, const double* b, std::size_t m, std::size_t n,
                    std::size_t k, const Layout& layout) {
    if (m == 0 || n == 0) return;
    const std::size_t a_step = layout.transpose_a ? m : k;
    const std::size_t worth = std::max<std::size_t>(1, m * n * k / share_work);
    const auto threads = static_cast<std::size_t>(worth == 1 ? 1 : threads_at_hand());
    const std::size_t wanted = threads == 1 ? 1 : std::min(worth, 4 * threads);
    // The longer side is split: shares of columns pack their own panels, shares of rows bring their
    // own part of a into rows.
    const bool by_rows = m > n;
    const std::size_t side = by_rows ? m : n,
                      unit = by_rows ? row_unit : kernels().tile_columns / 2;
    const std::size_t length = divide_up(divide_up(side, wanted), unit) * unit;
    parallel_for(divide_up(side, length), [&](std::size_t i) {
        const std::size_t first = i * length, count = std::min(length, side - first);
        const std::size_t row = by_rows ? first : 0, column = by_rows ? 0 : first;
        kernel::MatmulFloat64 part{};
        part.c = c + row * n + column;
        part.c_step = n;
        part.a = a + row * (layout.transpose_a ? 1 : a_step);
        part.a_step = a_step;
        part.b = b + column * (layout.transpose_b ? k : 1);
        part.b_step = layout.transpose_b ? k : n;
        part.b_transposed = layout.transpose_b;
        part.rows = by_rows ? count : m;
        part.columns = by_rows ? n : count;
        part.k = k;
        compute(part, layout.transpose_a);
    });
}

}  // namespace lamina::ops
