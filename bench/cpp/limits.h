// What this machine gives at most: bytes from each level of memory, instructions in registers.
#pragma once

#include <cstddef>

namespace lamina::bench {

// The arrays of a loop: read, read and written, written.
struct Mix {
    std::size_t inputs, updated, outputs;
    std::size_t arrays() const { return inputs + updated + outputs; }
    double bytes() const { return 4.0 * static_cast<double>(arrays() + updated); }  // per element
};

// Where a working set lies, and its size.
struct Level {
    const char* name;
    std::size_t bytes;
};
constexpr Level levels[] = {
    {"L1", 16 << 10}, {"L2", 256 << 10}, {"L3", 4 << 20}, {"RAM", 96 << 20}};

// Bytes per second of a plain loop over such arrays that lie in such a level.
double bandwidth(const Mix& mix, const Level& level, int threads);

// Vector instructions that a kernel must execute for each vector of its result.
struct Instructions {
    double fma = 0, divide = 0, sqrt = 0;
    double product = 0;  // of 32 and 32 bits to 64
    double all = 0;      // of any kind
};

// Seconds that they take for one float, and their number; the slowest unit counts.
double seconds_of(const Instructions& instructions);
const char* slowest_of(const Instructions& instructions);

// Cycles per second, by a chain of additions.
double clock_rate();

}  // namespace lamina::bench
