// Memory for a thread's intermediate results: grown when needed, kept, never shared.
#pragma once

#include <cstddef>

namespace lamina {

// At least n floats on a 64-byte boundary; valid until this thread asks again.
float* scratch(std::size_t n);

}  // namespace lamina
