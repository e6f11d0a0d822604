#include "kernels/dispatch.h"
#include "ops/ops.h"
#include "ops/split.h"

namespace lamina::ops {

void rmsprop(const RMSpropState& out, const RMSpropState& in, const float* g, std::size_t n,
             const RMSprop& arguments) {
    const auto rho = static_cast<float>(arguments.rho);
    const auto rest = static_cast<float>(1.0 - arguments.rho);
    parallel_ranges(n, 2, [&](std::size_t first, std::size_t last) {
        const auto at = [=](auto* p) { return p ? p + first : p; };
        kernels().rmsprop({at(out.w), at(out.v), at(out.m), at(out.mean), at(in.w), at(in.v),
                           at(in.m), at(in.mean), g + first, arguments.learning_rate, rho, rest,
                           arguments.momentum, arguments.epsilon},
                          last - first);
    });
}

}  // namespace lamina::ops
