#include "program/local_slots.h"

#include <algorithm>
#include <functional>
#include <map>
#include <numeric>
#include <stdexcept>

#include "ops/split.h"

namespace lamina {

std::vector<std::size_t> resolve(const std::vector<std::int64_t>& dims, std::size_t batch) {
    std::vector<std::size_t> sizes;
    for (const std::int64_t d : dims) {
        sizes.push_back(d < 0 ? static_cast<std::size_t>(-d) * batch : static_cast<std::size_t>(d));
    }
    return sizes;
}

std::size_t product(const std::vector<std::size_t>& sizes) {
    return std::accumulate(sizes.begin(), sizes.end(), std::size_t{1}, std::multiplies<>());
}

std::size_t rows_of_part(std::size_t row_size) {
    constexpr std::size_t cached = 64 * 1024, fewest = 16;
    return std::max(fewest, cached / std::max<std::size_t>(1, row_size));
}

std::size_t units_of_strip(std::size_t row_size) {
    constexpr std::size_t cached = 4 * 1024;
    return std::max<std::size_t>(1, cached / std::max<std::size_t>(1, row_size));
}

namespace {

// The floats of a local slot.
std::size_t local_room(const Slot& slot) {
    const std::size_t row = product(resolve(slot.dims, 1)) / static_cast<std::size_t>(slot.dims[0]);
    const std::size_t rows = slot.of_strip ? units_of_strip(row) : rows_of_part(row);
    return divide_up(rows * row, 16) * 16;
}

// Local slots that a run of calls in strips makes for itself alone.
void find_strips(std::vector<Slot>& slots, const std::vector<Instruction>& instructions) {
    std::vector<std::size_t> run_of(slots.size(), 0);  // in which a local slot is made; 0: none
    std::size_t run = 0;
    const Instruction* last = nullptr;
    for (const Instruction& instruction : instructions) {
        const bool in_strips = instruction.operation->in_strips;
        if (!last || last->group != instruction.group || last->operation->in_strips != in_strips)
            ++run;
        last = &instruction;
        for (const std::size_t i : instruction.inputs)
            if (run_of[i] != run) slots[i].of_strip = false;
        for (const std::size_t i : instruction.outputs) {
            slots[i].of_strip = slots[i].local && in_strips;
            run_of[i] = run;
        }
    }
}

}  // namespace

std::size_t place_local_slots(std::vector<Slot>& slots,
                              const std::vector<Instruction>& instructions) {
    find_strips(slots, instructions);
    std::map<std::size_t, std::size_t> last_read;  // slot -> the last instruction that touches it
    for (std::size_t n = 0; n < instructions.size(); ++n) {
        for (const std::size_t i : instructions[n].outputs) last_read[i] = n;
        for (const std::size_t i : instructions[n].inputs) last_read[i] = n;
    }
    std::size_t group = 0, end = 0, most = 0;
    std::multimap<std::size_t, std::size_t> free;  // size -> offset
    for (std::size_t n = 0; n < instructions.size(); ++n) {
        const Instruction& instruction = instructions[n];
        if (instruction.group != group) {
            end = 0;
            free.clear();
        }
        group = instruction.group;
        for (const std::size_t i : instruction.outputs) {
            Slot& slot = slots[i];
            if (!slot.local) continue;
            if (group == 0 || slot.dims[0] <= 0)
                throw std::invalid_argument("a local slot must be computed in a group of rows");
            const std::size_t size = local_room(slot);
            if (const auto found = free.find(size); found != free.end()) {
                slot.offset = found->second;
                free.erase(found);
            } else {
                slot.offset = end;
                end += size;
            }
        }
        for (const auto* numbers : {&instruction.inputs, &instruction.outputs})
            for (const std::size_t i : *numbers)
                if (slots[i].local && last_read[i] == n) {
                    free.emplace(local_room(slots[i]), slots[i].offset);
                    last_read[i] = instructions.size();  // given back once
                }
        most = std::max(most, end);
    }
    return most;
}

}  // namespace lamina
