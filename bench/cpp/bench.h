// What the benchmarks share: data, checks against naive loops, the peak of this machine.
#pragma once

#include <benchmark/benchmark.h>

#include <cstddef>
#include <string>
#include <vector>

#include "ops/parallel.h"

namespace lamina::bench {

using Values = std::vector<float>;

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

// Times work(), of so many floating-point operations, as a share of the peak measured just before.
template <typename Work>
void time_flops(benchmark::State& state, int threads, double flops, Work work) {
    const double highest = peak(threads);
    const double rate = flops / time_of_one(state, threads, work);
    state.counters["GFLOP/s"] = 1e-9 * rate;
    state.counters["% of peak"] = 100 * rate / highest;
}

// Times work(), which reads and writes so many bytes.
template <typename Work>
void time_bytes(benchmark::State& state, int threads, double bytes, Work work) {
    state.counters["GB/s"] = 1e-9 * bytes / time_of_one(state, threads, work);
}

std::vector<int> thread_counts();

// Registers body(state, threads) for one thread and, where there are more, for all.

template <typename Body>
void add(const std::string& name, Body body) {
    for (const int threads : thread_counts()) {
        auto* b = benchmark::RegisterBenchmark(
            (name + "/threads:" + std::to_string(threads)).c_str(), body, threads);
        if (threads > 1) b->UseRealTime();
    }
}

void add_matmul();
void add_elementwise();
void add_rows();
void add_data();

}  // namespace lamina::bench
