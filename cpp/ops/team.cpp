#include "ops/team.h"

#include <algorithm>
#include <thread>

namespace lamina {

void Team::run(std::size_t items, detail::Item item, void* context) {
    const std::size_t group = (items + mask - 1) / mask;
    if (group > 1) return run_groups(items, group, item, context);
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

// More items than the counter holds: each becomes a run of items.
void Team::run_groups(std::size_t items, std::size_t group, detail::Item item, void* context) {
    struct Run {
        std::size_t items, group;
        detail::Item item;
        void* context;
    } grouped{items, group, item, context};
    const auto run_group = [](void* run, std::size_t i) {
        const auto& r = *static_cast<Run*>(run);
        const std::size_t last = std::min(r.items, (i + 1) * r.group);
        for (std::size_t j = i * r.group; j < last; ++j) r.item(r.context, j);
    };
    run((items + group - 1) / group, run_group, &grouped);
}

void Team::serve() {
    for (;;) {
        const std::uint64_t seen = state_.load();
        if (seen == closed) return;
        if (take()) {
            // Where another process wants this core: now, while no one waits for an item of ours.
            std::this_thread::yield();
            continue;
        }
        int waited = 0;
        while (state_.load(std::memory_order_relaxed) == seen && ++waited < spins) relax();
        if (waited == spins) sleep(seen);
    }
}

void Team::close() {
    state_.store(closed);
    wake();
}

bool Team::take() {
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

void Team::sleep(std::uint64_t seen) {
    std::unique_lock<std::mutex> lock(mutex_);
    sleeping_.store(true);
    wakened_.wait(lock, [&] { return state_.load() != seen; });
}

void Team::wake() {
    if (!sleeping_.load() || !sleeping_.exchange(false)) return;
    const std::lock_guard<std::mutex> lock(mutex_);
    wakened_.notify_all();
}

}  // namespace lamina
