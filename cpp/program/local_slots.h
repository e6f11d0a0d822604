// Where the tensors lie that a thread needs for its own part of a group only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "program/program.h"

namespace lamina {

// The sizes for a batch, and their product.
std::vector<std::size_t> resolve(const std::vector<std::int64_t>& dims, std::size_t batch);
std::size_t product(const std::vector<std::size_t>& sizes);

// The most rows of a matrix that are computed at once, to stay in a thread's cache.
std::size_t rows_of_part(std::size_t row_size);

// The units of a strip: what cheap calls leave for the next ones stays in the nearest caches.
std::size_t units_of_strip(std::size_t row_size);

// Gives the local slots of each group offsets side by side, and that of one that is done with to
// the next; returns the room that all groups need.
std::size_t place_local_slots(std::vector<Slot>& slots,
                              const std::vector<Instruction>& instructions);

}  // namespace lamina
