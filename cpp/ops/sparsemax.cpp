// The distribution nearest to a row (Martins and Astudillo, 2016), by Michelot's rounds (1986): the
// threshold of the numbers that were above the last one, until all of them stay.
#include <algorithm>
#include <cmath>
#include <limits>

#include "ops/ops.h"
#include "ops/scratch.h"
#include "ops/split.h"

namespace lamina::ops {

namespace {

// The numbers above t, moved together; how many there are.
std::size_t keep_above(double t, double* x, std::size_t n) {
    std::size_t kept = 0;
    for (std::size_t j = 0; j < n; ++j) {
        x[kept] = x[j];
        kept += x[j] > t;
    }
    return kept;
}

// By how much the threshold is above the largest number, 0; at least -1.  Overwrites x.
double threshold(double* x, std::size_t n) {
    for (std::size_t kept = keep_above(-1.0, x, n);;) {
        double sum = 0;
        for (std::size_t j = 0; j < kept; ++j) sum += x[j];
        const double t = (sum - 1.0) / static_cast<double>(kept);
        const std::size_t left = keep_above(t, x, kept);
        if (left == kept) return t;
        kept = left;
    }
}

void row(float* y, const float* x, std::size_t columns, double* below) {
    float highest = -std::numeric_limits<float>::infinity();
    bool hard = false;
    for (std::size_t j = 0; j < columns; ++j) {
        highest = std::max(highest, x[j]);
        hard |= std::isnan(x[j]);
    }
    if (hard || std::isinf(highest)) return void(std::fill(y, y + columns, std::nanf("")));
    for (std::size_t j = 0; j < columns; ++j) below[j] = x[j] - static_cast<double>(highest);
    const double t = threshold(below, columns);
    for (std::size_t j = 0; j < columns; ++j)
        y[j] = static_cast<float>(std::max(x[j] - static_cast<double>(highest) - t, 0.0));
}

}  // namespace

void sparsemax(float* y, const float* x, std::size_t rows, std::size_t columns) {
    constexpr std::size_t cost = 16;  // of an element, in those of an addition
    parallel_ranges(rows, cost * columns, [=](std::size_t first, std::size_t last) {
        auto* const below = reinterpret_cast<double*>(scratch(2 * columns));
        for (std::size_t i = first; i < last; ++i)
            row(y + i * columns, x + i * columns, columns, below);
    });
}

}  // namespace lamina::ops
