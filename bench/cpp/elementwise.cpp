// Every kernel that computes a number from the numbers at its place, in each level of memory.
#include <algorithm>
#include <map>
#include <set>

#include "bench.h"
#include "kernels/dispatch.h"
#include "naive.h"
#include "ops/ops.h"

namespace lamina::bench {

namespace {

// As written in kernels/math.h; kernels without an entry have nothing that takes long.
Instructions instructions_of(const std::string& name) {
    static const std::map<std::string, Instructions> known = {
        {"divide", {0, 1}},     {"reciprocal", {0, 1}},
        {"sqrt", {0, 0, 1}},    {"rsqrt", {0, 1, 1}},
        {"exp", {11}},          {"sigmoid", {12, 1}},
        {"tanh", {18, 1}},      {"erf", {28}},
        {"log", {16}},          {"log1p", {16}},
        {"softplus", {27}},     {"power", {64, 4}},
        {"tanh_gradient", {2}}, {"expm1", {11}},
        {"elu", {12}},          {"selu", {12}},
        {"silu", {12, 1}},      {"silu_gradient", {15, 1}},
        {"gelu", {27, 1}},      {"gelu_gradient", {29, 1}},
        {"gelu_tanh", {15, 1}}, {"gelu_tanh_gradient", {20, 1}},
    };
    const auto found = known.find(name);
    return found == known.end() ? Instructions{} : found->second;
}

// Some of the places of n numbers, and the last ones.
std::vector<std::size_t> places(std::size_t n) {
    std::vector<std::size_t> some;
    for (std::size_t i = 0; i < n; i += std::max<std::size_t>(1, n / 5000)) some.push_back(i);
    for (std::size_t i = n - std::min<std::size_t>(n, 40); i < n; ++i) some.push_back(i);
    return some;
}

// y = run(operands), checked against truth(place) where it is.
template <typename Run, typename Truth>
void elementwise(benchmark::State& state, const std::string& name, std::size_t operands,
                 const Level& level, int threads, Run run, Truth truth) {
    const Mix mix{operands, 0, 1};
    const std::size_t n = level.bytes / sizeof(float) / mix.arrays();
    std::vector<Values> x;
    for (unsigned i = 0; i < operands; ++i) x.push_back(random_values(n, i + 1));
    static const std::set<std::string> positive = {"log",  "log2",  "log10",
                                                   "sqrt", "rsqrt", "power"};
    if (positive.count(name) || name == "arccosh")
        for (float& value : x[0]) value = std::abs(value) + (name == "arccosh" ? 1.01f : 0.01f);
    Values y(n), found, expected;
    set_num_threads(threads);
    run(y.data(), x, n);
    for (const std::size_t i : places(n)) {
        found.push_back(y[i]);
        expected.push_back(static_cast<float>(truth(x, i)));
    }
    if (!agree(state, found, expected)) return;
    time_bounded(state, threads, streams(mix, level, n, instructions_of(name)),
                 [&] { run(y.data(), x, n); });
}

template <typename Run, typename Truth>
void add_kernel(const char* name, std::size_t operands, Run run, Truth truth) {
    for (const Level& level : levels)
        add(
            name + std::string("/") + level.name,
            [=](benchmark::State& state, int threads) {
                elementwise(state, name, operands, level, threads, run, truth);
            },
            is_shared(level));
}

using Operands = std::vector<Values>;

void add_unary(const char* name, ops::Unary kernel, double (*naive)(double)) {
    add_kernel(
        name, 1,
        [=](float* y, const Operands& x, std::size_t n) { ops::unary(kernel, y, x[0].data(), n); },
        [=](const Operands& x, std::size_t i) { return naive(x[0][i]); });
}

void add_binary(const char* name, ops::Binary kernel, double (*naive)(double, double)) {
    add_kernel(
        name, 2,
        [=](float* y, const Operands& x, std::size_t n) {
            ops::binary(kernel, y, x[0].data(), x[1].data(), {1, {n}, {{1}, {1}, {1}}});
        },
        [=](const Operands& x, std::size_t i) { return naive(x[0][i], x[1][i]); });
}

void add_ternary(const char* name, ops::Ternary kernel, double (*naive)(double, double, double)) {
    add_kernel(
        name, 3,
        [=](float* y, const Operands& x, std::size_t n) {
            ops::ternary(kernel, y, x[0].data(), x[1].data(), x[2].data(),
                         {1, {n}, {{1}, {1}, {1}}});
        },
        [=](const Operands& x, std::size_t i) { return naive(x[0][i], x[1][i], x[2][i]); });
}

}  // namespace

void add_elementwise() {
#define LAMINA_ADD(name, ...) add_unary(#name, kernels().name, naive::name);
    LAMINA_UNARY_KERNELS(LAMINA_ADD)
#undef LAMINA_ADD
#define LAMINA_ADD(name, ...) add_binary(#name, kernels().name, naive::name);
    LAMINA_BINARY_KERNELS(LAMINA_ADD)
#undef LAMINA_ADD
#define LAMINA_ADD(name, ...) add_ternary(#name, kernels().name, naive::name);
    LAMINA_TERNARY_KERNELS(LAMINA_ADD)
#undef LAMINA_ADD
}

}  // namespace lamina::bench
