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

double* doubles_of(const py::array& array, const char* what) {
    if (dtype_of(array) != lamina::ops::DType::float64 || array.ndim() != 3 ||
        !(array.flags() & py::array::c_style)) {
        throw py::type_error(std::string("matmul_float64: ") + what +
                             " must be contiguous matrices of float64, (batch, rows, columns)");
    }
    return static_cast<double*>(const_cast<void*>(array.data()));
}

void matmul_float64(const py::array& c, const py::array& a, const py::array& b, bool transpose_a,
                    bool transpose_b) {
    double* const to = doubles_of(c, "c");
    const double* const left = doubles_of(a, "a");
    const double* const right = doubles_of(b, "b");
    const auto size = [](const py::array& x, int axis) {
        return static_cast<std::size_t>(x.shape(axis));
    };
    const std::size_t m = size(c, 1), n = size(c, 2), k = size(a, transpose_a ? 1 : 2);
    if (!c.writeable()) throw py::value_error("matmul_float64: c is read-only");
    if (size(a, 0) != size(c, 0) || size(b, 0) != size(c, 0) || size(a, transpose_a ? 2 : 1) != m ||
        size(b, transpose_b ? 1 : 2) != n || size(b, transpose_b ? 2 : 1) != k) {
        throw py::value_error("matmul_float64: shapes do not fit: " + shape_of(c) + " = " +
                              shape_of(a) + " times " + shape_of(b));
    }
    const std::size_t count = size(c, 0);
    py::gil_scoped_release release;
    for (std::size_t i = 0; i < count; ++i)
        lamina::ops::matmul_float64(to + i * m * n, left + i * m * k, right + i * k * n, m, n, k,
                                    {transpose_a, transpose_b});
}

}  // namespace

void register_data(py::module_& m) {
    m.def("take_rows", &take_rows, py::arg("out"), py::arg("table"), py::arg("indices"),
          "out[i] = table[indices[i]] as float32, from any numeric dtype.");
    m.def("first_nonfinite", &first_nonfinite, py::arg("array"),
          "The flat index of the first NaN or infinity, or -1.");
    m.def("matmul_float64", &matmul_float64, py::arg("c"), py::arg("a"), py::arg("b"),
          py::arg("transpose_a"), py::arg("transpose_b"),
          "c[i] = a[i] b[i], each element one chain in the order of k.");
}
