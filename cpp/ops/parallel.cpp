// One set of helping threads for the process, by OpenMP: the only file that names it.
//
// OpenMP starts the helpers once, and they stay in its region.  A region per call would let its
// idle threads spin for milliseconds after each call, end only when the last of them has arrived,
// and keep threads for every thread that ever called.
#include "ops/parallel.h"

#include <omp.h>

#include <algorithm>
#include <memory>
#include <system_error>
#include <thread>
#include <vector>

#include "ops/team.h"

namespace lamina {
namespace {

constexpr unsigned times_between_offers = 64;

thread_local Team* current = nullptr;  // the team that this thread leads
thread_local int settled = 0;          // the number of threads, from the start of a call to its end
thread_local std::size_t number = 0;   // this thread's own

// Teams that are open, and who may help them: no more threads work than one call may have, so
// calls from as many threads as there are processors do not get in each other's way.
class Helpers {
  public:
    void open(const std::shared_ptr<Team>& team) {
        std::unique_lock<std::mutex> lock(mutex_);
        try {
            start(team->threads - 1);
        } catch (const std::system_error&) {  // the system has no thread left: the caller works
        }
        teams_.push_back(team);
        team->alone = ++working_ >= team->threads;
        offer(*team, lock);
    }

    // Once more, for a call that has gone on for a while.
    void offer_again(const Team& team) {
        std::unique_lock<std::mutex> lock(mutex_);
        offer(team, lock);
    }

    void close(const std::shared_ptr<Team>& team) {
        team->close();
        const std::lock_guard<std::mutex> lock(mutex_);
        teams_.erase(std::find(teams_.begin(), teams_.end(), team));
        --working_;
    }

  private:
    // Where OpenMP binds threads, the first of a region shares the first caller's processor: it
    // rests.
    void start(int wanted) {
        const int more = wanted - started_;
        if (more <= 0) return;
        const int resting = omp_get_proc_bind() == omp_proc_bind_false ? 0 : 1;
        std::thread([this, more, resting] {
#pragma omp parallel num_threads(more + resting)
            if (omp_get_thread_num() >= resting) help();
        }).detach();
        started_ = wanted;
    }

    [[noreturn]] void help() {
        settled = 1;
        for (std::shared_ptr<Team> team;;) {
            std::unique_lock<std::mutex> lock(mutex_);
            if (team) {
                --working_;
                --team->helpers;
            }
            team = next(lock);
            ++working_;
            number = static_cast<std::size_t>(++team->helpers);  // none leaves before the end
            team->alone = false;
            lock.unlock();
            const WithFloatMode mode(team->mode);
            team->serve();
        }
    }

    std::shared_ptr<Team> next(std::unique_lock<std::mutex>& lock) {
        for (;;) {
            const auto team = std::min_element(
                teams_.begin(), teams_.end(),
                [](const auto& a, const auto& b) { return a->helpers < b->helpers; });
            if (team != teams_.end() && working_ < (*team)->threads) return *team;
            const std::uint64_t seen = changes_;
            lock.unlock();
            for (int i = 0; i < spins && changes_ == seen; ++i) relax();
            lock.lock();
            ++sleeping_;
            changed_.wait(lock, [&] { return changes_ != seen; });
            --sleeping_;
        }
    }

    void offer(const Team& team, std::unique_lock<std::mutex>& lock) {
        if (working_ >= team.threads) return;
        ++changes_;
        const bool sleeping = sleeping_ > 0;
        lock.unlock();
        if (sleeping) changed_.notify_all();
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::atomic<std::uint64_t> changes_{0};
    std::vector<std::shared_ptr<Team>> teams_;
    int started_ = 0, sleeping_ = 0;
    int working_ = 0;  // callers and helpers
};

// Never destroyed: helpers wait on it until the process ends.  A forked child has no helpers, and
// must not touch what they held at the fork.
Helpers* helpers = new Helpers;

// A call's time with a team.
struct Lead {
    explicit Lead(int threads) : team(std::make_shared<Team>(threads)) {
        helpers->open(team);
        current = team.get();
    }
    ~Lead() {
        current = nullptr;
        helpers->close(team);
    }
    std::shared_ptr<Team> team;
};

struct Settle {
    explicit Settle(int threads) { settled = threads; }
    ~Settle() { settled = 0; }
};

}  // namespace

void detail::forget_helpers() { helpers = new Helpers; }

int detail::processors() { return omp_get_num_procs(); }

int num_threads() { return settled ? settled : detail::allowed_threads(); }

// Work that no one else will take is not split: it goes faster whole.
int threads_at_hand() {
    if (!current) return num_threads();
    if (current->running()) return 1;
    if (!current->alone.load(std::memory_order_relaxed)) return settled;
    if (++current->times_alone % times_between_offers == 0) helpers->offer_again(*current);
    return 1;
}

std::size_t thread_number() { return number; }

void detail::run_with_same_threads(void (*body)(void*), void* context) {
    if (settled) return body(context);
    const Settle settle(allowed_threads());
    body(context);
}

void detail::run_with_team(void (*body)(void*), void* context) {
    if (current) return body(context);
    with_same_threads([=] {
        if (settled == 1) return body(context);
        const Lead lead(settled);
        body(context);
    });
}

void detail::run_parallel(std::size_t items, Item item, void* context) {
    if (settled == 1 || (current && current->running())) {  // alone, or an item's own loop
        for (std::size_t i = 0; i < items; ++i) item(context, i);
    } else if (current) {
        current->run(items, item, context);
    } else {
        with_team([&] { run_parallel(items, item, context); });
    }
}

}  // namespace lamina
