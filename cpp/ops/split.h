// How an operation's work becomes parallel_for's items.
#pragma once

#include <algorithm>
#include <cstddef>

#include "ops/parallel.h"

namespace lamina {

// About 10 microseconds of cheap work, in elements.
constexpr std::size_t grain = 32768;

inline std::size_t divide_up(std::size_t n, std::size_t size) { return (n + size - 1) / size; }

// Calls body(first, last) for consecutive ranges that cover 0 .. n - 1, in parallel when
// n * cost, in elements of cheap work, is worth it.
template <typename Body>
void parallel_ranges(std::size_t n, std::size_t cost, const Body& body) {
    const std::size_t size = std::max<std::size_t>(1, grain / std::max<std::size_t>(1, cost));
    if (n == 0) return;
    if (n <= size || threads_at_hand() == 1) return body(std::size_t{0}, n);
    parallel_for(divide_up(n, size),
                 [&](std::size_t i) { body(i * size, std::min(n, (i + 1) * size)); });
}

}  // namespace lamina
