#include <algorithm>

#include "ops/ops.h"
#include "program/operations/operations.h"

namespace lamina {
namespace {

struct Product {
    std::size_t m, n, k;
    bool transpose_a, transpose_b;
    std::size_t a_step;
};

Product product(const Call& call) {
    const Tensor &a = call.in(0), &b = call.in(1);
    call.require(a.rank() >= 1 && b.rank() == 2, "b must be a matrix");
    Product p{
        a.rows(),   b.columns(), a.columns(), call.flag("transpose_a"), call.flag("transpose_b"),
        a.columns()};
    if (a.columns() == 0) p.m = call.out().rows();  // which an empty a does not tell
    if (p.transpose_a) {
        call.require(a.rank() == 2, "only a matrix can be transposed");
        p.m = a.sizes[1];
        p.k = a.sizes[0];
    }
    if (p.transpose_b) p.n = b.sizes[0];
    call.require((p.transpose_b ? b.columns() : b.sizes[0]) == p.k, "the inner sizes must agree");
    call.require(call.out().size() == p.m * p.n && call.out().columns() == p.n,
                 "the result has the wrong shape");
    return p;
}

// Where a's numbers for a part of c's rows start: a row, or a column when it is transposed.
Place place_of_a(const Call& call, const Product& p) {
    if (!p.transpose_a) return call.in(0).place();
    return {call.in(0).cell, call.out().units ? p.m / call.out().units : 0};
}

Run matmul(const Call& call) {
    call.require_operands(2);
    const Product p = product(call);
    return [c = call.out().place(), a = place_of_a(call, p), b = call.in(1).cell, p,
            m = call.out().extent(p.m)](Part part) {
        ops::matmul(c.at(part), a.at(part), *b, m.of(part), p.n, p.k,
                    {p.transpose_a, p.transpose_b, p.a_step});
    };
}

// The leading axes of a batched product, and how many matrices of an operand a step along one is.
Broadcasting leading(const Call& call) {
    const auto& sizes = call.out().sizes;
    const int rank = call.out().rank() - 2;
    call.require(rank >= 0 && rank <= ops::max_rank, "expected matrices");
    ops::Broadcast shape{std::max(rank, 1), {1}, {}};
    std::copy(sizes.begin(), sizes.end() - 2, shape.sizes);
    for (std::size_t i = 0; i < 2; ++i) {
        const auto& own = call.in(i).sizes;
        call.require(own.size() >= 2 && own.size() <= sizes.size(), "expected matrices");
        const std::size_t skipped = sizes.size() - own.size();
        std::size_t stride = 1;
        for (std::size_t axis = own.size() - 2; axis-- > 0;) {
            const bool repeated = own[axis] == 1 && sizes[skipped + axis] != 1;
            call.require(repeated || own[axis] == sizes[skipped + axis],
                         "an operand does not broadcast to the result");
            shape.strides[i][skipped + axis] = repeated ? 0 : stride;
            stride *= own[axis];
        }
    }
    call.require(rank > 0 || !call.out().units, "a matrix alone is not split");
    return {shape, call.out().extent(shape.sizes[0])};
}

Run batched_matmul(const Call& call) {
    call.require_operands(2);
    const Broadcasting lead = leading(call);
    const bool ta = call.flag("transpose_a"), tb = call.flag("transpose_b");
    const auto last = [&](const Tensor& x, bool second) {
        return x.sizes[x.sizes.size() - 2 + second];
    };
    const std::size_t m = last(call.in(0), ta), k = last(call.in(0), !ta),
                      n = last(call.in(1), !tb);
    call.require(last(call.in(1), tb) == k, "the inner sizes must agree");
    call.require(last(call.out(), false) == m && last(call.out(), true) == n,
                 "the result has the wrong shape");
    return [c = call.out().place(), a = call.in(0).place(), b = call.in(1).place(), lead, m, n, k,
            layout = ops::Layout{ta, tb, 0}](Part part) {
        ops::batched_matmul(c.at(part), a.at(part), b.at(part), lead.of(part), m, n, k, layout);
    };
}

// What follows the product of a dense call, each null when its flag is not set.
struct Followers {
    Place bias, state, gate;
    float rate, gate_scale, parameter;
    ops::Activation activation;
};

// Operands a, b, then those of bias, dropout (its state) and gate that the flags name.
Followers followers(const Call& call, const Product& p) {
    std::size_t next = 2;
    const auto optional = [&](bool present) {
        return present ? call.in(next++).place() : Place{nullptr, 0};
    };
    Followers f{};
    f.bias = optional(call.flag("bias"));
    f.state = optional(call.flag("dropout"));
    f.gate = optional(call.flag("gate"));
    call.require_operands(next);
    call.require(!f.bias.cell || call.in(2).size() == p.n, "the bias has the wrong size");
    call.require(!f.gate.cell || call.in(next - 1).size() == p.m * p.n,
                 "the gate has the wrong size");
    f.rate = static_cast<float>(call.number("rate"));
    f.gate_scale = f.gate.cell ? static_cast<float>(call.number("gate_scale")) : 1.0f;
    f.parameter = static_cast<float>(call.number("parameter"));
    f.activation = static_cast<ops::Activation>(static_cast<int>(call.number("activation")));
    return f;
}

// matmul with what follows it.
Run dense(const Call& call) {
    const Product p = product(call);
    const Extent m = call.out().extent(p.m);
    return [c = call.out().place(), a = place_of_a(call, p), b = call.in(1).cell, p, m,
            f = followers(call, p)](Part part) {
        ops::Epilogue epilogue;
        ops::Dropout dropout{};
        epilogue.activation = f.activation;
        epilogue.parameter = f.parameter;
        epilogue.gate_scale = f.gate_scale;
        if (f.bias.cell) epilogue.bias = f.bias.at(part);
        if (f.gate.cell) epilogue.gate = f.gate.at(part);
        if (f.state.cell) {
            dropout = dropout_of(f.rate, f.state.at(part));
            dropout.first_row = part.first * m.per_unit;
            epilogue.dropout = &dropout;
        }
        ops::matmul(c.at(part), a.at(part), *b, m.of(part), p.n, p.k,
                    {p.transpose_a, p.transpose_b, p.a_step}, epilogue);
    };
}

}  // namespace

std::vector<Operation> product_operations() {
    return {
        {"matmul", matmul, 0, 0, false, false},
        {"batched_matmul", batched_matmul, 0, 0, false, false},
        {"dense", dense, 0, 0, false, false},
    };
}

}  // namespace lamina
