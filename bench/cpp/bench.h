// What the benchmarks share: data, checks against naive loops, the peak of this machine.
#pragma once

#include <benchmark/benchmark.h>

#include <cstddef>
#include <functional>
#include <new>
#include <string>
#include <vector>

#include "limits.h"
#include "ops/parallel.h"

namespace lamina::bench {

// Memory that starts with a cache line, and not all at the same place of a page: a load seems to
// wait for a store that is a multiple of 4096 bytes away.
template <typename T>
struct Staggered {
    using value_type = T;
    static constexpr std::align_val_t alignment{64};

    Staggered() = default;
    template <typename U>
    Staggered(const Staggered<U>&) {}

    T* allocate(std::size_t n) {
        static std::size_t count = 0;
        const std::size_t lines = 1 + 5 * (count++ % 12);
        auto* const start =
            static_cast<char*>(::operator new(n * sizeof(T) + 64 * lines, alignment));
        auto* const data = reinterpret_cast<T*>(start + 64 * lines);
        reinterpret_cast<char**>(data)[-1] = start;
        return data;
    }
    void deallocate(T* data, std::size_t) {
        ::operator delete(reinterpret_cast<char**>(data)[-1], alignment);
    }
    template <typename U>
    bool operator==(const Staggered<U>&) const {
        return true;
    }
    template <typename U>
    bool operator!=(const Staggered<U>&) const {
        return false;
    }
};

using Values = std::vector<float, Staggered<float>>;

// n values between -1 and 1, the same in every run.
Values random_values(std::size_t n, unsigned seed = 1);

// Whether every |x - y| <= 1e-4 (1 + |y|); else the benchmark is marked as failed.
bool agree(benchmark::State& state, const Values& x, const Values& y);

// Floating-point operations per second of independent fma chains on these many threads.
double peak(int threads);

// Seconds by the clock that suits: one thread's own, which stands while another process has the
// core; the wall's for more.
double seconds(int threads);

// Seconds of one work(), with the threads at hand as they are within a program.
template <typename Work>
double time_of_one(benchmark::State& state, int threads, Work work) {
    double total = 0;
    with_team([&] {
        const double start = seconds(threads);
        for (auto _ : state) work();
        total = seconds(threads) - start;
    });
    return total / static_cast<double>(state.iterations());
}

// Times work(), of so many floating-point operations, as a share of the peak measured just before;
// in numbers that are `width` floats wide.
template <typename Work>
void time_flops(benchmark::State& state, int threads, double flops, Work work, int width = 1) {
    const double highest = peak(threads) / width;
    const double rate = flops / time_of_one(state, threads, work);
    state.counters["GFLOP/s"] = 1e-9 * rate;
    state.counters["% of peak"] = 100 * rate / highest;
}

// What bounds work(): a plain loop over the same arrays, and instructions for each of `results`.
struct Bounds {
    Mix mix;
    Level level;
    double bytes;  // that work() reads and writes
    double results;
    Instructions instructions{};
};

// Times work() and sets it beside both bounds, measured in this run; the label names the nearer.
void time_bounded(benchmark::State& state, int threads, const Bounds& bounds,
                  const std::function<void()>& work);

// Bounds of work() with one result for each element of such arrays.
inline Bounds streams(const Mix& mix, const Level& level, std::size_t n,
                      const Instructions& instructions = {}) {
    const auto size = static_cast<double>(n);
    return {mix, level, mix.bytes() * size, size, instructions};
}

// Whether a working set is worth more than one thread.
inline bool is_shared(const Level& level) { return level.bytes > (1 << 20); }

// The level that holds so many bytes.
Level level_of(std::size_t bytes);

std::vector<int> thread_counts();

// Registers body(state, threads) for one thread and, where the work is enough for more, for all.
template <typename Body>
void add(const std::string& name, Body body, bool enough = true) {
    for (const int threads : thread_counts()) {
        if (threads > 1 && !enough) break;
        auto* b = benchmark::RegisterBenchmark(
            (name + "/threads:" + std::to_string(threads)).c_str(), body, threads);
        if (threads > 1) b->UseRealTime();
    }
}

void add_matmul();
void add_elementwise();
void add_rows();
void add_data();
void add_training();
void add_columns();
void add_arrays();

}  // namespace lamina::bench
