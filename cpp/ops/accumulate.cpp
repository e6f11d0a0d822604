#include <cmath>

#include "ops/ops.h"
#include "ops/split.h"

namespace lamina::ops {

namespace {

// An infinite sum has no rest.
float without_nan(float x) { return std::isnan(x) ? 0.0f : x; }

}  // namespace

void accumulate(float* total, float* rest, const float* old_total, const float* old_rest,
                const float* x, std::size_t n) {
    parallel_ranges(n, 1, [=](std::size_t first, std::size_t last) {
        for (std::size_t i = first; i < last; ++i) {
            const float t = old_total[i], sum = t + x[i];
            const float part = sum - t;
            const float lost = (t - (sum - part)) + (x[i] - part);
            const float missing = without_nan(lost + old_rest[i]);
            const float rounded = sum + missing;
            total[i] = rounded;
            rest[i] = without_nan(missing - (rounded - sum));
        }
    });
}

}  // namespace lamina::ops
