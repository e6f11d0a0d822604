// Arrays as they come from Python: checked, never converted.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <string>

#include "ops/ops.h"
#include "program/operation.h"

namespace py = pybind11;

// "(3, 4)"
std::string shape_of(const py::array& array);

// The memory of a C-contiguous array of 4-byte numbers: float32, or int32 / uint32 when `integer`.
// TypeError for another dtype, ValueError for another layout or a read-only output.
float* checked_memory(const std::string& name, const py::array& array, bool integer, bool writes);

lamina::ops::DType dtype_of(const py::array& array);

// (array, ...) -> rows of memory.  Axis 0 may have any stride; the rest must be contiguous.
lamina::ops::Table table_of(const py::array& array);

lamina::Attributes attributes_of(const py::dict& values);
