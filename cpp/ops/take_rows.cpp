// Rows of the user's table, converted to float32.
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

}  // namespace

void take_rows(float* y, const Table& table, const std::int64_t* indices, std::size_t n) {
    kernel::Convert* const convert = converter(table.dtype);
    const char* const data = static_cast<const char*>(table.data);
    parallel_ranges(n, table.columns, [=](std::size_t first, std::size_t last) {
        for (std::size_t i = first; i < last; ++i)
            convert(y + i * table.columns, data + indices[i] * table.stride, table.columns);
    });
}

}  // namespace lamina::ops
