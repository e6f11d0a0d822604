#include "ops/ops.h"
#include "program/operations/operations.h"

namespace lamina {
namespace {

struct Reduction {
    std::size_t outer = 1, n = 1, inner = 1;
};

// The axes must be neighbours, in order.
Reduction reduction(const Call& call) {
    const auto& sizes = call.in(0).sizes;
    const auto& axes = call.list("axes");
    call.require(!axes.empty(), "no axes to reduce");
    const auto first = static_cast<std::size_t>(axes.front());
    call.require(first + axes.size() <= sizes.size(), "an axis is out of bounds");
    for (std::size_t i = 0; i < axes.size(); ++i) {
        call.require(static_cast<std::size_t>(axes[i]) == first + i, "axes must be neighbours");
    }
    Reduction r;
    for (std::size_t axis = 0; axis < sizes.size(); ++axis) {
        (axis < first ? r.outer : axis < first + axes.size() ? r.n : r.inner) *= sizes[axis];
    }
    return r;
}

template <void (*function)(float*, const float*, std::size_t, std::size_t, std::size_t)>
Run reduce(const Call& call) {
    call.require_operands(1);
    const Tensor& y = call.out();
    const Reduction r = reduction(call);
    call.require(y.size() == r.outer * r.inner, "the result has the wrong size");
    return [y = y.place(), x = call.in(0).place(), outer = y.extent(r.outer), n = r.n,
            inner = r.inner](Part part) {
        function(y.at(part), x.at(part), outer.of(part), n, inner);
    };
}

Run count(const Call& call) {
    call.require_operands(1);
    call.require(call.out().size() == 1, "the result is one number");
    const auto& sizes = call.in(0).sizes;
    std::size_t n = 1;
    for (const double axis : call.list("axes")) {
        call.require(static_cast<std::size_t>(axis) < sizes.size(), "an axis is out of bounds");
        n *= sizes[static_cast<std::size_t>(axis)];
    }
    return [y = call.out().cell, n](Part) { **y = static_cast<float>(n); };
}

}  // namespace

std::vector<Operation> reduction_operations() {
    return {
        {"sum", reduce<ops::sum>}, {"mean", reduce<ops::mean>},  {"max", reduce<ops::max>},
        {"min", reduce<ops::min>}, {"count", count, 0, 0, true},
    };
}

}  // namespace lamina
