// Random states and counters.
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

Run choose(const Call& call) {
    call.require_operands(3);
    for (const auto* tensors : {&call.inputs, &call.outputs})
        for (const Tensor& x : *tensors)
            call.require(x.size() == 1, "the condition and the counters are one number each");
    return
        [y = call.out().cell, condition = call.in(0).cell, a = call.in(1).cell,
         b = call.in(2).cell](Part) { store_integer(*y, integer_at(**condition != 0 ? *a : *b)); };
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

}  // namespace

ops::Dropout dropout_of(float rate, const float* state) {
    return {rate, integer_at(state), integer_at(state + 1), 0, 0};
}

std::vector<Operation> state_operations() {
    return {
        {"advance", advance, 1, 1}, {"increment", increment, 1, 1}, {"choose", choose, 0b110, 1},
        {"counter", counter, 1, 0}, {"accumulate", accumulate},
    };
}

}  // namespace lamina
