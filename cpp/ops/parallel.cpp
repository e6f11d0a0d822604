// A team of threads by OpenMP: the only file that names it.
//
// OpenMP's own loops wait, at their end, for every thread: also for one that the system has taken
// off its core before it did anything.  On a busy machine that costs a time slice per loop.  So
// OpenMP only brings the threads together, and within its region they take items from a shared
// counter: the caller waits for items that others have begun, never for threads that have not.
#include "ops/parallel.h"

#include <omp.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>

namespace lamina {
namespace {

constexpr int spins = 3000;  // some tens of microseconds: longer than a serial stretch of a step

inline void relax() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

class Team {
  public:
    // Shares out the items and works on them; returns when all are done.
    void run(std::size_t items, detail::Item item, void* context) {
        constexpr std::size_t most = mask;
        const std::size_t group = (items + most - 1) / most;
        if (group > 1) {  // more than the counter holds: each item becomes a run of items
            struct Run {
                std::size_t items, group;
                detail::Item item;
                void* context;
            } grouped{items, group, item, context};
            run((items + group - 1) / group,
                [](void* run, std::size_t i) {
                    const auto& r = *static_cast<Run*>(run);
                    for (std::size_t j = i * r.group; j < r.items && j < (i + 1) * r.group; ++j) {
                        r.item(r.context, j);
                    }
                },
                &grouped);
            return;
        }
        running_ = true;
        item_.store(item, std::memory_order_relaxed);
        context_.store(context, std::memory_order_relaxed);
        finished_.store(0, std::memory_order_relaxed);
        job_ = (job_ + 1) & 0x7fffff;
        state_.store(job_ << 40 | static_cast<std::uint64_t>(items) << 20);
        wake();
        while (take()) {
        }
        for (int i = 0; finished_.load(std::memory_order_acquire) < items; ++i) {
            i < spins ? relax() : std::this_thread::yield();
        }
        running_ = false;
    }

    bool running() const { return running_; }

    // Works on items until the team is closed.
    void serve() {
        for (;;) {
            const std::uint64_t seen = state_.load();
            if (seen == closed) return;
            if (take()) continue;
            int waited = 0;
            while (state_.load(std::memory_order_relaxed) == seen && ++waited < spins) relax();
            if (waited == spins) sleep(seen);
        }
    }

    void close() {
        state_.store(closed);
        wake();
    }

  private:
    // State: the number of the job (23 bits), its items (20), the next item (20).
    static constexpr std::uint64_t mask = (1u << 20) - 1, closed = ~std::uint64_t{0};

    bool take() {
        std::uint64_t state = state_.load(std::memory_order_acquire);
        std::uint64_t next = 0;
        do {
            next = state & mask;
            if (state == closed || next >= (state >> 20 & mask)) return false;
        } while (!state_.compare_exchange_weak(state, state + 1));
        // The job cannot change until this item is finished.
        item_.load(std::memory_order_relaxed)(context_.load(std::memory_order_relaxed),
                                              static_cast<std::size_t>(next));
        finished_.fetch_add(1, std::memory_order_release);
        return true;
    }

    void sleep(std::uint64_t seen) {
        std::unique_lock<std::mutex> lock(mutex_);
        sleeping_.store(true);
        wakened_.wait(lock, [&] { return state_.load() != seen; });
    }

    void wake() {
        if (!sleeping_.load() || !sleeping_.exchange(false)) return;
        const std::lock_guard<std::mutex> lock(mutex_);
        wakened_.notify_all();
    }

    alignas(64) std::atomic<std::uint64_t> state_{0};
    alignas(64) std::atomic<std::size_t> finished_{0};
    std::atomic<detail::Item> item_{nullptr};
    std::atomic<void*> context_{nullptr};
    std::uint64_t job_ = 0;
    bool running_ = false;
    std::atomic<bool> sleeping_{false};
    std::mutex mutex_;
    std::condition_variable wakened_;
};

thread_local Team* current = nullptr;  // the team that this thread leads
thread_local bool serving = false;     // whether this thread works for another
thread_local std::size_t number = 0;

}  // namespace

int threads_at_hand() {
    return serving || (current && current->running()) ? 1 : num_threads();
}

std::size_t thread_number() { return number; }

void detail::run_with_team(void (*body)(void*), void* context) {
    if (current || serving) {
        body(context);
        return;
    }
    Team team;
    std::exception_ptr failure;
#pragma omp parallel num_threads(num_threads())
    {
        if (omp_get_thread_num() == 0) {
            current = &team;
            try {
                body(context);
            } catch (...) {
                failure = std::current_exception();
            }
            current = nullptr;
            team.close();
        } else {
            serving = true;
            number = static_cast<std::size_t>(omp_get_thread_num());
            team.serve();
            number = 0;
            serving = false;
        }
    }
    if (failure) std::rethrow_exception(failure);
}

void detail::run_parallel(std::size_t items, Item item, void* context) {
    if (threads_at_hand() == 1) {  // an item's own loop
        for (std::size_t i = 0; i < items; ++i) item(context, i);
    } else if (current) {
        current->run(items, item, context);
    } else {
        with_team([&] { current->run(items, item, context); });
    }
}

}  // namespace lamina
