// Rows of the user's table, converted to float32.
#include <algorithm>
#include <cstdlib>

#include "kernels/dispatch.h"
#include "ops/ops.h"
#include "ops/split.h"

namespace lamina::ops {

namespace {

kernel::Convert* converter(DType dtype) {
    const Kernels& k = kernels();
    switch (dtype) {
        case DType::boolean:
            return k.convert_boolean;
        case DType::int8:
            return k.convert_int8;
        case DType::uint8:
            return k.convert_uint8;
        case DType::int16:
            return k.convert_int16;
        case DType::uint16:
            return k.convert_uint16;
        case DType::int32:
            return k.convert_int32;
        case DType::uint32:
            return k.convert_uint32;
        case DType::int64:
            return k.convert_int64;
        case DType::uint64:
            return k.convert_uint64;
        case DType::float16:
            return k.convert_float16;
        case DType::float32:
            return k.convert_float32;
        case DType::float64:
            break;
    }
    return k.convert_float64;
}

// Asks for a row, or the start of a long one: the indices jump too far for the CPU to guess it.
void prefetch(const char* row, std::size_t distance) {
    constexpr std::size_t line = 64, start = 512;
    const std::size_t size = distance <= 4 * start ? distance : start;
    for (std::size_t i = 0; i < size; i += line) __builtin_prefetch(row + i);
}

}  // namespace

void take_rows(float* y, const Table& table, const std::int64_t* indices, std::size_t n) {
    kernel::Convert* const convert = converter(table.dtype);
    const auto distance = static_cast<std::size_t>(std::abs(table.stride));
    const char* const data = static_cast<const char*>(table.data);
    parallel_ranges(n, table.columns, [=](std::size_t first, std::size_t last) {
        for (std::size_t i = first; i < last; ++i) {
            if (i + 2 < last) prefetch(data + indices[i + 2] * table.stride, distance);
            convert(y + i * table.columns, data + indices[i] * table.stride, table.columns);
        }
    });
}

}  // namespace lamina::ops
