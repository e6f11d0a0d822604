// Threads.  parallel.cpp is the only file that names OpenMP.
#pragma once

#include <cstddef>

namespace lamina {

// The least of CPU affinity, cgroup quota, OMP_NUM_THREADS and LAMINA_NUM_THREADS; or what was set.
int num_threads();
void set_num_threads(int n);  // n >= 1; 0 returns to the default

namespace detail {
void run_parallel(std::size_t items, void (*call)(void*, std::size_t), void* context);
}

// Calls body(i) for i = 0 .. items - 1, each once, on any thread.  An item should be worth about
// 10 microseconds or more; with one item or one thread everything stays on the calling thread.
template <typename Body>
void parallel_for(std::size_t items, const Body& body) {
    if (items <= 1 || num_threads() == 1) {
        for (std::size_t i = 0; i < items; ++i) body(i);
        return;
    }
    detail::run_parallel(
        items, [](void* context, std::size_t i) { (*static_cast<const Body*>(context))(i); },
        const_cast<Body*>(&body));
}

}  // namespace lamina
