#include "bench.h"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <iterator>
#include <random>

#include "kernels/dispatch.h"

namespace lamina::bench {

double seconds(int threads) {
    timespec t;
    clock_gettime(threads == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &t);
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

Values random_values(std::size_t n, unsigned seed) {
    std::mt19937 generator(seed);
    std::uniform_real_distribution<float> uniform(-1.0f, 1.0f);
    constexpr std::size_t period = 65537;
    Values x(n);
    for (std::size_t i = 0; i < n; ++i) x[i] = i < period ? uniform(generator) : x[i - period];
    return x;
}

bool agree(benchmark::State& state, const Values& x, const Values& y) {
    for (std::size_t i = 0; i < y.size(); ++i)
        if (!(std::abs(x[i] - y[i]) <= 1e-4f * (1 + std::abs(y[i])))) {
            state.SkipWithError("the result differs from the naive loop's");
            return false;
        }
    return true;
}

Level level_of(std::size_t bytes) {
    for (const Level& level : levels)
        if (bytes <= 3 * level.bytes / 2) return level;
    return levels[std::size(levels) - 1];
}

void time_bounded(benchmark::State& state, int threads, const Bounds& bounds,
                  const std::function<void()>& work) {
    const double most = bandwidth(bounds.mix, bounds.level, threads);
    const double least = bounds.results * seconds_of(bounds.instructions) / threads;
    set_num_threads(threads);
    const double time = time_of_one(state, threads, work);
    const double of_memory = bounds.bytes / most / time, of_instructions = least / time;
    const double per_vector =
        time * threads * static_cast<double>(kernels().width) / bounds.results;
    state.counters["GB/s"] = 1e-9 * bounds.bytes / time;
    state.counters["% of bandwidth"] = 100 * of_memory;
    state.counters["cycles/vector"] = per_vector * clock_rate();
    state.counters["% of instructions"] = 100 * of_instructions;
    state.SetLabel(of_memory >= of_instructions ? bounds.level.name + std::string(" bandwidth")
                                                : slowest_of(bounds.instructions));
}

double peak(int threads) {
    constexpr std::size_t iterations = 20000, tries = 20;
    set_num_threads(threads);
    const auto items = static_cast<std::size_t>(threads);
    double best = 1e9;
    with_team([&] {
        for (std::size_t i = 0; i < tries; ++i) {
            const double start = seconds(threads);
            parallel_for(items, [](std::size_t) {
                benchmark::DoNotOptimize(kernels().fma_peak(iterations));
            });
            best = std::min(best, seconds(threads) - start);
        }
    });
    return static_cast<double>(items * iterations * kernels().fma_peak_flops) / best;
}

std::vector<int> thread_counts() {
    const int all = num_threads();
    return all > 1 ? std::vector<int>{1, all} : std::vector<int>{1};
}

}  // namespace lamina::bench

int main(int argc, char** argv) {
    using namespace lamina;
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
    benchmark::AddCustomContext("level", level());
    for (const int threads : bench::thread_counts())
        benchmark::AddCustomContext("fma peak, GFLOP/s, threads " + std::to_string(threads),
                                    std::to_string(static_cast<int>(bench::peak(threads) / 1e9)));
    set_num_threads(0);
    bench::add_matmul();
    bench::add_elementwise();
    bench::add_rows();
    bench::add_data();
    bench::add_columns();
    bench::add_arrays();
    bench::add_training();
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
}
