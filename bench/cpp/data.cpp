// The rows of a batch from a table of 60,000 rows of 784 numbers, in random order.
#include <random>

#include "bench.h"
#include "ops/ops.h"

namespace lamina::bench {

namespace {

template <typename T>
void take_rows(benchmark::State& state, ops::DType dtype, int threads) {
    constexpr std::size_t rows = 60000, columns = 784, batch = 128;
    std::mt19937 generator(1);
    std::vector<T> table(rows * columns);
    for (T& value : table) value = static_cast<T>(generator() % 256);
    std::vector<std::int64_t> indices(rows);
    for (auto& index : indices) index = generator() % rows;
    Values y(batch * columns), expected(batch * columns);
    for (std::size_t i = 0; i < expected.size(); ++i)
        expected[i] = static_cast<float>(
            table[static_cast<std::size_t>(indices[i / columns]) * columns + i % columns]);
    const ops::Table source{table.data(), dtype, columns * sizeof(T), columns};
    set_num_threads(threads);
    ops::take_rows(y.data(), source, indices.data(), batch);
    if (!agree(state, y, expected)) return;
    const auto bytes = static_cast<double>(y.size() * (sizeof(T) + sizeof(float)));
    std::size_t first = 0;
    time_bytes(state, threads, bytes, [&] {
        ops::take_rows(y.data(), source, &indices[first], batch);
        first = (first + batch) % (rows - batch);
    });
}

}  // namespace

void add_data() {
    add("take_rows/uint8", [](benchmark::State& state, int threads) {
        take_rows<std::uint8_t>(state, ops::DType::uint8, threads);
    });
    add("take_rows/float32", [](benchmark::State& state, int threads) {
        take_rows<float>(state, ops::DType::float32, threads);
    });
    add("take_rows/float64", [](benchmark::State& state, int threads) {
        take_rows<double>(state, ops::DType::float64, threads);
    });
}

}  // namespace lamina::bench
