#include "ops/scratch.h"

#include "ops/aligned.h"

namespace lamina {

float* scratch(std::size_t n) {
    static thread_local AlignedFloats mine;
    mine.reserve(n);
    return mine.data();
}

}  // namespace lamina
