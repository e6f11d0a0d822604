#include "kernels/dispatch.h"
#include "ops/ops.h"
#include "ops/split.h"

namespace lamina::ops {

void adam(const AdamState& out, const AdamState& in, const float* g, std::size_t n,
          const Adam& arguments) {
    const auto rest_1 = static_cast<float>(1.0 - arguments.beta_1);
    const auto rest_2 = static_cast<float>(1.0 - arguments.beta_2);
    parallel_ranges(n, 2, [&](std::size_t first, std::size_t last) {
        const auto at = [=](auto* p) { return p ? p + first : p; };
        kernels().adam(
            {at(out.w), at(out.m), at(out.v), at(out.v_hat), at(in.w), at(in.m), at(in.v),
             at(in.v_hat), g + first, arguments.rate, rest_1, rest_2, arguments.epsilon},
            last - first);
    });
}

}  // namespace lamina::ops
