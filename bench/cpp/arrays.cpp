// Elements that move, are looked up and summed by indices, chains, orders, products of batches.
#include <algorithm>
#include <cmath>

#include "bench.h"
#include "kernels/dispatch.h"
#include "ops/ops.h"

namespace lamina::bench {

namespace {

constexpr std::size_t rows = 1000, columns = 256;

// Whole numbers below n in an order that cannot be guessed.
Values indices(std::size_t size, std::size_t n) {
    Values result = random_values(size, 3);
    for (float& value : result)
        value = std::min(std::floor((value + 1) / 2 * static_cast<float>(n)),
                         static_cast<float>(n - 1));
    return result;
}

std::size_t at(const Values& places, std::size_t i) { return static_cast<std::size_t>(places[i]); }

// Runs once, compares with `expected`, and times beside a plain loop over as many bytes.
void measure(benchmark::State& state, int threads, Values& y, const Values& expected,
             const Mix& mix, std::size_t moved, const std::function<void()>& run) {
    set_num_threads(threads);
    run();
    if (!agree(state, y, expected)) return;
    time_bounded(state, threads, streams(mix, level_of(8 * moved), moved), run);
}

// A block of half the columns, every second column, or the columns backwards.
void slice(benchmark::State& state, std::size_t start, std::ptrdiff_t step, int threads) {
    const std::size_t n = step == -1 ? columns : columns / 2;
    const Values x = random_values(rows * columns);
    Values y(rows * n), expected(y.size());
    for (std::size_t i = 0; i < y.size(); ++i) {
        const auto column = static_cast<std::ptrdiff_t>(i % n) * step;
        const auto from = static_cast<std::ptrdiff_t>(i / n * columns + start) + column;
        expected[i] = x[static_cast<std::size_t>(from)];
    }
    const ops::Move move{2, {rows, n}, {columns, step}, {static_cast<std::ptrdiff_t>(n), 1}};
    measure(state, threads, y, expected, {1, 0, 1}, y.size(),
            [&] { ops::move(y.data(), x.data() + start, move); });
}

// A block put into the middle of ones, as padding does.
void place(benchmark::State& state, int threads) {
    constexpr std::size_t n = columns / 2, start = columns / 4;
    const Values x = random_values(rows * n);
    Values y(rows * columns), expected(y.size(), 1.0f);
    for (std::size_t i = 0; i < x.size(); ++i) expected[i / n * columns + start + i % n] = x[i];
    const ops::Move move{2, {rows, n}, {n, 1}, {columns, 1}};
    measure(state, threads, y, expected, {0, 0, 1}, y.size() + x.size(), [&] {
        ops::fill(y.data(), 1.0f, y.size());
        ops::move(y.data() + start, x.data(), move);
    });
}

// Four tables side by side.
void concatenate(benchmark::State& state, int threads) {
    constexpr std::size_t n = columns / 4;
    const Values x = random_values(rows * columns);
    Values y(x.size()), expected(x.size());
    for (std::size_t i = 0; i < y.size(); ++i) {
        const std::size_t row = i / columns, table = i % columns / n;
        expected[i] = x[(table * rows + row) * n + i % n];
    }
    measure(state, threads, y, expected, {1, 0, 1}, y.size(), [&] {
        for (std::size_t table = 0; table < 4; ++table)
            ops::move(y.data() + table * n, &x[table * rows * n],
                      {2, {rows, n}, {n, 1}, {columns, 1}});
    });
}

// A row repeated, or each row's number.
void broadcast_to(benchmark::State& state, bool row, int threads) {
    const Values x = random_values(row ? columns : rows);
    Values y(rows * columns), expected(y.size());
    for (std::size_t i = 0; i < y.size(); ++i) expected[i] = x[row ? i % columns : i / columns];
    const float one = 1;
    const ops::Broadcast shape{2, {rows, columns}, {{!row, row}, {0, 0}, {}}};
    measure(state, threads, y, expected, {0, 0, 1}, y.size(),
            [&] { ops::binary(kernels().multiply, y.data(), x.data(), &one, shape); });
}

// Rows of an embedding.
void take(benchmark::State& state, std::size_t n, std::size_t width, int threads) {
    const Values table = random_values(n * width), places = indices(rows, n);
    Values y(rows * width), expected(y.size());
    for (std::size_t i = 0; i < y.size(); ++i)
        expected[i] = table[at(places, i / width) * width + i % width];
    measure(state, threads, y, expected, {1, 0, 1}, y.size(),
            [&] { ops::take(y.data(), table.data(), places.data(), 1, n, rows, width); });
}

// Their gradient.
void segment_sum(benchmark::State& state, std::size_t n, std::size_t width, int threads) {
    const Values x = random_values(rows * width), places = indices(rows, n);
    Values y(n * width), expected(y.size());
    for (std::size_t i = 0; i < x.size(); ++i)
        expected[at(places, i / width) * width + i % width] += x[i];
    measure(state, threads, y, expected, {1, 0, 1}, std::max(x.size(), y.size()),
            [&] { ops::segment_sum(y.data(), x.data(), places.data(), 1, n, rows, width); });
}

void take_along_axis(benchmark::State& state, int threads) {
    const Values x = random_values(rows * columns), places = indices(x.size(), columns);
    Values y(x.size()), expected(x.size());
    for (std::size_t i = 0; i < y.size(); ++i)
        expected[i] = x[i / columns * columns + at(places, i)];
    measure(state, threads, y, expected, {2, 0, 1}, y.size(), [&] {
        ops::take_along_axis(y.data(), x.data(), places.data(), rows, columns, columns);
    });
}

void add_along_axis(benchmark::State& state, int threads) {
    const Values x = random_values(rows * columns), places = indices(x.size(), columns);
    Values y(x.size()), expected(x.size());
    for (std::size_t i = 0; i < y.size(); ++i)
        expected[i / columns * columns + at(places, i)] += x[i];
    measure(state, threads, y, expected, {2, 0, 1}, y.size(), [&] {
        ops::add_along_axis(y.data(), x.data(), places.data(), rows, columns, columns);
    });
}

// Of each row (inner 1), or down the columns.
void cumsum(benchmark::State& state, std::size_t inner, int threads) {
    const Values x = random_values(rows * columns);
    Values y(x.size()), expected = x;
    for (std::size_t i = 0; i < x.size(); ++i)
        if (inner == 1 ? i % columns : i >= inner) expected[i] += expected[i - inner];
    measure(state, threads, y, expected, {1, 0, 1}, y.size(), [&] {
        ops::cumsum(y.data(), x.data(), inner == 1 ? rows : 1, inner == 1 ? columns : rows, inner,
                    false);
    });
}

void recurrence(benchmark::State& state, std::size_t inner, int threads) {
    const Values a = random_values(rows * columns, 1), b = random_values(a.size(), 2);
    Values y(a.size()), expected = b;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (inner == 1 ? i % columns : i >= inner) expected[i] += a[i] * expected[i - inner];
    measure(state, threads, y, expected, {2, 0, 1}, y.size(), [&] {
        ops::recurrence(y.data(), a.data(), b.data(), inner == 1 ? rows : 1,
                        inner == 1 ? columns : rows, inner, false);
    });
}

// The places of the k first numbers of each row in an order.
template <typename Before>
Values ordered(const Values& x, std::size_t k, Before before) {
    Values result;
    for (std::size_t i = 0; i < rows; ++i) {
        const float* const row = &x[i * columns];
        std::vector<std::size_t> order(columns);
        for (std::size_t j = 0; j < columns; ++j) order[j] = j;
        std::stable_sort(order.begin(), order.end(),
                         [=](std::size_t a, std::size_t b) { return before(row[a], row[b]); });
        for (std::size_t j = 0; j < k; ++j) result.push_back(static_cast<float>(order[j]));
    }
    return result;
}

void argsort(benchmark::State& state, int threads) {
    const Values x = random_values(rows * columns);
    const Values expected = ordered(x, columns, [](float a, float b) { return a < b; });
    Values y(x.size());
    measure(state, threads, y, expected, {1, 0, 1}, x.size(),
            [&] { ops::argsort(y.data(), x.data(), rows, columns); });
}

// Places among n sorted numbers, as of bins.
void searchsorted(benchmark::State& state, std::size_t n, int threads) {
    Values sorted = random_values(n, 1);
    std::sort(sorted.begin(), sorted.end());
    const Values x = random_values(rows * columns, 2);
    Values y(x.size()), expected(x.size());
    for (std::size_t i = 0; i < x.size(); ++i)
        expected[i] = static_cast<float>(
            std::count_if(sorted.begin(), sorted.end(), [&](float value) { return value < x[i]; }));
    measure(state, threads, y, expected, {1, 0, 1}, x.size(),
            [&] { ops::searchsorted(y.data(), sorted.data(), x.data(), n, x.size(), false); });
}

void top_k(benchmark::State& state, std::size_t k, int threads) {
    const Values x = random_values(rows * columns);
    const Values expected = ordered(x, k, [](float a, float b) { return a > b; });
    Values y(rows * k);
    measure(state, threads, y, expected, {1, 0, 0}, x.size(),
            [&] { ops::top_k(y.data(), x.data(), rows, columns, k); });
}

// Attention's scores: so many heads of (steps, width) by (width, steps).
void batched_matmul(benchmark::State& state, std::size_t steps, std::size_t width, int threads) {
    constexpr std::size_t heads = 64;
    const std::size_t size = heads * steps * width;
    const Values a = random_values(size, 1), b = random_values(size, 2);
    Values c(heads * steps * steps), expected(c.size());
    for (std::size_t i = 0; i < c.size(); ++i) {
        const std::size_t head = i / steps / steps, row = i / steps % steps, column = i % steps;
        double sum = 0;
        for (std::size_t p = 0; p < width; ++p)
            sum += a[(head * steps + row) * width + p] * b[(head * steps + column) * width + p];
        expected[i] = static_cast<float>(sum);
    }
    const ops::Broadcast lead{1, {heads}, {{1}, {1}, {}}};
    const auto run = [&] {
        ops::batched_matmul(c.data(), a.data(), b.data(), lead, steps, steps, width,
                            {false, true, 0});
    };
    set_num_threads(threads);
    run();
    if (!agree(state, c, expected)) return;
    time_flops(state, threads, 2.0 * static_cast<double>(c.size() * width), run);
}

}  // namespace

void add_arrays() {
    const std::string shape = "1000x256";
    const auto with = [](auto function, auto... arguments) {
        return
            [=](benchmark::State& state, int threads) { function(state, arguments..., threads); };
    };
    add("slice/half of " + shape, with(slice, 64, 1));
    add("slice/every second of " + shape, with(slice, 0, 2));
    add("slice/backwards " + shape, with(slice, columns - 1, -1));
    add("place/half of " + shape, with(place));
    add("concatenate/4 into " + shape, with(concatenate));
    add("broadcast_to/a row to " + shape, with(broadcast_to, true));
    add("broadcast_to/a column to " + shape, with(broadcast_to, false));
    for (const std::size_t width : {16, 64, 256}) {
        const std::string table = "of 20000x" + std::to_string(width);
        add("take/1000 " + table, with(take, 20000, width));
        add("segment_sum/1000 " + table, with(segment_sum, 20000, width));
    }
    add("take_along_axis/" + shape, with(take_along_axis));
    add("add_along_axis/" + shape, with(add_along_axis));
    add("cumsum/rows of " + shape, with(cumsum, 1));
    add("cumsum/columns of " + shape, with(cumsum, columns));
    add("recurrence/rows of " + shape, with(recurrence, 1));
    add("recurrence/columns of " + shape, with(recurrence, columns));
    add("argsort/rows of " + shape, with(argsort));
    for (const std::size_t n : {10, 1000})
        add("searchsorted/" + shape + " among " + std::to_string(n), with(searchsorted, n));
    for (const std::size_t k : {1, 5, 50})
        add("top_k/" + std::to_string(k) + " of " + shape, with(top_k, k));
    for (const std::size_t steps : {16, 64, 200})
        add("batched_matmul/64 times " + std::to_string(steps) + "x64",
            with(batched_matmul, steps, 64));
}

}  // namespace lamina::bench
