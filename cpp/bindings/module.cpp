#include "bindings/register.h"

PYBIND11_MODULE(_core, m, py::mod_gil_not_used()) {
    m.doc() = "lamina's C++ core: operations on float32 arrays, and programs made of them.";
    register_config(m);
    register_data(m);
    register_operations(m);
    register_program(m);
}
