// What a training step does beside products: dropout and the optimizer's update.
#include <cmath>
#include <functional>
#include <utility>

#include "bench.h"
#include "kernels/dispatch.h"
#include "ops/ops.h"

namespace lamina::bench {

namespace {

// kernels/random.h: 17 products for four numbers, two of them at a time in a vector of four.
constexpr Instructions philox{0, 0, 0, 17.0 / 2, 146.0 / 4};

void dropout(benchmark::State& state, const Level& level, int threads) {
    constexpr std::size_t columns = 256;
    const Mix mix{1, 0, 1};
    const std::size_t rows = level.bytes / sizeof(float) / mix.arrays() / columns;
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
    const auto n = static_cast<double>(y.size());
    if (std::abs(zeros / n - 0.3) > 3 / std::sqrt(n))
        return state.SkipWithError("not 0.3 of the values are 0");
    if (!agree(state, y, kept)) return;
    time_bounded(state, threads, streams(mix, level, y.size(), philox), run);
}

// Numbers of a distribution with this mean and deviation.
void draw(benchmark::State& state,
          void (*run)(float*, std::size_t, std::size_t, const ops::Dropout&), double mean,
          double deviation, const Level& level, int threads) {
    constexpr std::size_t columns = 256;
    Values y(level.bytes / sizeof(float));
    set_num_threads(threads);
    const auto fill = [&] { run(y.data(), y.size() / columns, columns, {0, 1, 2, 3}); };
    fill();
    double sum = 0, squares = 0;
    for (const float value : y) sum += value, squares += (value - mean) * (value - mean);
    const auto n = static_cast<double>(y.size());
    if (std::abs(sum / n - mean) > 4 * deviation / std::sqrt(n) ||
        std::abs(squares / n / (deviation * deviation) - 1) > 6 / std::sqrt(n))
        return state.SkipWithError("another mean or deviation than the distribution's");
    time_bounded(state, threads, streams({0, 0, 1}, level, y.size(), philox), fill);
}

// A share of the rows of g (of 256 numbers) is 0, and was ever, as for pixels that are 0 in all
// images: v would become denormal else.
struct Update {
    const char* name;
    bool momentum, centered;
    double zeros;
};

void rmsprop(benchmark::State& state, const Update& update, const Level& level, int threads) {
    const Mix mix{1, 2u + update.momentum + update.centered, 0};
    const std::size_t n = level.bytes / sizeof(float) / mix.arrays();
    const float momentum = update.momentum ? 0.5f : 0.0f;
    const ops::RMSprop arguments{0.001f, 0.9, momentum, 1e-7f};
    Values w = random_values(n, 1), g = random_values(n, 2), expected(n);
    Values v(n, 1.0f), m(update.momentum ? n : 0), mean(update.centered ? n : 0);
    for (std::size_t i = 0; i < n; ++i)
        if (static_cast<double>(i / 256 * 7 % 100) < 100 * update.zeros) g[i] = v[i] = 0;
    for (std::size_t i = 0; i < n; ++i) {
        const float average = update.centered ? 0.1f * g[i] : 0.0f;
        const float variance = 0.9f + 0.1f * g[i] * g[i] - average * average + 1e-7f;
        expected[i] = w[i] - 0.001f * g[i] / std::sqrt(variance);
    }
    const ops::RMSpropState slots{w.data(), v.data(), update.momentum ? m.data() : nullptr,
                                  update.centered ? mean.data() : nullptr};
    set_num_threads(threads);
    const auto run = [&] { ops::rmsprop(slots, slots, g.data(), n, arguments); };
    run();
    if (!agree(state, w, expected)) return;
    const double divided = 1 - update.zeros;
    time_bounded(state, threads, streams(mix, level, n, {0, divided, divided}), run);
}

void accumulate(benchmark::State& state, const Level& level, int threads) {
    const Mix mix{1, 2, 0};
    const std::size_t n = level.bytes / sizeof(float) / mix.arrays();
    Values total = random_values(n, 1), rest(n, 0.0f), expected(n);
    const Values x = random_values(n, 2);
    for (std::size_t i = 0; i < n; ++i) expected[i] = total[i] + x[i];
    set_num_threads(threads);
    const auto run = [&] {
        ops::accumulate(total.data(), rest.data(), total.data(), rest.data(), x.data(), n);
    };
    run();
    if (!agree(state, total, expected)) return;
    time_bounded(state, threads, streams(mix, level, n), run);
}

void sgd(benchmark::State& state, float momentum, bool nesterov, const Level& level, int threads) {
    const Mix mix{1, 1u + (momentum > 0), 0};
    const std::size_t n = level.bytes / sizeof(float) / mix.arrays();
    Values w = random_values(n, 1), expected(n), m(momentum > 0 ? n : 0);
    const Values g = random_values(n, 2);
    for (std::size_t i = 0; i < n; ++i)
        expected[i] = w[i] - 0.01f * g[i] * (nesterov ? 1 + momentum : 1);
    const ops::SGDState slots{w.data(), momentum > 0 ? m.data() : nullptr};
    set_num_threads(threads);
    const auto run = [&] { ops::sgd(slots, slots, g.data(), n, {0.01f, momentum, nesterov}); };
    run();
    if (!agree(state, w, expected)) return;
    time_bounded(state, threads, streams(mix, level, n), run);
}

void adam(benchmark::State& state, bool amsgrad, const Level& level, int threads) {
    const Mix mix{1, 3u + amsgrad, 0};
    const std::size_t n = level.bytes / sizeof(float) / mix.arrays();
    Values w = random_values(n, 1), expected(n);
    Values m(n), v(n, 1.0f), v_hat(amsgrad ? n : 0);
    const Values g = random_values(n, 2);
    for (std::size_t i = 0; i < n; ++i) {
        const float variance = 0.999f + 0.001f * g[i] * g[i];
        expected[i] = w[i] - 0.001f * g[i] / std::sqrt(variance);
    }
    const ops::AdamState slots{w.data(), m.data(), v.data(), amsgrad ? v_hat.data() : nullptr};
    set_num_threads(threads);
    const auto run = [&] { ops::adam(slots, slots, g.data(), n, {0.01f, 0.9, 0.999, 1e-7f}); };
    run();
    if (!agree(state, w, expected)) return;
    time_bounded(state, threads, streams(mix, level, n, {0, 1, 1}), run);
}

using UpdateBench = std::function<void(benchmark::State&, const Level&, int)>;

void add_updates() {
    using std::placeholders::_1, std::placeholders::_2, std::placeholders::_3;
    const std::pair<const char*, UpdateBench> updates[] = {
        {"sgd", std::bind(sgd, _1, 0.0f, false, _2, _3)},
        {"sgd/momentum", std::bind(sgd, _1, 0.9f, false, _2, _3)},
        {"sgd/nesterov", std::bind(sgd, _1, 0.9f, true, _2, _3)},
        {"adam", std::bind(adam, _1, false, _2, _3)},
        {"adam/amsgrad", std::bind(adam, _1, true, _2, _3)},
    };
    for (const Level& level : levels)
        for (const auto& [name, run] : updates)
            add(
                name + std::string("/") + level.name,
                [run = run, level](benchmark::State& state, int threads) {
                    run(state, level, threads);
                },
                is_shared(level));
}

}  // namespace

void add_training() {
    add_updates();
    const Update updates[] = {
        {"rmsprop", false, false, 0},         {"rmsprop/a third of g 0", false, false, 0.33},
        {"rmsprop/momentum", true, false, 0}, {"rmsprop/centered", false, true, 0},
        {"rmsprop/both", true, true, 0},
    };
    for (const Level& level : levels) {
        add("dropout/" + std::string(level.name),
            [level](benchmark::State& state, int threads) { dropout(state, level, threads); });
        add("random_uniform/" + std::string(level.name),
            [level](benchmark::State& state, int threads) {
                draw(state, ops::random_uniform, 0.5, std::sqrt(1.0 / 12), level, threads);
            });
        add("random_normal/" + std::string(level.name),
            [level](benchmark::State& state, int threads) {
                draw(state, ops::random_normal, 0, 1, level, threads);
            });
        add("accumulate/" + std::string(level.name),
            [level](benchmark::State& state, int threads) { accumulate(state, level, threads); });
        for (const Update& update : updates)
            add(
                update.name + std::string("/") + level.name,
                [update, level](benchmark::State& state, int threads) {
                    rmsprop(state, update, level, threads);
                },
                is_shared(level));
    }
}

}  // namespace lamina::bench
