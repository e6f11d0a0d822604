// Random states, counters, and what optimizers keep.
#include <cstring>
#include <utility>

#include "program/operations/operations.h"

namespace lamina {
namespace {

// A 32-bit integer in the place of a float.
std::uint32_t integer_at(const float* x) {
    std::uint32_t value;
    std::memcpy(&value, x, sizeof value);
    return value;
}

void store_integer(float* y, std::uint32_t value) { std::memcpy(y, &value, sizeof value); }

Run advance(const Call& call) {
    call.require_operands(1);
    call.require(call.in(0).size() == 2 && call.out().size() == 2, "the state is (seed, step)");
    return [y = call.out().cell, x = call.in(0).cell](Part) {
        const std::uint32_t seed = integer_at(*x), step = integer_at(*x + 1);
        store_integer(*y, seed);
        store_integer(*y + 1, step + 1);
    };
}

Run increment(const Call& call) {
    call.require_operands(1);
    call.require(call.in(0).size() == 1 && call.out().size() == 1, "a counter is one number");
    return
        [y = call.out().cell, x = call.in(0).cell](Part) { store_integer(*y, integer_at(*x) + 1); };
}

Run counter(const Call& call) {
    call.require_operands(1);
    call.require(call.in(0).size() == 1 && call.out().size() == 1, "a counter is one number");
    return [y = call.out().cell, x = call.in(0).cell](Part) {
        **y = static_cast<float>(static_cast<std::int32_t>(integer_at(*x)));
    };
}

Run accumulate(const Call& call) {
    call.require_operands(3, 2);
    std::vector<Place> places;
    for (const auto* tensors : {&call.outputs, &call.inputs}) {
        for (const Tensor& x : *tensors) {
            call.require(x.sizes == call.in(0).sizes, "total, rest and x must have one shape");
            places.push_back(x.place());
        }
    }
    return [p = std::move(places), n = call.in(0).extent(call.in(0).size())](Part part) {
        ops::accumulate(p[0].at(part), p[1].at(part), p[2].at(part), p[3].at(part), p[4].at(part),
                        n.of(part));
    };
}

Run rmsprop(const Call& call) {
    const float momentum = static_cast<float>(call.number("momentum"));
    const bool centered = call.flag("centered");
    const std::size_t slots = 1 + (momentum > 0) + centered;
    call.require_operands(3 + slots, 1 + slots);
    const auto& sizes = call.in(0).sizes;
    for (std::size_t i = 0; i < call.inputs.size(); ++i) {
        call.require(i == 2 ? call.in(2).size() == 1 : call.in(i).sizes == sizes,
                     "w, g and the slots must have one shape, learning_rate is one number");
    }
    for (const auto& out : call.outputs) call.require(out.sizes == sizes, "wrong result shape");
    // By position: w, v, momentum, mean gradient; null when not used.
    const auto places = [&](const std::vector<Tensor>& from, std::size_t first) {
        const std::size_t mean = first + 1 + (momentum > 0);
        return std::vector<Place>{from[0].place(), from[first].place(),
                                  momentum > 0 ? from[first + 1].place() : Place{},
                                  centered ? from[mean].place() : Place{}};
    };
    const auto state = [](const std::vector<Place>& p, Part part) {
        const auto at = [part](const Place& place) {
            return place.cell ? place.at(part) : nullptr;
        };
        return ops::RMSpropState{at(p[0]), at(p[1]), at(p[2]), at(p[3])};
    };
    const Tensor& g = call.in(1);
    return [in = places(call.inputs, 3), out = places(call.outputs, 1), state, g = g.place(),
            rate = call.in(2).cell, n = g.extent(g.size()), momentum, rho = call.number("rho"),
            epsilon = static_cast<float>(call.number("epsilon"))](Part part) {
        ops::rmsprop(state(out, part), state(in, part), g.at(part), n.of(part),
                     {**rate, rho, momentum, epsilon});
    };
}

}  // namespace

ops::Dropout dropout_of(float rate, const float* state) {
    return {rate, integer_at(state), integer_at(state + 1), 0, 0};
}

std::vector<Operation> state_operations() {
    return {
        {"advance", advance, 1, 1}, {"increment", increment, 1, 1}, {"counter", counter, 1, 0},
        {"accumulate", accumulate}, {"rmsprop", rmsprop},
    };
}

}  // namespace lamina
