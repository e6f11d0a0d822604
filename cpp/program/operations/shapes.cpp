#include <algorithm>
#include <cstring>

#include "kernels/dispatch.h"
#include "program/operations/operations.h"

namespace lamina {
namespace {

Run broadcast_to(const Call& call) {
    call.require_operands(1);
    return [y = call.out().place(), x = call.in(0).place(), shape = broadcasting(call)](Part part) {
        static const float one = 1.0f;
        ops::Broadcast product = shape.of(part);
        std::fill(product.strides[1], product.strides[1] + ops::max_rank, std::size_t{0});
        ops::binary(kernels().multiply, y.at(part), x.at(part), &one, product);
    };
}

Run copy(const Call& call) {
    call.require_operands(1);
    const Tensor& y = call.out();
    call.require(call.in(0).size() == y.size(), "the result must have the operand's size");
    return [y = y.place(), x = call.in(0).place(), n = y.extent(y.size())](Part part) {
        if (y.at(part) != x.at(part) && n.of(part))
            std::memcpy(y.at(part), x.at(part), n.of(part) * sizeof(float));
    };
}

Run transpose(const Call& call) {
    call.require_operands(1);
    const auto& sizes = call.in(0).sizes;
    std::vector<int> axes;
    std::vector<std::size_t> expected;
    for (const double axis : call.list("axes")) {
        axes.push_back(static_cast<int>(axis));
        expected.push_back(sizes.at(static_cast<std::size_t>(axis)));
    }
    call.require(
        axes.size() == sizes.size() && call.out().sizes == expected && axes.size() <= ops::max_rank,
        "the result has the wrong shape");
    call.require(!call.out().units || (!axes.empty() && axes[0] == 0),
                 "the axis that is split must stay the first");
    const Extent first = call.out().extent(sizes.empty() ? 1 : sizes[0]);
    return [y = call.out().place(), x = call.in(0).place(), sizes, axes, first](Part part) {
        std::size_t own[ops::max_rank] = {};
        std::copy(sizes.begin(), sizes.end(), own);
        own[0] = first.of(part);
        ops::transpose(y.at(part), x.at(part), static_cast<int>(sizes.size()), own, axes.data());
    };
}

}  // namespace

std::vector<Operation> shape_operations() {
    return {
        {"cast", copy},           {"reshape", copy},
        {"stop_gradient", copy},  {"broadcast_to", broadcast_to},
        {"transpose", transpose},
    };
}

}  // namespace lamina
