// One step of an optimizer for one weight: operands (w, g, learning rate, slots), results (w,
// slots).
#include <algorithm>

#include "program/operations/operations.h"

namespace lamina {
namespace {

// w and the slots of a call; `used` tells which of three possible slots are there.
struct States {
    std::vector<Place> in, out;  // null places for what is not used
    Place g;
    float* const* rate;
    Extent n;
};

States states(const Call& call, const std::vector<bool>& used) {
    const auto slots = static_cast<std::size_t>(std::count(used.begin(), used.end(), true));
    call.require_operands(3 + slots, 1 + slots);
    const auto& sizes = call.in(0).sizes;
    for (std::size_t i = 0; i < call.inputs.size(); ++i)
        call.require(i == 2 ? call.in(2).size() == 1 : call.in(i).sizes == sizes,
                     "w, g and the slots must have one shape, the learning rate is one number");
    for (const auto& out : call.outputs) call.require(out.sizes == sizes, "wrong result shape");
    const Tensor& g = call.in(1);
    States made{{call.in(0).place()},
                {call.out(0).place()},
                g.place(),
                call.in(2).cell,
                g.extent(g.size())};
    std::size_t next = 0;
    for (const bool use : used) {
        made.in.push_back(use ? call.in(3 + next).place() : Place{});
        made.out.push_back(use ? call.out(1 + next).place() : Place{});
        next += use;
    }
    return made;
}

float* at(const Place& place, Part part) { return place.cell ? place.at(part) : nullptr; }

Run sgd(const Call& call) {
    const float momentum = static_cast<float>(call.number("momentum"));
    const auto state = [](const std::vector<Place>& p, Part part) {
        return ops::SGDState{at(p[0], part), at(p[1], part)};
    };
    return [s = states(call, {momentum != 0}), state, momentum,
            nesterov = call.flag("nesterov")](Part part) {
        ops::sgd(state(s.out, part), state(s.in, part), s.g.at(part), s.n.of(part),
                 {**s.rate, momentum, nesterov});
    };
}

Run adam(const Call& call) {
    const auto state = [](const std::vector<Place>& p, Part part) {
        return ops::AdamState{at(p[0], part), at(p[1], part), at(p[2], part), at(p[3], part)};
    };
    return [s = states(call, {true, true, call.flag("amsgrad")}), state,
            beta_1 = call.number("beta_1"), beta_2 = call.number("beta_2"),
            epsilon = static_cast<float>(call.number("epsilon"))](Part part) {
        ops::adam(state(s.out, part), state(s.in, part), s.g.at(part), s.n.of(part),
                  {**s.rate, beta_1, beta_2, epsilon});
    };
}

Run rmsprop(const Call& call) {
    const float momentum = static_cast<float>(call.number("momentum"));
    const auto state = [](const std::vector<Place>& p, Part part) {
        return ops::RMSpropState{at(p[0], part), at(p[1], part), at(p[2], part), at(p[3], part)};
    };
    return [s = states(call, {true, momentum > 0, call.flag("centered")}), state, momentum,
            rho = call.number("rho"),
            epsilon = static_cast<float>(call.number("epsilon"))](Part part) {
        ops::rmsprop(state(s.out, part), state(s.in, part), s.g.at(part), s.n.of(part),
                     {**s.rate, rho, momentum, epsilon});
    };
}

}  // namespace

std::vector<Operation> optimizer_operations() {
    return {{"sgd", sgd}, {"adam", adam}, {"rmsprop", rmsprop}};
}

}  // namespace lamina
