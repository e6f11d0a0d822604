// The distribution nearest to a row (Martins and Astudillo, 2016), by Michelot's rounds (1986): the
// threshold of the numbers that were above the last one, until all of them stay.
#include <algorithm>
#include <cmath>
#include <limits>

#include "ops/ops.h"
#include "ops/split.h"

namespace lamina::ops {

namespace {

// By how much the threshold is above the largest number; at least -1.
double threshold(const float* x, std::size_t columns, double highest) {
    double t = -1.0;
    for (std::size_t before = columns + 1;;) {
        double sum = 0;
        std::size_t count = 0;
        for (std::size_t j = 0; j < columns; ++j)
            if (x[j] - highest > t) sum += x[j] - highest, ++count;
        if (count >= before) return t;
        before = count;
        t = (sum - 1.0) / static_cast<double>(count);
    }
}

void row(float* y, const float* x, std::size_t columns) {
    float highest = -std::numeric_limits<float>::infinity();
    bool hard = false;
    for (std::size_t j = 0; j < columns; ++j) {
        highest = std::max(highest, x[j]);
        hard |= std::isnan(x[j]);
    }
    if (hard || std::isinf(highest)) return void(std::fill(y, y + columns, std::nanf("")));
    const double t = threshold(x, columns, highest);
    for (std::size_t j = 0; j < columns; ++j)
        y[j] = static_cast<float>(std::max(x[j] - static_cast<double>(highest) - t, 0.0));
}

}  // namespace

void sparsemax(float* y, const float* x, std::size_t rows, std::size_t columns) {
    constexpr std::size_t cost = 16;  // of an element, in those of an addition
    parallel_ranges(rows, cost * columns, [=](std::size_t first, std::size_t last) {
        for (std::size_t i = first; i < last; ++i) row(y + i * columns, x + i * columns, columns);
    });
}

}  // namespace lamina::ops
