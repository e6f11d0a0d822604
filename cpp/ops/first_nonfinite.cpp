#include <algorithm>
#include <atomic>
#include <cassert>

#include "kernels/dispatch.h"
#include "ops/ops.h"
#include "ops/split.h"

namespace lamina::ops {

namespace {

struct Search {
    kernel::Find* find;
    std::size_t size;  // of an element, in bytes
};

Search search_of(DType dtype) {
    const Kernels& k = kernels();
    assert(dtype == DType::float16 || dtype == DType::float32 || dtype == DType::float64);
    if (dtype == DType::float16) return {k.first_nonfinite_float16, 2};
    if (dtype == DType::float32) return {k.first_nonfinite_float32, 4};
    return {k.first_nonfinite_float64, 8};
}

}  // namespace

std::size_t first_nonfinite(const void* x, DType dtype, std::size_t n) {
    const Search search = search_of(dtype);
    std::atomic<std::size_t> found{n};
    parallel_ranges(n, 1, [&](std::size_t first, std::size_t last) {
        if (first >= found) return;
        const std::size_t i =
            first + search.find(static_cast<const char*>(x) + first * search.size, last - first);
        if (i == last) return;
        std::size_t before = found;
        while (i < before && !found.compare_exchange_weak(before, i)) continue;
    });
    return found;
}

}  // namespace lamina::ops
