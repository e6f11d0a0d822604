// Operations on the rows of a matrix: softmax and the loss made of it, column sums.
#include <algorithm>
#include <cmath>

#include "bench.h"
#include "ops/ops.h"

namespace lamina::bench {

namespace {

Values naive_loss(const Values& logits, const Values& target, std::size_t rows,
                  std::size_t columns) {
    Values loss(rows);
    for (std::size_t i = 0; i < rows; ++i) {
        const float *x = &logits[i * columns], *t = &target[i * columns];
        const double largest = *std::max_element(x, x + columns);
        double sum = 0, total = 0;
        for (std::size_t j = 0; j < columns; ++j) sum += std::exp(x[j] - largest);
        for (std::size_t j = 0; j < columns; ++j) total += t[j] * (std::log(sum) - x[j] + largest);
        loss[i] = static_cast<float>(total);
    }
    return loss;
}

void softmax_cross_entropy(benchmark::State& state, std::size_t rows, std::size_t columns,
                           int threads) {
    const Values logits = random_values(rows * columns);
    Values target(rows * columns), loss(rows), probabilities(rows * columns);
    for (std::size_t i = 0; i < rows; ++i) target[i * columns + i % columns] = 1;
    const auto run = [&] {
        ops::softmax_cross_entropy(loss.data(), probabilities.data(), logits.data(), target.data(),
                                   rows, columns);
    };
    set_num_threads(threads);
    run();
    if (!agree(state, loss, naive_loss(logits, target, rows, columns))) return;
    time_bytes(state, threads, 12.0 * static_cast<double>(rows * columns), run);
}

void sum_columns(benchmark::State& state, std::size_t rows, std::size_t columns, int threads) {
    const Values x = random_values(rows * columns);
    Values y(columns), expected(columns);
    for (std::size_t i = 0; i < rows; ++i)
        for (std::size_t j = 0; j < columns; ++j) expected[j] += x[i * columns + j];
    set_num_threads(threads);
    ops::sum(y.data(), x.data(), 1, rows, columns);
    if (!agree(state, y, expected)) return;
    time_bytes(state, threads, 4.0 * static_cast<double>(x.size()),
               [&] { ops::sum(y.data(), x.data(), 1, rows, columns); });
}

}  // namespace

void add_rows() {
    for (const std::size_t columns : {10, 1000})
        add("softmax_cross_entropy/128x" + std::to_string(columns),
            [columns](benchmark::State& state, int threads) {
                softmax_cross_entropy(state, 128, columns, threads);
            });
    for (const std::size_t columns : {10, 256})
        add("sum/128x" + std::to_string(columns), [columns](benchmark::State& state, int threads) {
            sum_columns(state, 128, columns, threads);
        });
}

}  // namespace lamina::bench
