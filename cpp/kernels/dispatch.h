// The choice of a level.
#pragma once

#include <string>
#include <vector>

#include "kernels/kernels.h"

namespace lamina {

// The kernels of the current level: the best that the CPU has, or LAMINA_LEVEL's, or what was set.
const Kernels& kernels();

// The name of the current level.
const char* level();

// The levels this CPU can run, best first.
std::vector<std::string> available_levels();

// Throws std::invalid_argument if the level is not available.
void set_level(const char* name);

}  // namespace lamina
