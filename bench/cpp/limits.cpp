// Compiled for the machine at hand (CMakeLists.txt), with the vectors of the kernels.
#include "limits.h"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "bench.h"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace lamina::bench {

namespace {

#include "kernels/simd.h"

template <std::size_t inputs, std::size_t updated, std::size_t outputs>
void stream(float* const* arrays, std::size_t first, std::size_t last) {
    constexpr std::size_t reads = inputs + updated, all = reads + outputs;
    float* p[all];
    for (std::size_t a = 0; a < all; ++a) p[a] = arrays[a];
    Vec total[4] = {};
    for (std::size_t i = first; i + 4 * width <= last; i += 4 * width)
        unroll<4>([&](std::size_t k) {
            const std::size_t at = i + k * width;
            Vec sum{};
            if constexpr (reads > 0) sum = load(p[0] + at);
            if constexpr (reads > 1)
                unroll<reads - 1>([&](std::size_t a) { sum += load(p[a + 1] + at); });
            if constexpr (updated + outputs > 0)
                unroll<updated + outputs>([&](std::size_t a) { store(p[inputs + a] + at, sum); });
            else
                total[k] += sum;
        });
    Vec sum = (total[0] + total[1]) + (total[2] + total[3]);
    benchmark::DoNotOptimize(sum);
}

using Stream = void (*)(float* const*, std::size_t, std::size_t);

Stream stream_of(const Mix& m) {
    const auto is = [&](std::size_t i, std::size_t u, std::size_t o) {
        return m.inputs == i && m.updated == u && m.outputs == o;
    };
    if (is(0, 0, 1)) return stream<0, 0, 1>;
    if (is(1, 0, 0)) return stream<1, 0, 0>;
    if (is(2, 0, 1)) return stream<2, 0, 1>;
    if (is(3, 0, 1)) return stream<3, 0, 1>;
    if (is(1, 2, 0)) return stream<1, 2, 0>;
    if (is(1, 3, 0)) return stream<1, 3, 0>;
    if (is(1, 4, 0)) return stream<1, 4, 0>;
    return stream<1, 0, 1>;
}

double measured_bandwidth(const Mix& mix, const Level& level, int threads) {
    constexpr int tries = 30;
    const std::size_t n = level.bytes / sizeof(float) / mix.arrays();
    std::vector<Values> memory(mix.arrays(), Values(n, 0.0f));
    std::vector<float*> arrays;
    for (Values& values : memory) arrays.push_back(values.data());
    const Stream loop = stream_of(mix);
    const auto shares = static_cast<std::size_t>(threads);
    const std::size_t repeats = std::max<std::size_t>(1, (8 << 20) / level.bytes);
    double best = 1e9;
    set_num_threads(threads);
    with_team([&] {
        for (int t = 0; t < tries; ++t) {
            const double start = seconds(threads);
            parallel_for(shares, [&](std::size_t i) {
                for (std::size_t r = 0; r < repeats; ++r)
                    loop(arrays.data(), n * i / shares, n * (i + 1) / shares);
            });
            best = std::min(best, seconds(threads) - start);
        }
    });
    return mix.bytes() * static_cast<double>(n * repeats) / best;
}

// x, of which the compiler knows nothing more.
inline Vec unknown(Vec x) {
#if defined(__x86_64__)
    asm volatile("" : "+x"(x));
#elif defined(__aarch64__)
    asm volatile("" : "+w"(x));
#else
    benchmark::DoNotOptimize(x);
#endif
    return x;
}

// Seconds of one f(vector) among independent ones.
template <typename F>
double seconds_of_one(F f) {
    constexpr std::size_t chains = 8, iterations = 20000;
    constexpr int tries = 10;
    double best = 1e9;
    for (int t = 0; t < tries; ++t) {
        Vec x[chains];
        for (Vec& v : x) v = broadcast(1.5f);
        const double start = seconds(1);
        for (std::size_t i = 0; i < iterations; ++i)
            unroll<chains>([&](std::size_t c) { x[c] = unknown(f(x[c])); });
        Vec sum{};
        unroll<chains>([&](std::size_t c) { sum += x[c]; });
        benchmark::DoNotOptimize(sum);
        best = std::min(best, seconds(1) - start);
    }
    return best / static_cast<double>(chains * iterations);
}

// By unit: fma, the divider (root and quotient share it), products.
struct Times {
    const char* name;
    double seconds;
};

Times slowest(const Instructions& count) {
    static const double fma_time =
        seconds_of_one([](Vec v) { return fma(v, broadcast(0.5f), broadcast(0.5f)); });
    static const double divide_time = seconds_of_one([](Vec v) { return 1.5f / v; });
    static const double sqrt_time = seconds_of_one([](Vec v) { return sqrt(v); });
    static const double product_time =
        seconds_of_one([](Vec v) { return (Vec)products((UInt64)v, (UInt64)v); });
    static const double any_time = seconds_of_one([](Vec v) { return (Vec)((Int)v + 1); });
    const char* const divider = !count.sqrt ? "div" : count.divide ? "sqrt + div" : "sqrt";
    const Times times[] = {
        {"fma", count.fma * fma_time},
        {divider, count.divide * divide_time + count.sqrt * sqrt_time},
        {"32-bit products", count.product * product_time},
        {"vector instructions", count.all * any_time},
    };
    return *std::max_element(std::begin(times), std::end(times),
                             [](const Times& a, const Times& b) { return a.seconds < b.seconds; });
}

}  // namespace

double bandwidth(const Mix& mix, const Level& level, int threads) {
    using Key = std::tuple<std::size_t, std::size_t, std::size_t, std::string, int>;
    static std::map<Key, double> known;
    const Key key{mix.inputs, mix.updated, mix.outputs, level.name, threads};
    if (known.count(key) == 0) known[key] = measured_bandwidth(mix, level, threads);
    return known[key];
}

double seconds_of(const Instructions& instructions) {
    return slowest(instructions).seconds / static_cast<double>(width);
}

const char* slowest_of(const Instructions& instructions) { return slowest(instructions).name; }

double clock_rate() {
    constexpr int tries = 10, iterations = 100000, adds = 16;
    double best = 1e9;
    for (int t = 0; t < tries; ++t) {
        std::size_t x = 1, y = 3;
        benchmark::DoNotOptimize(y);
        const double start = seconds(1);
        for (int i = 0; i < iterations; ++i)
            unroll<adds>([&](std::size_t) {
                x += y;
                asm volatile("" : "+r"(x));
            });
        best = std::min(best, seconds(1) - start);
    }
    return iterations * adds / best;
}

}  // namespace lamina::bench
