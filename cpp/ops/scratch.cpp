#include "ops/scratch.h"

#include <memory>
#include <new>

namespace lamina {

namespace {

constexpr std::align_val_t alignment{64};

struct Free {
    void operator()(float* p) const { ::operator delete(p, alignment); }
};

struct Scratch {
    std::unique_ptr<float, Free> data;
    std::size_t size = 0;
};

}  // namespace

float* scratch(std::size_t n) {
    static thread_local Scratch mine;
    if (mine.size < n) {
        mine.size = 0;
        mine.data.reset(static_cast<float*>(::operator new(n * sizeof(float), alignment)));
        mine.size = n;
    }
    return mine.data.get();
}

}  // namespace lamina
