// Operations on the rows of a matrix: softmax and what is made of it, reductions of a row.
#include <algorithm>
#include <cmath>

#include "bench.h"
#include "ops/ops.h"

namespace lamina::bench {

namespace {

// What is at hand for rows of `columns` numbers: y, a, b (rows, columns); one number for each row,
// which one_hot reads.
struct Rows {
    float *y, *row;
    const float *a, *b;
    std::size_t rows, columns;
};

struct Operation {
    const char* name;
    Mix mix;
    Instructions instructions;
    void (*run)(const Rows&);
    void (*naive)(const Rows&);  // of one row
};

double largest(const Rows& r) { return *std::max_element(r.a, r.a + r.columns); }

template <typename F>
double sum(const Rows& r, F f) {
    double total = 0;
    for (std::size_t j = 0; j < r.columns; ++j) total += f(j);
    return total;
}

template <typename F>
void each(const Rows& r, F f) {
    for (std::size_t j = 0; j < r.columns; ++j) r.y[j] = static_cast<float>(f(j));
}

double log_sum(const Rows& r) {
    return std::log(sum(r, [&](std::size_t j) { return std::exp(r.a[j] - largest(r)); }));
}

double log_softmax(const Rows& r, std::size_t j, double log_of_sum) {
    return r.a[j] - largest(r) - log_of_sum;
}

void naive_softmax(const Rows& r) {
    const double l = log_sum(r);
    each(r, [&](std::size_t j) { return std::exp(log_softmax(r, j, l)); });
}

void naive_log_softmax(const Rows& r) {
    const double l = log_sum(r);
    each(r, [&](std::size_t j) { return log_softmax(r, j, l); });
}

// The threshold is found by halving.
void naive_sparsemax(const Rows& r) {
    double low = largest(r) - 1, high = largest(r);
    for (int i = 0; i < 60; ++i) {
        const double middle = (low + high) / 2;
        const double total = sum(r, [&](std::size_t j) { return std::max(r.a[j] - middle, 0.0); });
        (total > 1 ? low : high) = middle;
    }
    each(r, [&](std::size_t j) { return std::max(r.a[j] - low, 0.0); });
}

void naive_softmax_gradient(const Rows& r) {
    const double dot = sum(r, [&](std::size_t j) { return r.a[j] * r.b[j]; });
    each(r, [&](std::size_t j) { return r.b[j] * (r.a[j] - dot); });
}

void naive_cross_entropy(const Rows& r) {
    naive_softmax(r);
    const double l = log_sum(r);
    *r.row =
        static_cast<float>(-sum(r, [&](std::size_t j) { return r.b[j] * log_softmax(r, j, l); }));
}

void naive_cross_entropy_gradient(const Rows& r) {
    const double total = sum(r, [&](std::size_t j) { return r.b[j]; });
    each(r, [&](std::size_t j) { return *r.row * (r.a[j] * total - r.b[j]); });
}

void naive_standardize(const Rows& r) {
    const auto n = static_cast<double>(r.columns);
    const double mean = sum(r, [&](std::size_t j) { return r.a[j]; }) / n;
    const double squares = sum(r, [&](std::size_t j) { return (r.a[j] - mean) * (r.a[j] - mean); });
    const double scale = 1 / std::sqrt(squares / n + 1e-3);
    *r.row = static_cast<float>(scale);
    each(r, [&](std::size_t j) { return (r.a[j] - mean) * scale; });
}

void naive_standardize_gradient(const Rows& r) {
    const auto n = static_cast<double>(r.columns);
    const double mean = sum(r, [&](std::size_t j) { return r.a[j]; }) / n;
    const double along = sum(r, [&](std::size_t j) { return r.a[j] * r.b[j]; }) / n;
    each(r, [&](std::size_t j) { return *r.row * (r.a[j] - mean - r.b[j] * along); });
}

std::size_t place(const float* x, std::size_t n) {
    return static_cast<std::size_t>(std::max_element(x, x + n) - x);
}

const Operation operations[] = {
    {"softmax",
     {1, 0, 1},
     {11, 1},
     [](const Rows& r) { ops::softmax(r.y, r.a, r.rows, r.columns); },
     naive_softmax},
    {"log_softmax",
     {1, 0, 1},
     {11},
     [](const Rows& r) { ops::log_softmax(r.y, r.a, r.rows, r.columns); },
     naive_log_softmax},
    {"sparsemax",
     {1, 0, 1},
     {},
     [](const Rows& r) { ops::sparsemax(r.y, r.a, r.rows, r.columns); },
     naive_sparsemax},
    {"softmax_gradient",
     {2, 0, 1},
     {2},
     [](const Rows& r) { ops::softmax_gradient(r.y, r.a, r.b, r.rows, r.columns); },
     naive_softmax_gradient},
    {"softmax_cross_entropy",
     {2, 0, 1},
     {12, 1},
     [](const Rows& r) { ops::softmax_cross_entropy(r.row, r.y, r.a, r.b, r.rows, r.columns); },
     naive_cross_entropy},
    {"softmax_cross_entropy_gradient",
     {2, 0, 1},
     {2},
     [](const Rows& r) {
         ops::softmax_cross_entropy_gradient(r.y, r.row, r.a, r.b, r.rows, r.columns);
     },
     naive_cross_entropy_gradient},
    {"standardize",
     {1, 0, 1},
     {},
     [](const Rows& r) {
         ops::standardize(r.y, r.row, r.a, r.rows, r.columns, {1e-3f, true});
     },
     naive_standardize},
    {"standardize_gradient",
     {2, 0, 1},
     {},
     [](const Rows& r) {
         ops::standardize_gradient(r.y, r.a, r.b, r.row, r.rows, r.columns, true);
     },
     naive_standardize_gradient},
    {"argmax",
     {1, 0, 0},
     {},
     [](const Rows& r) { ops::argmax(r.row, r.a, r.rows, r.columns); },
     [](const Rows& r) { *r.row = static_cast<float>(place(r.a, r.columns)); }},
    {"categorical_accuracy",
     {2, 0, 0},
     {},
     [](const Rows& r) { ops::categorical_accuracy(r.row, r.a, r.b, r.rows, r.columns); },
     [](const Rows& r) { *r.row = place(r.a, r.columns) == place(r.b, r.columns); }},
    {"one_hot",
     {0, 0, 1},
     {},
     [](const Rows& r) { ops::one_hot(r.y, r.row, r.rows, r.columns); },
     [](const Rows& r) {
         each(r, [&](std::size_t j) { return static_cast<float>(j) == *r.row; });
     }},
    {"sum",
     {1, 0, 0},
     {},
     [](const Rows& r) { ops::sum(r.row, r.a, r.rows, r.columns, 1); },
     [](const Rows& r) {
         *r.row = static_cast<float>(sum(r, [&](std::size_t j) { return r.a[j]; }));
     }},
    {"mean",
     {1, 0, 0},
     {},
     [](const Rows& r) { ops::mean(r.row, r.a, r.rows, r.columns, 1); },
     [](const Rows& r) {
         const double total = sum(r, [&](std::size_t j) { return r.a[j]; });
         *r.row = static_cast<float>(total / static_cast<double>(r.columns));
     }},
    {"max",
     {1, 0, 0},
     {},
     [](const Rows& r) { ops::max(r.row, r.a, r.rows, r.columns, 1); },
     [](const Rows& r) { *r.row = *std::max_element(r.a, r.a + r.columns); }},
    {"min",
     {1, 0, 0},
     {},
     [](const Rows& r) { ops::min(r.row, r.a, r.rows, r.columns, 1); },
     [](const Rows& r) { *r.row = *std::min_element(r.a, r.a + r.columns); }},
};

void along_rows(benchmark::State& state, const Operation& o, std::size_t rows, std::size_t columns,
                int threads) {
    const std::size_t n = rows * columns;
    const Values a = random_values(n, 1), b = random_values(n, 2);
    Values y(n), row(rows), expected_y(n), expected_row(rows);
    for (std::size_t i = 0; i < rows; ++i) row[i] = expected_row[i] = static_cast<float>(i % 10);
    const Rows all{y.data(), row.data(), a.data(), b.data(), rows, columns};
    set_num_threads(threads);
    o.run(all);
    for (std::size_t i = 0; i < rows; ++i) {
        const std::size_t at = i * columns;
        o.naive({&expected_y[at], &expected_row[i], &a[at], &b[at], 1, columns});
    }
    if (!agree(state, y, expected_y) || !agree(state, row, expected_row)) return;
    const auto size = static_cast<double>(n);
    const Level level = level_of(4 * n * o.mix.arrays());
    time_bounded(state, threads, {o.mix, level, o.mix.bytes() * size, size, o.instructions},
                 [&] { o.run(all); });
}

}  // namespace

void add_rows() {
    const struct { std::size_t rows, columns; } shapes[] = {{128, 10}, {32, 100}, {128, 1000}};
    for (const Operation& o : operations)
        for (const auto& s : shapes)
            add(
                o.name + ("/rows " + std::to_string(s.rows) + "x" + std::to_string(s.columns)),
                [&o, s](benchmark::State& state, int threads) {
                    along_rows(state, o, s.rows, s.columns, threads);
                },
                is_shared(level_of(4 * s.rows * s.columns * o.mix.arrays())));
}

}  // namespace lamina::bench
