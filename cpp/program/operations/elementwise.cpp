#include <algorithm>

#include "kernels/dispatch.h"
#include "program/operations/operations.h"

namespace lamina {

Broadcasting broadcasting(const Call& call) {
    const auto& sizes = call.out().sizes;
    call.require(call.out().rank() <= ops::max_rank, "too many axes");
    ops::Broadcast shape{call.out().rank(), {}, {}};
    std::copy(sizes.begin(), sizes.end(), shape.sizes);
    for (std::size_t i = 0; i < call.inputs.size(); ++i) {
        const auto& own = call.in(i).sizes;
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
    return {shape, call.out().extent(shape.sizes[0])};
}

ops::Broadcast Broadcasting::of(Part part) const {
    ops::Broadcast smaller = shape;
    smaller.sizes[0] = first.of(part);
    return smaller;
}

namespace {

template <ops::Unary Kernels::*kernel>
Run unary(const Call& call) {
    call.require_operands(1);
    const Tensor& y = call.out();
    call.require(call.in(0).sizes == y.sizes, "the result must have the operand's shape");
    return [y = y.place(), x = call.in(0).place(), n = y.extent(y.size())](Part part) {
        ops::unary(kernels().*kernel, y.at(part), x.at(part), n.of(part));
    };
}

template <ops::Binary Kernels::*kernel>
Run binary(const Call& call) {
    call.require_operands(2);
    return [y = call.out().place(), a = call.in(0).place(), b = call.in(1).place(),
            shape = broadcasting(call)](Part part) {
        ops::binary(kernels().*kernel, y.at(part), a.at(part), b.at(part), shape.of(part));
    };
}

template <ops::Ternary Kernels::*kernel>
Run ternary(const Call& call) {
    call.require_operands(3);
    return [y = call.out().place(), a = call.in(0).place(), b = call.in(1).place(),
            c = call.in(2).place(), shape = broadcasting(call)](Part part) {
        ops::ternary(kernels().*kernel, y.at(part), a.at(part), b.at(part), c.at(part),
                     shape.of(part));
    };
}

}  // namespace

std::vector<Operation> elementwise_operations() {
    using K = Kernels;
    return {
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
        {"arccos", unary<&K::arccos>},
        {"arccosh", unary<&K::arccosh>},
        {"arcsin", unary<&K::arcsin>},
        {"arcsinh", unary<&K::arcsinh>},
        {"arctan", unary<&K::arctan>},
        {"arctanh", unary<&K::arctanh>},
        {"cbrt", unary<&K::cbrt>},
        {"ceil", unary<&K::ceil>},
        {"cos", unary<&K::cos>},
        {"cosh", unary<&K::cosh>},
        {"erfinv", unary<&K::erfinv>},
        {"exp2", unary<&K::exp2>},
        {"expm1", unary<&K::expm1>},
        {"log10", unary<&K::log10>},
        {"log2", unary<&K::log2>},
        {"round", unary<&K::round>},
        {"sin", unary<&K::sin>},
        {"sinh", unary<&K::sinh>},
        {"tan", unary<&K::tan>},
        {"gelu", unary<&K::gelu>},
        {"gelu_tanh", unary<&K::gelu_tanh>},
        {"selu", unary<&K::selu>},
        {"silu", unary<&K::silu>},
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
        {"arctan2", binary<&K::arctan2>},
        {"hypot", binary<&K::hypot>},
        {"leaky_relu", binary<&K::leaky_relu>},
        {"elu", binary<&K::elu>},
        {"selu_gradient", binary<&K::selu_gradient>},
        {"silu_gradient", binary<&K::silu_gradient>},
        {"gelu_gradient", binary<&K::gelu_gradient>},
        {"gelu_tanh_gradient", binary<&K::gelu_tanh_gradient>},
        {"where", ternary<&K::where>},
        {"leaky_relu_gradient", ternary<&K::leaky_relu_gradient>},
        {"elu_gradient", ternary<&K::elu_gradient>},
        {"gate", ternary<&K::gate>},
    };
}

}  // namespace lamina
