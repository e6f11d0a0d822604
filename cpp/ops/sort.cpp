// Orders of the numbers in a row; places among sorted numbers.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

#include "ops/ops.h"
#include "ops/split.h"

namespace lamina::ops {

namespace {

std::size_t cost_of_sorting(std::size_t n) {
    std::size_t levels = 1;
    while (n >> levels) ++levels;
    return 4 * n * levels;
}

// NaN is larger than all numbers.
bool less(float a, float b) { return a < b || (std::isnan(b) && !std::isnan(a)); }

}  // namespace

void argsort(float* y, const float* x, std::size_t rows, std::size_t columns) {
    parallel_ranges(rows, cost_of_sorting(columns), [=](std::size_t first, std::size_t last) {
        std::vector<std::uint32_t> order(columns);
        for (std::size_t i = first; i < last; ++i) {
            const float* const row = x + i * columns;
            std::iota(order.begin(), order.end(), 0u);
            std::sort(order.begin(), order.end(), [row](std::uint32_t a, std::uint32_t b) {
                return less(row[a], row[b]) || (!less(row[b], row[a]) && a < b);
            });
            std::copy(order.begin(), order.end(), y + i * columns);
        }
    });
}

void top_k(float* y, const float* x, std::size_t rows, std::size_t columns, std::size_t k) {
    parallel_ranges(rows, cost_of_sorting(columns), [=](std::size_t first, std::size_t last) {
        std::vector<std::uint32_t> order(columns);
        const auto end = order.begin() + static_cast<std::ptrdiff_t>(k);
        for (std::size_t i = first; i < last; ++i) {
            const float* const row = x + i * columns;
            std::iota(order.begin(), order.end(), 0u);
            std::partial_sort(order.begin(), end, order.end(),
                              [row](std::uint32_t a, std::uint32_t b) {
                                  return less(row[b], row[a]) || (!less(row[a], row[b]) && a < b);
                              });
            std::copy(order.begin(), end, y + i * k);
        }
    });
}

void searchsorted(float* y, const float* sorted, const float* x, std::size_t n, std::size_t size,
                  bool right) {
    parallel_ranges(size, 32, [=](std::size_t first, std::size_t last) {
        for (std::size_t i = first; i < last; ++i) {
            const float* const at = right ? std::upper_bound(sorted, sorted + n, x[i], less)
                                          : std::lower_bound(sorted, sorted + n, x[i], less);
            y[i] = static_cast<float>(at - sorted);
        }
    });
}

}  // namespace lamina::ops
