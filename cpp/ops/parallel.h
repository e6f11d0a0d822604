// Threads.  parallel.cpp is the only file that names OpenMP.
#pragma once

#include <cstddef>

namespace lamina {

// The least of CPU affinity, cgroup quota, OMP_NUM_THREADS and LAMINA_NUM_THREADS; or what was set.
int num_threads();
void set_num_threads(int n);  // n >= 1; 0 returns to the default

// How many threads a parallel_for that is called here would have: 1 within an item of another.
int threads_at_hand();

// The number of this thread among those that share out work; 0 for one that works alone.
std::size_t thread_number();

namespace detail {
using Item = void (*)(void* context, std::size_t i);
void run_parallel(std::size_t items, Item item, void* context);
void run_with_team(void (*body)(void* context), void* context);
}  // namespace detail

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

// Calls body() with the threads at hand, so that each parallel_for inside costs well under a
// microsecond to share out.  Without it every parallel_for gathers the threads anew.
template <typename Body>
void with_team(const Body& body) {
    if (num_threads() == 1) {
        body();
        return;
    }
    detail::run_with_team([](void* context) { (*static_cast<const Body*>(context))(); },
                          const_cast<Body*>(&body));
}

}  // namespace lamina
