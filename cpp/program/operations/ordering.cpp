// Chains along an axis, orders of rows, places among sorted numbers.
#include "program/operations/operations.h"

namespace lamina {
namespace {

// The result's axes before, at and behind the one that chains run along.
struct Chains {
    Extent outer;
    std::size_t n, inner;
};

Chains chains(const Call& call) {
    const auto& sizes = call.out().sizes;
    const auto axis = static_cast<std::size_t>(call.number("axis"));
    call.require(axis < sizes.size() && (axis > 0 || !call.out().units), "axis is out of bounds");
    for (const Tensor& x : call.inputs) call.require(x.sizes == sizes, "all shapes must be equal");
    std::size_t outer = 1, inner = 1;
    for (std::size_t d = 0; d < sizes.size(); ++d)
        if (d != axis) (d < axis ? outer : inner) *= sizes[d];
    return {call.out().extent(outer), sizes[axis], inner};
}

Run cumsum(const Call& call) {
    call.require_operands(1);
    return [y = call.out().place(), x = call.in(0).place(), c = chains(call),
            reverse = call.flag("reverse")](Part part) {
        ops::cumsum(y.at(part), x.at(part), c.outer.of(part), c.n, c.inner, reverse);
    };
}

Run recurrence(const Call& call) {
    call.require_operands(2);
    return [y = call.out().place(), a = call.in(0).place(), b = call.in(1).place(),
            c = chains(call), reverse = call.flag("reverse")](Part part) {
        ops::recurrence(y.at(part), a.at(part), b.at(part), c.outer.of(part), c.n, c.inner,
                        reverse);
    };
}

// The rows of x and of the result, which has k columns.
Extent rows_of(const Call& call, std::size_t k) {
    const Tensor& x = call.in(0);
    auto expected = x.sizes;
    call.require(!expected.empty() && k <= expected.back(), "expected rows of k or more");
    expected.back() = k;
    call.require(call.out().sizes == expected, "the result has the wrong shape");
    std::size_t rows = 1;
    for (std::size_t d = 0; d + 1 < expected.size(); ++d) rows *= expected[d];
    return call.out().extent(rows);
}

Run argsort(const Call& call) {
    call.require_operands(1);
    const std::size_t columns = call.in(0).columns();
    return [y = call.out().place(), x = call.in(0).place(), rows = rows_of(call, columns),
            columns](Part part) { ops::argsort(y.at(part), x.at(part), rows.of(part), columns); };
}

Run top_k(const Call& call) {
    call.require_operands(1);
    const auto k = static_cast<std::size_t>(call.number("k"));
    return [y = call.out().place(), x = call.in(0).place(), rows = rows_of(call, k),
            columns = call.in(0).columns(),
            k](Part part) { ops::top_k(y.at(part), x.at(part), rows.of(part), columns, k); };
}

Run searchsorted(const Call& call) {
    call.require_operands(2);
    const Tensor& y = call.out();
    call.require(call.in(0).rank() == 1 && call.in(1).sizes == y.sizes,
                 "expected sorted numbers in a row, and a result for each of the others");
    return [to = y.place(), sorted = call.in(0).cell, x = call.in(1).place(), n = call.in(0).size(),
            size = y.extent(y.size()), right = call.flag("right")](Part part) {
        ops::searchsorted(to.at(part), *sorted, x.at(part), n, size.of(part), right);
    };
}

}  // namespace

std::vector<Operation> ordering_operations() {
    return {
        {"cumsum", cumsum}, {"recurrence", recurrence},     {"argsort", argsort},
        {"top_k", top_k},   {"searchsorted", searchsorted},
    };
}

}  // namespace lamina
