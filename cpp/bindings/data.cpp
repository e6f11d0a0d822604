#include "bindings/arrays.h"
#include "bindings/register.h"

namespace {

using Indices = py::array_t<std::int64_t, py::array::c_style>;

void take_rows(py::array out, const py::array& table, const py::array& indices) {
    if (indices.dtype().kind() != 'i' || indices.itemsize() != 8 || indices.ndim() != 1 ||
        !(indices.flags() & py::array::c_style)) {
        throw py::type_error("take_rows: indices must be a contiguous vector of int64");
    }
    float* y = checked_memory("take_rows", out, false, true);
    const auto rows = lamina::ops::Table(table_of(table));
    const auto n = static_cast<std::size_t>(indices.size());
    if (static_cast<std::size_t>(out.size()) != n * rows.columns) {
        throw py::value_error("take_rows: out has shape " + shape_of(out) + ", expected " +
                              std::to_string(n) + " rows of " + std::to_string(rows.columns));
    }
    const auto* index = static_cast<const std::int64_t*>(indices.data());
    for (std::size_t i = 0; i < n; ++i) {
        if (index[i] < 0 || index[i] >= table.shape(0)) {
            throw py::index_error("take_rows: row " + std::to_string(index[i]) + " of " +
                                  std::to_string(table.shape(0)));
        }
    }
    py::gil_scoped_release release;
    lamina::ops::take_rows(y, rows, index, n);
}

std::ptrdiff_t first_nonfinite(const py::array& array) {
    if (!(array.flags() & py::array::c_style)) {
        throw py::value_error("first_nonfinite: expected a C-contiguous array");
    }
    const auto dtype = dtype_of(array);
    const auto n = static_cast<std::size_t>(array.size());
    const void* data = array.data();
    py::gil_scoped_release release;
    const std::size_t found = lamina::ops::first_nonfinite(data, dtype, n);
    return found == n ? -1 : static_cast<std::ptrdiff_t>(found);
}

}  // namespace

void register_data(py::module_& m) {
    m.def("take_rows", &take_rows, py::arg("out"), py::arg("table"), py::arg("indices"),
          "out[i] = table[indices[i]] as float32, from any numeric dtype.");
    m.def("first_nonfinite", &first_nonfinite, py::arg("array"),
          "The flat index of the first NaN or infinity, or -1.");
}
