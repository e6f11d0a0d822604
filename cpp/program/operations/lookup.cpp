// Elements looked up by indices, and sums by them.
#include <algorithm>

#include "program/operations/operations.h"

namespace lamina {
namespace {

// `whole` (outer, n, inner) and the slices of it that m indices name (outer, m, inner).
struct Lookup {
    Extent outer, m;
    std::size_t n, inner;
};

Lookup lookup(const Call& call, const Tensor& whole, const Tensor& slices) {
    call.require_operands(2);
    const auto& indices = call.in(1).sizes;
    const auto axis = static_cast<std::size_t>(call.number("axis"));
    call.require(axis < whole.sizes.size(), "axis is out of bounds");
    auto expected = whole.sizes;
    const auto at = expected.begin() + static_cast<std::ptrdiff_t>(axis);
    expected.insert(expected.erase(at), indices.begin(), indices.end());
    call.require(slices.sizes == expected, "the shapes do not fit");
    std::size_t outer = 1, inner = 1;
    for (std::size_t d = 0; d < whole.sizes.size(); ++d)
        if (d != axis) (d < axis ? outer : inner) *= whole.sizes[d];
    const Extent all{0, axis ? call.in(1).size() : outer};
    const Extent some = call.out().extent(axis ? outer : call.in(1).size());
    return {axis ? some : all, axis ? all : some, whole.sizes[axis], inner};
}

Run take(const Call& call) {
    return [y = call.out().place(), x = call.in(0).place(), indices = call.in(1).place(),
            l = lookup(call, call.in(0), call.out())](Part part) {
        ops::take(y.at(part), x.at(part), indices.at(part), l.outer.of(part), l.n, l.m.of(part),
                  l.inner);
    };
}

Run segment_sum(const Call& call) {
    const Lookup l = lookup(call, call.out(), call.in(0));
    call.require(!call.out().units || call.number("axis") != 0,
                 "the axis that is split must stay whole");
    return [y = call.out().place(), x = call.in(0).place(), indices = call.in(1).place(),
            l](Part part) {
        ops::segment_sum(y.at(part), x.at(part), indices.at(part), l.outer.of(part), l.n,
                         l.m.of(part), l.inner);
    };
}

// Both tensors and the indices have the same rows.
template <void (*function)(float*, const float*, const float*, std::size_t, std::size_t,
                           std::size_t),
          bool takes>
Run along_axis(const Call& call) {
    call.require_operands(2);
    const Tensor& y = call.out();
    const Tensor &whole = takes ? call.in(0) : y, &some = takes ? y : call.in(0);
    auto expected = whole.sizes;
    call.require(!expected.empty() && some.rank() == whole.rank(), "wrong number of axes");
    expected.back() = some.sizes.back();
    call.require(some.sizes == expected && call.in(1).sizes == expected, "the shapes do not fit");
    const std::size_t n = whole.sizes.back(), m = some.sizes.back();
    std::size_t rows = 1;
    for (std::size_t d = 0; d + 1 < expected.size(); ++d) rows *= expected[d];
    return [to = y.place(), x = call.in(0).place(), indices = call.in(1).place(),
            all = y.extent(rows), n, m](Part part) {
        function(to.at(part), x.at(part), indices.at(part), all.of(part), n, m);
    };
}

}  // namespace

std::vector<Operation> lookup_operations() {
    return {
        {"take", take},
        {"segment_sum", segment_sum},
        {"take_along_axis", along_axis<ops::take_along_axis, true>},
        {"add_along_axis", along_axis<ops::add_along_axis, false>},
    };
}

}  // namespace lamina
