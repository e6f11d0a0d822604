// Elements looked up by indices, and sums by them.
#include <algorithm>
#include <cstring>
#include <limits>

#include "kernels/dispatch.h"
#include "ops/ops.h"
#include "ops/split.h"

namespace lamina::ops {

namespace {

constexpr float nan = std::numeric_limits<float>::quiet_NaN();

// The place that an index stands for; n for one outside.
std::size_t place_of(float index, std::size_t n) {
    const auto limit = static_cast<float>(n);
    if (!(index >= -limit && index < limit)) return n;
    const auto whole = static_cast<std::ptrdiff_t>(index);
    if (static_cast<float>(whole) != index) return n;
    return static_cast<std::size_t>(whole) + (whole < 0 ? n : 0);
}

}  // namespace

void take(float* y, const float* x, const float* indices, std::size_t outer, std::size_t n,
          std::size_t m, std::size_t inner) {
    parallel_ranges(outer * m, inner, [=](std::size_t first, std::size_t last) {
        for (std::size_t i = first; i < last; ++i) {
            const std::size_t at = place_of(indices[i % m], n);
            const float* const from = x + (i / m * n + at) * inner;
            float* const to = y + i * inner;
            if (at == n)
                std::fill(to, to + inner, nan);
            else if (inner == 1)
                *to = *from;
            else
                std::memcpy(to, from, inner * sizeof(float));
        }
    });
}

// A thread takes some of y's slices and looks through all indices for them.
void segment_sum(float* y, const float* x, const float* indices, std::size_t outer, std::size_t n,
                 std::size_t m, std::size_t inner) {
    const auto sum = [=](std::size_t i, std::size_t first, std::size_t last) {
        std::fill(y + (i * n + first) * inner, y + (i * n + last) * inner, 0.0f);
        for (std::size_t j = 0; j < m; ++j) {
            const std::size_t at = place_of(indices[j], n);
            if (at < first || at >= last) continue;
            float* const to = y + (i * n + at) * inner;
            const float* const from = x + (i * m + j) * inner;
            if (inner == 1)
                *to += *from;
            else
                kernels().add(to, to, 1, from, 1, inner);
        }
    };
    if (outer != 1) {
        parallel_ranges(outer, (n + m) * inner, [&](std::size_t first, std::size_t last) {
            for (std::size_t i = first; i < last; ++i) sum(i, 0, n);
        });
        return;
    }
    const std::size_t most = std::max<std::size_t>(1, (n + m) * inner / grain);
    const auto threads = static_cast<std::size_t>(most == 1 ? 1 : threads_at_hand());
    const std::size_t shares = threads == 1 ? 1 : std::min(most, 2 * threads);
    const std::size_t size = divide_up(n, shares);
    parallel_for(size ? divide_up(n, size) : 0,
                 [&](std::size_t i) { sum(0, i * size, std::min(n, (i + 1) * size)); });
}

void take_along_axis(float* y, const float* x, const float* indices, std::size_t rows,
                     std::size_t n, std::size_t m) {
    parallel_ranges(rows, m, [=](std::size_t first, std::size_t last) {
        for (std::size_t i = first; i < last; ++i)
            for (std::size_t j = i * m; j < (i + 1) * m; ++j) {
                const std::size_t at = place_of(indices[j], n);
                y[j] = at == n ? nan : x[i * n + at];
            }
    });
}

void add_along_axis(float* y, const float* x, const float* indices, std::size_t rows, std::size_t n,
                    std::size_t m) {
    parallel_ranges(rows, n + m, [=](std::size_t first, std::size_t last) {
        std::fill(y + first * n, y + last * n, 0.0f);
        for (std::size_t i = first; i < last; ++i)
            for (std::size_t j = i * m; j < (i + 1) * m; ++j) {
                const std::size_t at = place_of(indices[j], n);
                if (at < n) y[i * n + at] += x[j];
            }
    });
}

}  // namespace lamina::ops
