// Sums and recurrences along an axis of x (outer, n, inner), each a chain in the order of n.
#include <cstring>

#include "kernels/dispatch.h"
#include "ops/ops.h"
#include "ops/split.h"

namespace lamina::ops {

namespace {

// Calls body(offset, columns) for stretches of columns that run side by side.
template <typename Body>
void for_chains(std::size_t outer, std::size_t n, std::size_t inner, const Body& body) {
    constexpr std::size_t unit = 64;  // columns
    if (n == 0) return;
    if (outer > 1 || inner <= unit) {
        parallel_ranges(outer, n * inner, [&](std::size_t first, std::size_t last) {
            for (std::size_t i = first; i < last; ++i) body(i * n * inner, inner);
        });
        return;
    }
    parallel_ranges(divide_up(inner, unit), n * unit, [&](std::size_t first, std::size_t last) {
        body(first * unit, std::min(last * unit, inner) - first * unit);
    });
}

}  // namespace

void cumsum(float* y, const float* x, std::size_t outer, std::size_t n, std::size_t inner,
            bool reverse) {
    for_chains(outer, n, inner, [=](std::size_t offset, std::size_t columns) {
        const auto step = static_cast<std::ptrdiff_t>(inner) * (reverse ? -1 : 1);
        const std::size_t start = offset + (reverse ? (n - 1) * inner : 0);
        float* to = y + start;
        const float* from = x + start;
        if (columns == 1) {
            float sum = *to = *from;
            for (std::size_t i = 1; i < n; ++i) *(to += step) = sum += *(from += step);
            return;
        }
        std::memcpy(to, from, columns * sizeof(float));
        for (std::size_t i = 1; i < n; ++i) {
            to += step;
            from += step;
            kernels().add(to, to - step, 1, from, 1, columns);
        }
    });
}

void recurrence(float* y, const float* a, const float* b, std::size_t outer, std::size_t n,
                std::size_t inner, bool reverse) {
    for_chains(outer, n, inner, [=](std::size_t offset, std::size_t columns) {
        const auto step = static_cast<std::ptrdiff_t>(inner) * (reverse ? -1 : 1);
        auto at = static_cast<std::ptrdiff_t>(offset + (reverse ? (n - 1) * inner : 0));
        if (columns == 1) {
            float value = y[at] = b[at];
            for (std::size_t i = 1; i < n; ++i) {
                at += step;
                y[at] = value = a[at] * value + b[at];
            }
            return;
        }
        std::memcpy(y + at, b + at, columns * sizeof(float));
        for (std::size_t i = 1; i < n; ++i) {
            at += step;
            for (std::size_t j = 0; j < columns; ++j) {
                const auto k = at + static_cast<std::ptrdiff_t>(j);
                y[k] = a[k] * y[k - step] + b[k];
            }
        }
    });
}

}  // namespace lamina::ops
