#include "kernels/dispatch.h"
#include "ops/ops.h"
#include "ops/split.h"

namespace lamina::ops {

namespace {
constexpr std::size_t cost = 8;  // of an element, in those of an addition
}

void softmax_cross_entropy(float* loss, float* probabilities, const float* logits,
                           const float* target, std::size_t rows, std::size_t columns) {
    parallel_ranges(rows, cost * columns, [=](std::size_t first, std::size_t last) {
        const std::size_t at = first * columns;
        kernels().softmax_cross_entropy(loss + first, probabilities + at, logits + at, target + at,
                                        last - first, columns);
    });
}

void softmax_cross_entropy_gradient(float* dlogits, const float* dloss, const float* probabilities,
                                    const float* target, std::size_t rows, std::size_t columns) {
    parallel_ranges(rows, cost * columns, [=](std::size_t first, std::size_t last) {
        const std::size_t at = first * columns;
        kernels().softmax_cross_entropy_gradient(dlogits + at, dloss + first, probabilities + at,
                                                 target + at, last - first, columns);
    });
}

}  // namespace lamina::ops
