#include "ops/dropout.h"

#include <cassert>
#include <cmath>

#include "kernels/dispatch.h"
#include "ops/split.h"

namespace lamina::ops {

kernel::DropoutPart dropout_part(const Dropout& dropout, std::size_t row, std::size_t column) {
    assert(dropout.rate >= 0.0f && dropout.rate <= 1.0f);
    const double rate = dropout.rate;
    kernel::DropoutPart part{};
    part.row = static_cast<std::uint32_t>(row);
    part.column = static_cast<std::uint32_t>(column);
    part.seed = dropout.seed;
    part.step = dropout.step;
    part.call = dropout.call;
    part.threshold = static_cast<std::uint64_t>(std::nearbyint(rate * 0x1p32));
    part.scale = static_cast<float>(1.0 / (1.0 - rate));
    return part;
}

void dropout(float* y, const float* x, std::size_t rows, std::size_t columns,
             const Dropout& dropout) {
    parallel_ranges(rows, 8 * columns, [&](std::size_t first, std::size_t last) {
        for (std::size_t row = first; row < last; ++row)
            kernels().dropout(y + row * columns, x + row * columns, columns,
                              dropout_part(dropout, row, 0));
    });
}

}  // namespace lamina::ops
