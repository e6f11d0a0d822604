// Threads.  parallel.cpp is the only file that names OpenMP.
#pragma once

#include <cstddef>

namespace lamina {

// The least of CPU affinity, cgroup quota, OMP_NUM_THREADS and LAMINA_NUM_THREADS; or what was set.
// The affinity is the calling thread's own, now: a system call, so ask only for large work.
int num_threads();
void set_num_threads(int n);  // n >= 1; 0 returns to the default

// Into how many shares to split work here: 1 within an item of a parallel_for, or where no other
// thread is free; at most num_threads().
int threads_at_hand();

// The number of this thread among those that share out work, less than num_threads() of their
// caller; 0 for one that works alone.
std::size_t thread_number();

namespace detail {
int allowed_threads();  // num_threads() of a thread that is in no call
int processors();       // of this thread's affinity
void forget_helpers();  // in a forked child
using Item = void (*)(void* context, std::size_t i);
void run_parallel(std::size_t items, Item item, void* context);
void run_with_team(void (*body)(void* context), void* context);
void run_with_same_threads(void (*body)(void* context), void* context);
}  // namespace detail

// Calls body(i) for i = 0 .. items - 1, each once, on any thread.  An item should be worth about
// 10 microseconds or more; with one item or one thread everything stays on the calling thread.
template <typename Body>
void parallel_for(std::size_t items, const Body& body) {
    if (items <= 1) {
        if (items == 1) body(std::size_t{0});
        return;
    }
    detail::run_parallel(
        items, [](void* context, std::size_t i) { (*static_cast<const Body*>(context))(i); },
        const_cast<Body*>(&body));
}

// Calls body() with the threads at hand, so that each parallel_for inside costs well under a
// microsecond to share out.  Without it every parallel_for gathers the threads anew.  Calls from
// several threads at once share the helpers; one that finds none works alone.  Inside,
// num_threads() stays what it is at the start.
template <typename Body>
void with_team(const Body& body) {
    detail::run_with_team([](void* context) { (*static_cast<const Body*>(context))(); },
                          const_cast<Body*>(&body));
}

// Calls body(): inside, num_threads() stays what it is at the start.
template <typename Body>
void with_same_threads(const Body& body) {
    detail::run_with_same_threads([](void* context) { (*static_cast<const Body*>(context))(); },
                                  const_cast<Body*>(&body));
}

}  // namespace lamina
