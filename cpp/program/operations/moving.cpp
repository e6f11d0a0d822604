// Parts of tensors taken out, put in, and put side by side.
#include <algorithm>

#include "program/operations/operations.h"

namespace lamina {
namespace {

// Where the elements of a smaller tensor lie in a larger one: at start + i step along each axis.
struct Pattern {
    int rank;
    std::size_t sizes[ops::max_rank];                           // of the smaller
    std::ptrdiff_t steps[ops::max_rank], large[ops::max_rank];  // in floats
    std::ptrdiff_t offset;                                      // in the larger
    Extent first;                                               // axis

    ops::Move move(Part part, bool takes_out) const {
        ops::Move m{rank, {}, {}, {}};
        std::copy(sizes, sizes + rank, m.sizes);
        if (rank > 0) m.sizes[0] = first.of(part);
        std::copy(large, large + rank, takes_out ? m.x_steps : m.y_steps);
        std::copy(steps, steps + rank, takes_out ? m.y_steps : m.x_steps);
        return m;
    }
};

Pattern pattern(const Call& call, const Tensor& large, const Tensor& small) {
    const auto &starts = call.list("starts"), &steps = call.list("steps");
    const std::size_t rank = small.sizes.size();
    call.require(large.sizes.size() == rank && starts.size() == rank && steps.size() == rank &&
                     rank <= ops::max_rank,
                 "operand, result, starts and steps must have as many axes");
    Pattern p{};
    p.rank = static_cast<int>(rank);
    p.first = call.out().extent(rank ? small.sizes[0] : 1);
    std::ptrdiff_t in_large = 1, in_small = 1;
    for (std::size_t d = rank; d-- > 0;) {
        const auto size = static_cast<std::ptrdiff_t>(small.sizes[d]);
        const auto start = static_cast<std::ptrdiff_t>(starts[d]);
        const auto step = static_cast<std::ptrdiff_t>(steps[d]);
        const auto end = start + (size - 1) * step,
                   limit = static_cast<std::ptrdiff_t>(large.sizes[d]);
        call.require(size == 0 || (std::min(start, end) >= 0 && std::max(start, end) < limit),
                     "a start or step leaves the operand");
        p.sizes[d] = small.sizes[d];
        p.large[d] = in_large * step;
        p.steps[d] = in_small;
        p.offset += size ? in_large * start : 0;
        in_large *= limit;
        in_small *= size;
    }
    call.require(!call.out().units || (rank > 0 && starts[0] == 0 && steps[0] == 1 &&
                                       large.sizes[0] == small.sizes[0]),
                 "the axis that is split must stay whole");
    return p;
}

Run slice(const Call& call) {
    call.require_operands(1);
    return [y = call.out().place(), x = call.in(0).place(),
            p = pattern(call, call.in(0), call.out())](Part part) {
        ops::move(y.at(part), x.at(part) + p.offset, p.move(part, true));
    };
}

Run place(const Call& call) {
    call.require_operands(1);
    const Tensor& y = call.out();
    return [to = y.place(), x = call.in(0).place(), n = y.extent(y.size()),
            p = pattern(call, y, call.in(0)),
            value = static_cast<float>(call.number("value"))](Part part) {
        ops::fill(to.at(part), value, n.of(part));
        ops::move(to.at(part) + p.offset, x.at(part), p.move(part, false));
    };
}

Run concatenate(const Call& call) {
    struct Operand {
        Place x;
        std::size_t columns;
    };
    const auto& sizes = call.out().sizes;
    const auto axis = static_cast<std::size_t>(call.number("axis"));
    call.require(axis < sizes.size() && (axis > 0 || !call.out().units), "axis is out of bounds");
    std::size_t outer = 1, inner = 1, columns = 0;
    for (std::size_t d = 0; d < sizes.size(); ++d)
        if (d != axis) (d < axis ? outer : inner) *= sizes[d];
    std::vector<Operand> operands;
    for (const Tensor& x : call.inputs) {
        auto expected = sizes;
        expected[axis] = x.rank() == call.out().rank() ? x.sizes[axis] : 0;
        call.require(x.sizes == expected, "operands may differ along the axis only");
        operands.push_back({x.place(), expected[axis] * inner});
        columns += operands.back().columns;
    }
    call.require(columns == sizes[axis] * inner, "the result has the wrong size");
    return [y = call.out().place(), rows = call.out().extent(outer), columns, operands](Part part) {
        float* to = y.at(part);
        for (const Operand& o : operands) {
            const auto from = static_cast<std::ptrdiff_t>(o.columns);
            ops::move(to, o.x.at(part),
                      {2,
                       {rows.of(part), o.columns},
                       {from, 1},
                       {static_cast<std::ptrdiff_t>(columns), 1}});
            to += from;
        }
    };
}

}  // namespace

std::vector<Operation> moving_operations() {
    return {
        {"slice", slice},
        {"place", place},
        {"concatenate", concatenate},
    };
}

}  // namespace lamina
