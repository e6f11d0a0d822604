#pragma once

#include <pybind11/pybind11.h>

namespace py = pybind11;

void register_config(py::module_& m);
void register_data(py::module_& m);
void register_operations(py::module_& m);
void register_program(py::module_& m);
