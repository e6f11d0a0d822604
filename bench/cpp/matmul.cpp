// Matrix products, in the shapes of the seed job (784-256-128-10) and around them.
#include <algorithm>
#include <cmath>

#include "bench.h"
#include "ops/ops.h"

namespace lamina::bench {

namespace {

struct Shape {
    std::size_t m, k, n;
    bool transpose_a, transpose_b;
};

template <typename Numbers>
Numbers naive(const Numbers& a, const Numbers& b, const Shape& s) {
    Numbers c(s.m * s.n);
    for (std::size_t i = 0; i < s.m; ++i)
        for (std::size_t j = 0; j < s.n; ++j)
            for (std::size_t p = 0; p < s.k; ++p)
                c[i * s.n + j] =
                    std::fma(s.transpose_a ? a[p * s.m + i] : a[i * s.k + p],
                             s.transpose_b ? b[j * s.k + p] : b[p * s.n + j], c[i * s.n + j]);
    return c;
}

// With a bias: a dense layer, relu(a b + bias).
void matmul(benchmark::State& state, const Shape& s, bool dense, int threads) {
    const Values a = random_values(s.m * s.k, 1), b = random_values(s.k * s.n, 2);
    const Values bias = random_values(s.n, 3);
    Values c(s.m * s.n), expected = naive(a, b, s);
    ops::Epilogue epilogue;
    if (dense) {
        epilogue.bias = bias.data();
        epilogue.activation = ops::Activation::relu;
        for (std::size_t i = 0; i < c.size(); ++i)
            expected[i] = std::max(expected[i] + bias[i % s.n], 0.0f);
    }
    const auto run = [&] {
        ops::matmul(c.data(), a.data(), b.data(), s.m, s.n, s.k, {s.transpose_a, s.transpose_b},
                    epilogue);
    };
    set_num_threads(threads);
    run();
    if (!agree(state, c, expected)) return;
    const double flops = 2.0 * static_cast<double>(s.m * s.n * s.k);
    time_flops(state, threads, flops, run);
}

void matmul_float64(benchmark::State& state, const Shape& s, int threads) {
    using Doubles = std::vector<double, Staggered<double>>;
    const Values x = random_values(s.m * s.k, 1), y = random_values(s.k * s.n, 2);
    const Doubles a(x.begin(), x.end()), b(y.begin(), y.end()), expected = naive(a, b, s);
    Doubles c(s.m * s.n);
    const auto run = [&] {
        ops::matmul_float64(c.data(), a.data(), b.data(), s.m, s.n, s.k,
                            {s.transpose_a, s.transpose_b});
    };
    set_num_threads(threads);
    run();
    if (!agree(state, Values(c.begin(), c.end()), Values(expected.begin(), expected.end()))) return;
    time_flops(state, threads, 2.0 * static_cast<double>(s.m * s.n * s.k), run, 2);
}

std::string name_of(const Shape& s) {
    return "/" + std::to_string(s.m) + "x" + std::to_string(s.k) + "x" + std::to_string(s.n) +
           (s.transpose_a ? "/a transposed" : "") + (s.transpose_b ? "/b transposed" : "");
}

}  // namespace

void add_matmul() {
    // forward, weight gradient (a transposed), input gradient (b transposed)
    const Shape shapes[] = {
        {128, 784, 256, false, false}, {128, 256, 128, false, false},
        {128, 128, 10, false, false},  {784, 128, 256, true, false},
        {256, 128, 128, true, false},  {128, 128, 10, true, false},
        {128, 10, 128, false, true},   {128, 128, 256, false, true},
        {32, 784, 256, false, false},  {784, 32, 256, true, false},
        {32, 128, 256, false, true},   {1024, 784, 256, false, false},
        {784, 1024, 256, true, false}, {1024, 128, 256, false, true},
        {1, 784, 256, false, false},   {1, 256, 128, false, false},
        {1, 128, 10, false, false},
    };
    for (const Shape& s : shapes)
        add("matmul" + name_of(s),
            [s](benchmark::State& state, int threads) { matmul(state, s, false, threads); });
    for (const Shape& s : {shapes[0], shapes[1], shapes[14]})
        add("dense" + name_of(s),
            [s](benchmark::State& state, int threads) { matmul(state, s, true, threads); });
    for (const Shape& s : {shapes[0], shapes[3], shapes[7], shapes[14]})
        add("matmul_float64" + name_of(s),
            [s](benchmark::State& state, int threads) { matmul_float64(state, s, threads); });
}

}  // namespace lamina::bench
