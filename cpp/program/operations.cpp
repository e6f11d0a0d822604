// The list of operations: for each its shapes, and the function of ops.h that computes it.
#include <algorithm>
#include <cstring>
#include <optional>

#include "kernels/dispatch.h"
#include "ops/ops.h"
#include "program/operation.h"

namespace lamina {
namespace {

using Sizes = std::vector<std::size_t>;

void arity(const Call& call, std::size_t inputs, std::size_t outputs = 1) {
    call.require(call.inputs.size() == inputs && call.outputs.size() == outputs,
                 "wrong number of operands");
}

// --- elementwise ------------------------------------------------------------------------------

template <ops::Unary Kernels::*kernel>
Run unary(const Call& call) {
    arity(call, 1);
    call.require(call.in(0).sizes == call.out().sizes, "the result must have the operand's shape");
    return [y = call.out().cell, x = call.in(0).cell, n = call.out().size()] {
        ops::unary(kernels().*kernel, *y, *x, n);
    };
}

ops::Broadcast broadcast(const Call& call) {
    const Sizes& sizes = call.out().sizes;
    call.require(call.out().rank() <= ops::max_rank, "too many axes");
    ops::Broadcast shape{call.out().rank(), {}, {}};
    std::copy(sizes.begin(), sizes.end(), shape.sizes);
    for (std::size_t i = 0; i < call.inputs.size(); ++i) {
        const Sizes& own = call.in(i).sizes;
        call.require(own.size() <= sizes.size(), "an operand has more axes than the result");
        const std::size_t skipped = sizes.size() - own.size();
        std::size_t stride = 1;
        for (std::size_t axis = own.size(); axis-- > 0;) {
            const bool repeated = own[axis] == 1 && sizes[skipped + axis] != 1;
            call.require(repeated || own[axis] == sizes[skipped + axis],
                         "an operand does not broadcast to the result");
            shape.strides[i][skipped + axis] = repeated ? 0 : stride;
            stride *= own[axis];
        }
    }
    return shape;
}

template <ops::Binary Kernels::*kernel>
Run binary(const Call& call) {
    arity(call, 2);
    return [y = call.out().cell, a = call.in(0).cell, b = call.in(1).cell,
            shape = broadcast(call)] { ops::binary(kernels().*kernel, *y, *a, *b, shape); };
}

template <ops::Ternary Kernels::*kernel>
Run ternary(const Call& call) {
    arity(call, 3);
    return [y = call.out().cell, a = call.in(0).cell, b = call.in(1).cell, c = call.in(2).cell,
            shape = broadcast(call)] { ops::ternary(kernels().*kernel, *y, *a, *b, *c, shape); };
}

Run broadcast_to(const Call& call) {
    arity(call, 1);
    return [y = call.out().cell, x = call.in(0).cell, shape = broadcast(call)] {
        static const float one = 1.0f;
        auto product = shape;
        std::fill(product.strides[1], product.strides[1] + ops::max_rank, std::size_t{0});
        ops::binary(kernels().multiply, *y, *x, &one, product);
    };
}

Run copy(const Call& call) {
    arity(call, 1);
    call.require(call.in(0).size() == call.out().size(), "the result must have the operand's size");
    return [y = call.out().cell, x = call.in(0).cell, bytes = call.out().size() * sizeof(float)] {
        if (*y != *x && bytes) std::memcpy(*y, *x, bytes);
    };
}

// --- rows -------------------------------------------------------------------------------------

template <void (*function)(float*, const float*, std::size_t, std::size_t)>
Run along_rows(const Call& call) {
    arity(call, 1);
    call.require(call.in(0).sizes == call.out().sizes, "the result must have the operand's shape");
    return [y = call.out().cell, x = call.in(0).cell, rows = call.out().rows(),
            columns = call.out().columns()] { function(*y, *x, rows, columns); };
}

Run softmax_gradient(const Call& call) {
    arity(call, 2);
    const Tensor& y = call.in(1);
    call.require(call.in(0).sizes == y.sizes && call.out().sizes == y.sizes,
                 "all shapes must be equal");
    return [dx = call.out().cell, dy = call.in(0).cell, y = y.cell, rows = y.rows(),
            columns = y.columns()] { ops::softmax_gradient(*dx, *dy, *y, rows, columns); };
}

Run softmax_cross_entropy(const Call& call) {
    arity(call, 2, 2);
    const Tensor& logits = call.in(0);
    call.require(call.in(1).sizes == logits.sizes && call.out(1).sizes == logits.sizes &&
                     call.out(0).size() == logits.rows(),
                 "logits, target and probabilities must have one shape, the loss a value per row");
    return [loss = call.out(0).cell, p = call.out(1).cell, x = logits.cell,
            target = call.in(1).cell, rows = logits.rows(), columns = logits.columns()] {
        ops::softmax_cross_entropy(*loss, *p, *x, *target, rows, columns);
    };
}

Run softmax_cross_entropy_gradient(const Call& call) {
    arity(call, 3);
    const Tensor& p = call.in(1);
    call.require(
        call.in(2).sizes == p.sizes && call.out().sizes == p.sizes && call.in(0).size() == p.rows(),
        "probabilities, target and result must have one shape, dloss a value per row");
    return [dx = call.out().cell, dloss = call.in(0).cell, p = p.cell, target = call.in(2).cell,
            rows = p.rows(), columns = p.columns()] {
        ops::softmax_cross_entropy_gradient(*dx, *dloss, *p, *target, rows, columns);
    };
}

Run argmax(const Call& call) {
    arity(call, 1);
    const Tensor& x = call.in(0);
    call.require(call.out().size() == x.rows() && x.columns() > 0, "expected a result per row");
    return [y = call.out().cell, x = x.cell, rows = x.rows(), columns = x.columns()] {
        ops::argmax(*y, *x, rows, columns);
    };
}

Run categorical_accuracy(const Call& call) {
    arity(call, 2);
    const Tensor& x = call.in(0);
    call.require(call.in(1).sizes == x.sizes && call.out().size() == x.rows() && x.columns() > 0,
                 "expected two tensors of one shape and a result per row");
    return [y = call.out().cell, a = x.cell, b = call.in(1).cell, rows = x.rows(),
            columns = x.columns()] { ops::categorical_accuracy(*y, *a, *b, rows, columns); };
}

Run one_hot(const Call& call) {
    arity(call, 1);
    const Tensor& y = call.out();
    call.require(y.rank() == call.in(0).rank() + 1 && y.rows() == call.in(0).size(),
                 "expected a row per element");
    return [y = y.cell, x = call.in(0).cell, rows = y.rows(), columns = y.columns()] {
        ops::one_hot(*y, *x, rows, columns);
    };
}

// --- reductions, shapes -----------------------------------------------------------------------

struct Reduction {
    std::size_t outer = 1, n = 1, inner = 1;
};

// The axes must be neighbours, in order.
Reduction reduction(const Call& call) {
    const Sizes& sizes = call.in(0).sizes;
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
    arity(call, 1);
    const Reduction r = reduction(call);
    call.require(call.out().size() == r.outer * r.inner, "the result has the wrong size");
    return
        [y = call.out().cell, x = call.in(0).cell, r] { function(*y, *x, r.outer, r.n, r.inner); };
}

Run count(const Call& call) {
    arity(call, 1);
    call.require(call.out().size() == 1, "the result is one number");
    const Sizes& sizes = call.in(0).sizes;
    std::size_t n = 1;
    for (const double axis : call.list("axes")) {
        call.require(static_cast<std::size_t>(axis) < sizes.size(), "an axis is out of bounds");
        n *= sizes[static_cast<std::size_t>(axis)];
    }
    return [y = call.out().cell, n] { **y = static_cast<float>(n); };
}

Run transpose(const Call& call) {
    arity(call, 1);
    const Sizes& sizes = call.in(0).sizes;
    std::vector<int> axes;
    Sizes expected;
    for (double axis : call.list("axes")) {
        axes.push_back(static_cast<int>(axis));
        expected.push_back(sizes.at(static_cast<std::size_t>(axis)));
    }
    call.require(
        axes.size() == sizes.size() && call.out().sizes == expected && axes.size() <= ops::max_rank,
        "the result has the wrong shape");
    return [y = call.out().cell, x = call.in(0).cell, sizes, axes] {
        ops::transpose(*y, *x, static_cast<int>(sizes.size()), sizes.data(), axes.data());
    };
}

// --- matmul -----------------------------------------------------------------------------------

struct Product {
    std::size_t m, n, k;
    bool transpose_a, transpose_b;
};

Product product(const Call& call) {
    const Tensor &a = call.in(0), &b = call.in(1);
    call.require(a.rank() >= 1 && b.rank() == 2, "b must be a matrix");
    Product p{a.rows(), b.columns(), a.columns(), call.flag("transpose_a"),
              call.flag("transpose_b")};
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

Run matmul(const Call& call) {
    arity(call, 2);
    return [c = call.out().cell, a = call.in(0).cell, b = call.in(1).cell, p = product(call)] {
        ops::matmul(*c, *a, *b, p.m, p.n, p.k, p.transpose_a, p.transpose_b);
    };
}

const std::uint32_t* integers(float* const* cell) {
    return reinterpret_cast<const std::uint32_t*>(*cell);
}

ops::Dropout dropout_of(float rate, float* const* state) {
    return {rate, integers(state)[0], integers(state)[1], 0};
}

// matmul with what follows it: operands a, b, then those of bias, dropout (its state) and gate
// that the flags name.
Run dense(const Call& call) {
    const Product p = product(call);
    std::size_t next = 2;
    const auto optional = [&](bool present) {
        return present ? call.in(next++).cell : static_cast<float* const*>(nullptr);
    };
    float* const* bias = optional(call.flag("bias"));
    float* const* state = optional(call.flag("dropout"));
    float* const* gate = optional(call.flag("gate"));
    arity(call, next);
    call.require(!bias || call.in(2).size() == p.n, "the bias has the wrong size");
    call.require(!gate || call.in(next - 1).size() == p.m * p.n, "the gate has the wrong size");
    const auto rate = static_cast<float>(call.number("rate"));
    ops::Epilogue fixed;
    fixed.activation = static_cast<ops::Activation>(static_cast<int>(call.number("activation")));
    fixed.gate_scale = gate ? static_cast<float>(call.number("gate_scale")) : 1.0f;
    return [c = call.out().cell, a = call.in(0).cell, b = call.in(1).cell, p, bias, state, gate,
            rate, fixed] {
        ops::Epilogue epilogue = fixed;
        ops::Dropout dropout{};
        if (bias) epilogue.bias = *bias;
        if (gate) epilogue.gate = *gate;
        if (state) {
            dropout = dropout_of(rate, state);
            epilogue.dropout = &dropout;
        }
        ops::matmul(*c, *a, *b, p.m, p.n, p.k, p.transpose_a, p.transpose_b, epilogue);
    };
}

// --- random, state ----------------------------------------------------------------------------

Run dropout(const Call& call) {
    arity(call, 2);
    const Tensor& y = call.out();
    call.require(call.in(0).sizes == y.sizes && call.in(1).size() == 2,
                 "the result must have the operand's shape, the state is (seed, step)");
    return [y = y.cell, x = call.in(0).cell, state = call.in(1).cell, rows = y.rows(),
            columns = y.columns(), rate = static_cast<float>(call.number("rate"))] {
        ops::dropout(*y, *x, rows, columns, dropout_of(rate, state));
    };
}

Run advance(const Call& call) {
    arity(call, 1);
    call.require(call.in(0).size() == 2 && call.out().size() == 2, "the state is (seed, step)");
    return [y = call.out().cell, x = call.in(0).cell] {
        const std::uint32_t next[2] = {integers(x)[0], integers(x)[1] + 1};
        std::memcpy(*y, next, sizeof next);
    };
}

Run increment(const Call& call) {
    arity(call, 1);
    call.require(call.in(0).size() == 1 && call.out().size() == 1, "a counter is one number");
    return [y = call.out().cell, x = call.in(0).cell] {
        const std::uint32_t next = *integers(x) + 1;
        std::memcpy(*y, &next, sizeof next);
    };
}

Run counter(const Call& call) {
    arity(call, 1);
    call.require(call.in(0).size() == 1 && call.out().size() == 1, "a counter is one number");
    return [y = call.out().cell, x = call.in(0).cell] {
        std::int32_t value;
        std::memcpy(&value, *x, sizeof value);
        **y = static_cast<float>(value);
    };
}

Run rmsprop(const Call& call) {
    const float momentum = static_cast<float>(call.number("momentum"));
    const bool centered = call.flag("centered");
    const std::size_t slots = 1 + (momentum > 0) + centered;
    arity(call, 3 + slots, 1 + slots);
    const Sizes& sizes = call.in(0).sizes;
    for (std::size_t i = 0; i < call.inputs.size(); ++i) {
        call.require(i == 2 ? call.in(2).size() == 1 : call.in(i).sizes == sizes,
                     "w, g and the slots must have one shape, learning_rate is one number");
    }
    for (const auto& out : call.outputs) call.require(out.sizes == sizes, "wrong result shape");
    // By position: w, v, momentum, mean gradient; null when not used.
    const auto cells = [&](const std::vector<Tensor>& from, std::size_t first) {
        const std::size_t mean = first + 1 + (momentum > 0);
        return std::vector<float* const*>{from[0].cell, from[first].cell,
                                          momentum > 0 ? from[first + 1].cell : nullptr,
                                          centered ? from[mean].cell : nullptr};
    };
    const auto state = [](const std::vector<float* const*>& c) {
        return ops::RMSpropState{*c[0], *c[1], c[2] ? *c[2] : nullptr, c[3] ? *c[3] : nullptr};
    };
    return [in = cells(call.inputs, 3), out = cells(call.outputs, 1), state, g = call.in(1).cell,
            rate = call.in(2).cell, n = call.in(0).size(), momentum, rho = call.number("rho"),
            epsilon = static_cast<float>(call.number("epsilon"))] {
        ops::rmsprop(state(out), state(in), *g, n, {**rate, rho, momentum, epsilon});
    };
}

}  // namespace

const std::vector<Operation>& operations() {
    using K = Kernels;
    static const std::vector<Operation> list = {
        {"negative", unary<&K::negative>},
        {"abs", unary<&K::abs>},
        {"sign", unary<&K::sign>},
        {"square", unary<&K::square>},
        {"sqrt", unary<&K::sqrt>},
        {"rsqrt", unary<&K::rsqrt>},
        {"reciprocal", unary<&K::reciprocal>},
        {"exp", unary<&K::exp>},
        {"log", unary<&K::log>},
        {"log1p", unary<&K::log1p>},
        {"floor", unary<&K::floor>},
        {"relu", unary<&K::relu>},
        {"sigmoid", unary<&K::sigmoid>},
        {"tanh", unary<&K::tanh>},
        {"erf", unary<&K::erf>},
        {"softplus", unary<&K::softplus>},
        {"logical_not", unary<&K::logical_not>},
        {"isnan", unary<&K::isnan>},
        {"isfinite", unary<&K::isfinite>},
        {"relu_gradient", binary<&K::relu_gradient>},
        {"sigmoid_gradient", binary<&K::sigmoid_gradient>},
        {"tanh_gradient", binary<&K::tanh_gradient>},
        {"add", binary<&K::add>},
        {"subtract", binary<&K::subtract>},
        {"multiply", binary<&K::multiply>},
        {"divide", binary<&K::divide>},
        {"power", binary<&K::power>},
        {"maximum", binary<&K::maximum>},
        {"minimum", binary<&K::minimum>},
        {"mod", binary<&K::mod>},
        {"floor_divide", binary<&K::floor_divide>},
        {"greater", binary<&K::greater>},
        {"greater_equal", binary<&K::greater_equal>},
        {"less", binary<&K::less>},
        {"less_equal", binary<&K::less_equal>},
        {"equal", binary<&K::equal>},
        {"not_equal", binary<&K::not_equal>},
        {"logical_and", binary<&K::logical_and>},
        {"logical_or", binary<&K::logical_or>},
        {"where", ternary<&K::where>},
        {"gate", ternary<&K::gate>},
        {"softmax", along_rows<ops::softmax>},
        {"log_softmax", along_rows<ops::log_softmax>},
        {"softmax_gradient", softmax_gradient},
        {"softmax_cross_entropy", softmax_cross_entropy},
        {"softmax_cross_entropy_gradient", softmax_cross_entropy_gradient},
        {"argmax", argmax},
        {"categorical_accuracy", categorical_accuracy},
        {"one_hot", one_hot},
        {"sum", reduce<ops::sum>},
        {"mean", reduce<ops::mean>},
        {"max", reduce<ops::max>},
        {"min", reduce<ops::min>},
        {"count", count},
        {"reshape", copy},
        {"stop_gradient", copy},
        {"broadcast_to", broadcast_to},
        {"transpose", transpose},
        {"matmul", matmul},
        {"dense", dense},
        {"dropout", dropout, 0b10},
        {"advance", advance, 1, 1},
        {"increment", increment, 1, 1},
        {"counter", counter, 1, 0},
        {"rmsprop", rmsprop},
    };
    return list;
}

}  // namespace lamina
