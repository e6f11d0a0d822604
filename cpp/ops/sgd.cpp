#include "kernels/dispatch.h"
#include "ops/ops.h"
#include "ops/split.h"

namespace lamina::ops {

void sgd(const SGDState& out, const SGDState& in, const float* g, std::size_t n,
         const SGD& arguments) {
    parallel_ranges(n, 1, [&](std::size_t first, std::size_t last) {
        const auto at = [=](auto* p) { return p ? p + first : p; };
        kernels().sgd({at(out.w), at(out.m), at(in.w), at(in.m), g + first, arguments.learning_rate,
                       arguments.momentum, arguments.nesterov},
                      last - first);
    });
}

}  // namespace lamina::ops
