// What the benchmarks share: data, checks against naive loops, the peak of this machine.
#pragma once

#include <benchmark/benchmark.h>

#include <cstddef>
#include <string>
#include <vector>

namespace lamina::bench {

using Values = std::vector<float>;

// n values between -1 and 1, the same in every run.
Values random_values(std::size_t n, unsigned seed = 1);

// Whether every |x - y| <= 1e-4 (1 + |y|); else the benchmark is marked as failed.
bool agree(benchmark::State& state, const Values& x, const Values& y);

// Floating-point operations per second of independent fma chains on these many threads.
double peak(int threads);

// The counters of one iteration's work: a share of the peak, measured now; bytes per second.
void count_flops(benchmark::State& state, double flops, int threads);
void count_bytes(benchmark::State& state, double bytes);

// Registers body(state, threads) for one thread and, where there are more, for all.  One thread is
// timed by its own clock, which does not run while another process has the core.
template <typename Body>
void add(const std::string& name, Body body);

std::vector<int> thread_counts();

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
