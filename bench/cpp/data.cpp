// Numbers of every type to float32: in cache, and as the rows of a batch from a large table in
// random order.
#include <cmath>
#include <cstdint>
#include <random>
#include <type_traits>

#include "bench.h"
#include "kernels/dispatch.h"
#include "ops/ops.h"

namespace lamina::bench {

namespace {

using ops::DType;

struct Half {
    std::uint16_t bits;
};
enum class Bool : std::uint8_t {};

// value < 128 as a T, and what it becomes.
template <typename T>
T number(unsigned value) {
    return static_cast<T>(value);
}
template <>
Half number<Half>(unsigned value) {
    if (value == 0) return {0};
    const int exponent = std::ilogb(value);
    const auto mantissa = static_cast<int>(std::ldexp(value, 10 - exponent)) - 1024;
    return {static_cast<std::uint16_t>((exponent + 15) << 10 | mantissa)};
}

template <typename T>
unsigned value_at(std::size_t i) {
    constexpr unsigned limit = std::is_same_v<T, Bool> ? 2 : 128;
    return static_cast<std::uint32_t>(i * 2654435761u) >> 16 & (limit - 1);
}

template <typename T>
std::vector<T, Staggered<T>> numbers(std::size_t n) {
    std::vector<T, Staggered<T>> x(n);
    for (std::size_t i = 0; i < n; ++i) x[i] = number<T>(value_at<T>(i));
    return x;
}

template <typename T>
void convert(benchmark::State& state, kernel::Convert* kernel) {
    constexpr std::size_t n = 20000;
    Values y(n), expected(n);
    const auto x = numbers<T>(n);
    for (std::size_t i = 0; i < n; ++i) expected[i] = static_cast<float>(value_at<T>(i));
    kernel(y.data(), x.data(), n);
    if (!agree(state, y, expected)) return;
    // Bytes are few beside the floats: writing is what takes time.
    const bool written = sizeof(T) == 1;
    const double bytes = n * ((written ? 0 : sizeof(T)) + sizeof(float));
    const Mix mix{written ? 0u : 1u, 0, 1};
    time_bounded(state, 1, {mix, levels[1], bytes, n}, [&] { kernel(y.data(), x.data(), n); });
}

template <typename T>
void take_rows(benchmark::State& state, DType dtype, int threads) {
    constexpr std::size_t columns = 784, batch = 128, rows = (64 << 20) / columns / sizeof(T);
    Values y(batch * columns), expected(batch * columns);
    const auto table = numbers<T>(rows * columns);
    std::mt19937 generator(2);
    std::vector<std::int64_t> indices(rows);
    for (auto& index : indices) index = generator() % rows;
    for (std::size_t i = 0; i < expected.size(); ++i)
        expected[i] = static_cast<float>(
            value_at<T>(static_cast<std::size_t>(indices[i / columns]) * columns + i % columns));
    const ops::Table source{table.data(), dtype, columns * sizeof(T), columns};
    set_num_threads(threads);
    ops::take_rows(y.data(), source, indices.data(), batch);
    if (!agree(state, y, expected)) return;
    const double bytes = batch * columns * (sizeof(T) + sizeof(float));
    std::size_t first = 0;
    time_bounded(state, threads, {{1, 0, 1}, levels[3], bytes, batch * columns}, [&] {
        ops::take_rows(y.data(), source, &indices[first], batch);
        first = (first + batch) % (rows - batch);
    });
}

template <typename T>
void add_type(const char* name, DType dtype, kernel::Convert* kernel) {
    benchmark::RegisterBenchmark((std::string("convert/") + name + "/L2/threads:1").c_str(),
                                 [kernel](benchmark::State& state) { convert<T>(state, kernel); });
    add(std::string("take_rows/") + name,
        [dtype](benchmark::State& state, int threads) { take_rows<T>(state, dtype, threads); });
}

}  // namespace

void add_data() {
    const Kernels& k = kernels();
    add_type<Bool>("boolean", DType::boolean, k.convert_boolean);
    add_type<std::int8_t>("int8", DType::int8, k.convert_int8);
    add_type<std::uint8_t>("uint8", DType::uint8, k.convert_uint8);
    add_type<std::int16_t>("int16", DType::int16, k.convert_int16);
    add_type<std::uint16_t>("uint16", DType::uint16, k.convert_uint16);
    add_type<std::int32_t>("int32", DType::int32, k.convert_int32);
    add_type<std::uint32_t>("uint32", DType::uint32, k.convert_uint32);
    add_type<std::int64_t>("int64", DType::int64, k.convert_int64);
    add_type<std::uint64_t>("uint64", DType::uint64, k.convert_uint64);
    add_type<Half>("float16", DType::float16, k.convert_float16);
    add_type<float>("float32", DType::float32, k.convert_float32);
    add_type<double>("float64", DType::float64, k.convert_float64);
}

}  // namespace lamina::bench
