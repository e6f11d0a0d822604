// Operations on each number: in cache (the seed job's largest activation) and from memory.
#include <cmath>

#include "bench.h"
#include "kernels/dispatch.h"
#include "ops/ops.h"

namespace lamina::bench {

namespace {

void unary(benchmark::State& state, ops::Unary kernel, float (*naive)(float), std::size_t n,
           int threads) {
    const Values x = random_values(n);
    Values y(n), expected(n);
    for (std::size_t i = 0; i < n; ++i) expected[i] = naive(x[i]);
    set_num_threads(threads);
    ops::unary(kernel, y.data(), x.data(), n);
    if (!agree(state, y, expected)) return;
    time_bytes(state, threads, 8.0 * static_cast<double>(n),
               [&] { ops::unary(kernel, y.data(), x.data(), n); });
}

void dropout(benchmark::State& state, std::size_t rows, int threads) {
    constexpr std::size_t columns = 256;
    const ops::Dropout arguments{0.3f, 1, 2, 3};
    const Values x = random_values(rows * columns);
    Values y(x.size()), kept(x.size());
    set_num_threads(threads);
    const auto run = [&] { ops::dropout(y.data(), x.data(), rows, columns, arguments); };
    run();
    double zeros = 0;
    for (std::size_t i = 0; i < y.size(); ++i) {
        zeros += y[i] == 0;
        kept[i] = y[i] == 0 ? 0 : x[i] / 0.7f;
    }
    const double share = zeros / static_cast<double>(y.size());
    if (std::abs(share - 0.3) > 0.02) return state.SkipWithError("not 0.3 of the values are 0");
    if (!agree(state, y, kept)) return;
    time_bytes(state, threads, 8.0 * static_cast<double>(y.size()), run);
}

void rmsprop(benchmark::State& state, std::size_t n, int threads) {
    const ops::RMSprop arguments{0.001f, 0.9f, 0.0f, 1e-7f};
    const Values g = random_values(n, 2);
    Values w = random_values(n, 1), v(n, 1.0f), expected(n);
    for (std::size_t i = 0; i < n; ++i)
        expected[i] = w[i] - 0.001f * g[i] / std::sqrt(0.9f + 0.1f * g[i] * g[i] + 1e-7f);
    const ops::RMSpropState slots{w.data(), v.data(), nullptr, nullptr};
    set_num_threads(threads);
    ops::rmsprop(slots, slots, g.data(), n, arguments);
    if (!agree(state, w, expected)) return;
    time_bytes(state, threads, 20.0 * static_cast<double>(n),
               [&] { ops::rmsprop(slots, slots, g.data(), n, arguments); });
}

}  // namespace

void add_elementwise() {
    const struct {
        const char* name;
        ops::Unary kernel;
        float (*naive)(float);
    } unaries[] = {
        {"relu", kernels().relu, [](float x) { return x < 0 ? 0 : x; }},
        {"exp", kernels().exp, [](float x) { return std::exp(x); }},
        {"tanh", kernels().tanh, [](float x) { return std::tanh(x); }},
        {"sigmoid", kernels().sigmoid, [](float x) { return 1 / (1 + std::exp(-x)); }},
        {"softplus", kernels().softplus, [](float x) { return std::log1p(std::exp(x)); }},
        {"erf", kernels().erf, [](float x) { return std::erf(x); }},
    };
    for (const std::size_t n : {std::size_t{32768}, std::size_t{1} << 22}) {
        for (const auto& u : unaries)
            add(u.name + ("/" + std::to_string(n)), [u, n](benchmark::State& state, int threads) {
                unary(state, u.kernel, u.naive, n, threads);
            });
        add("dropout/" + std::to_string(n),
            [n](benchmark::State& state, int threads) { dropout(state, n / 256, threads); });
        add("rmsprop/" + std::to_string(n),
            [n](benchmark::State& state, int threads) { rmsprop(state, n, threads); });
    }
}

}  // namespace lamina::bench
