// A team: a caller that shares out items, and helpers that come and go.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "ops/float_mode.h"
#include "ops/parallel.h"

namespace lamina {

constexpr int spins = 3000;  // some tens of microseconds: longer than a serial stretch of a step

inline void relax() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

// Threads take items from a shared counter.  The caller waits for items that others have begun,
// never for threads that have not: on a busy machine that would cost a time slice per loop.
class Team {
  public:
    explicit Team(int most) : threads(most) {}

    const int threads;                        // at most so many work for it, the caller among them
    const std::uint64_t mode = float_mode();  // the caller's: helpers compute as it does
    int helpers = 0;                          // kept by Helpers
    std::atomic<bool> alone{false};  // the processors were taken, and no helper has come since
    unsigned times_alone = 0;

    // Shares out the items and works on them; returns when all are done.
    void run(std::size_t items, detail::Item item, void* context);
    bool running() const { return running_; }

    // Works on items until the team is closed.
    void serve();
    void close();

  private:
    // State: the number of the job (23 bits), its items (20), the next item (20).
    static constexpr std::uint64_t mask = (1u << 20) - 1, closed = ~std::uint64_t{0};

    void run_groups(std::size_t items, std::size_t group, detail::Item item, void* context);
    bool take();
    void sleep(std::uint64_t seen);
    void wake();

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

}  // namespace lamina
