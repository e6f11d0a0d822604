#include "ops/forks.h"

#if defined(__linux__)
#include <pthread.h>
#endif

#include <atomic>

#include "ops/parallel.h"

namespace lamina {
namespace {

std::atomic<bool> forked{false};

std::mutex& mutex() {
    static std::mutex* const held = new std::mutex;  // never destroyed: threads may outlive us
    return *held;
}

void watch() {
#if defined(__linux__)
    static const int registered = pthread_atfork([] { mutex().lock(); }, [] { mutex().unlock(); },
                                                 [] {
                                                     mutex().unlock();
                                                     forked = true;
                                                     set_num_threads(0);
                                                     detail::forget_helpers();
                                                 });
    static_cast<void>(registered);
#endif
}

}  // namespace

bool forked_child() {
    watch();
    return forked.load(std::memory_order_relaxed);
}

std::mutex& held_over_forks() {
    watch();
    return mutex();
}

}  // namespace lamina
