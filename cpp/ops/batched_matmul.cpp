// A product for each of several matrices.
#include "ops/ops.h"
#include "ops/split.h"

namespace lamina::ops {

void batched_matmul(float* c, const float* a, const float* b, const Broadcast& lead, std::size_t m,
                    std::size_t n, std::size_t k, const Layout& layout) {
    constexpr std::size_t large = 4 * 1024 * 1024, at_once = 16;  // multiplications
    std::size_t count = 1;
    for (int d = 0; d < lead.rank; ++d) count *= lead.sizes[d];
    const auto multiply = [&](std::size_t first, std::size_t last) {
        for (std::size_t i = first; i < last; ++i) {
            std::size_t in_a = 0, in_b = 0, rest = i;
            for (int d = lead.rank; d-- > 0; rest /= lead.sizes[d]) {
                in_a += rest % lead.sizes[d] * lead.strides[0][d];
                in_b += rest % lead.sizes[d] * lead.strides[1][d];
            }
            matmul(c + i * m * n, a + in_a * m * k, b + in_b * k * n, m, n, k, layout);
        }
    };
    if (m * n * k >= large)
        multiply(0, count);  // the threads share each of them
    else
        parallel_ranges(count, m * n * k / at_once + m * n, multiply);
}

}  // namespace lamina::ops
