#include "bench.h"

#include <algorithm>
#include <cmath>
#include <ctime>
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
    Values x(n);
    for (float& value : x) value = uniform(generator);
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
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
}
