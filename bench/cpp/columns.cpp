// Operations across the rows of a matrix: reductions of columns, transposition.
#include <algorithm>

#include "bench.h"
#include "ops/ops.h"

namespace lamina::bench {

namespace {

struct Reduction {
    const char* name;
    void (*run)(float*, const float*, std::size_t, std::size_t, std::size_t);
    float (*joined)(float, float);
    bool divided;  // by the number of rows
};

const Reduction reductions[] = {
    {"sum", ops::sum, [](float a, float b) { return a + b; }, false},
    {"mean", ops::mean, [](float a, float b) { return a + b; }, true},
    {"max", ops::max, [](float a, float b) { return std::max(a, b); }, false},
    {"min", ops::min, [](float a, float b) { return std::min(a, b); }, false},
};

void reduce(benchmark::State& state, const Reduction& r, std::size_t rows, std::size_t columns,
            int threads) {
    const Values x = random_values(rows * columns);
    Values y(columns), expected(x.begin(), x.begin() + static_cast<std::ptrdiff_t>(columns));
    for (std::size_t i = 1; i < rows; ++i)
        for (std::size_t j = 0; j < columns; ++j)
            expected[j] = r.joined(expected[j], x[i * columns + j]);
    for (float& value : expected) value /= r.divided ? static_cast<float>(rows) : 1.0f;
    const auto run = [&] { r.run(y.data(), x.data(), 1, rows, columns); };
    set_num_threads(threads);
    run();
    if (!agree(state, y, expected)) return;
    const Mix mix{1, 0, 0};
    time_bounded(state, threads, streams(mix, level_of(4 * x.size()), x.size()), run);
}

void transpose(benchmark::State& state, std::size_t rows, std::size_t columns, int threads) {
    const Values x = random_values(rows * columns);
    Values y(x.size()), expected(x.size());
    for (std::size_t i = 0; i < rows; ++i)
        for (std::size_t j = 0; j < columns; ++j) expected[j * rows + i] = x[i * columns + j];
    const std::size_t sizes[] = {rows, columns};
    const int axes[] = {1, 0};
    const auto run = [&] { ops::transpose(y.data(), x.data(), 2, sizes, axes); };
    set_num_threads(threads);
    run();
    if (!agree(state, y, expected)) return;
    const Mix mix{1, 0, 1};
    time_bounded(state, threads, streams(mix, level_of(8 * x.size()), x.size()), run);
}

}  // namespace

void add_columns() {
    const struct { std::size_t rows, columns; } shapes[] = {{128, 10}, {128, 256}, {700, 700}};
    for (const auto& s : shapes) {
        const std::string shape = std::to_string(s.rows) + "x" + std::to_string(s.columns);
        for (const Reduction& r : reductions)
            add(
                r.name + ("/columns of " + shape),
                [&r, s](benchmark::State& state, int threads) {
                    reduce(state, r, s.rows, s.columns, threads);
                },
                is_shared(level_of(4 * s.rows * s.columns)));
        add(
            "transpose/" + shape,
            [s](benchmark::State& state, int threads) {
                transpose(state, s.rows, s.columns, threads);
            },
            is_shared(level_of(8 * s.rows * s.columns)));
    }
}

}  // namespace lamina::bench
