#include "bindings/arrays.h"

using lamina::ops::DType;

std::string shape_of(const py::array& array) {
    return py::str(py::tuple(array.attr("shape"))).cast<std::string>();
}

float* checked_memory(const std::string& name, const py::array& array, bool integer, bool writes) {
    const char kind = array.dtype().kind();
    const bool fits = array.itemsize() == 4 && (integer ? kind == 'i' || kind == 'u' : kind == 'f');
    if (!fits || array.dtype().byteorder() == '>') {
        throw py::type_error(name + ": expected an array of " +
                             (integer ? "int32 or uint32" : "float32") + ". Received: dtype " +
                             py::str(array.dtype()).cast<std::string>());
    }
    if (!(array.flags() & py::array::c_style)) {
        throw py::value_error(name + ": expected a C-contiguous array. Received: shape " +
                              shape_of(array) + " with other strides");
    }
    if (writes && !array.writeable()) {
        throw py::value_error(name + ": the output array is read-only");
    }
    return static_cast<float*>(const_cast<void*>(array.data()));
}

DType dtype_of(const py::array& array) {
    const char kind = array.dtype().kind();
    const auto size = array.itemsize();
    if (array.dtype().byteorder() != '>') {
        if (kind == 'b') return DType::boolean;
        if (kind == 'i' && size == 1) return DType::int8;
        if (kind == 'i' && size == 2) return DType::int16;
        if (kind == 'i' && size == 4) return DType::int32;
        if (kind == 'i' && size == 8) return DType::int64;
        if (kind == 'u' && size == 1) return DType::uint8;
        if (kind == 'u' && size == 2) return DType::uint16;
        if (kind == 'u' && size == 4) return DType::uint32;
        if (kind == 'u' && size == 8) return DType::uint64;
        if (kind == 'f' && size == 2) return DType::float16;
        if (kind == 'f' && size == 4) return DType::float32;
        if (kind == 'f' && size == 8) return DType::float64;
    }
    throw py::type_error("cannot compute with arrays of dtype " +
                         py::str(array.dtype()).cast<std::string>());
}

lamina::ops::Table table_of(const py::array& array) {
    if (array.ndim() < 1) throw py::value_error("expected an array with a first axis of samples");
    py::ssize_t stride = array.itemsize();
    std::size_t columns = 1;
    for (py::ssize_t axis = array.ndim() - 1; axis > 0; --axis) {
        if (array.size() != 0 && array.shape(axis) != 1 && array.strides(axis) != stride) {
            throw py::value_error("each sample must lie in one piece. Received: shape " +
                                  shape_of(array) + " with other strides");
        }
        stride *= array.shape(axis);
        columns *= static_cast<std::size_t>(array.shape(axis));
    }
    return {array.data(), dtype_of(array), array.strides(0), columns};
}

lamina::Attributes attributes_of(const py::dict& values) {
    lamina::Attributes attributes;
    for (const auto& [key, value] : values) {
        const auto name = key.cast<std::string>();
        if (py::isinstance<py::str>(value)) continue;  // a dtype: the arrays tell
        if (py::isinstance<py::sequence>(value)) {
            attributes[name] = value.cast<std::vector<double>>();
        } else {
            attributes[name] = {value.cast<double>()};
        }
    }
    return attributes;
}
