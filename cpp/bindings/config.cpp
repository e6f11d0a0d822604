#include <pybind11/stl.h>

#include "bindings/register.h"
#include "kernels/dispatch.h"
#include "ops/ops.h"
#include "ops/parallel.h"
#include "program/interrupts.h"

void register_config(py::module_& m) {
    m.def(
        "level", [] { return std::string(lamina::level()); }, "The SIMD level in use.");
    m.def("available_levels", &lamina::available_levels, "The levels that this CPU can run.");
    m.def(
        "set_level", [](const std::string& name) { lamina::set_level(name.c_str()); },
        py::arg("name"), "Chooses the SIMD level; ValueError if this CPU lacks it.");
    m.def(
        "fma_peak",
        [](std::size_t iterations) {
            const py::gil_scoped_release release;
            lamina::kernels().fma_peak(iterations);
            return iterations * lamina::kernels().fma_peak_flops;
        },
        py::arg("iterations"),
        "Computes in registers only, on this thread; returns the number of operations.");
    m.def("skip_zeros", &lamina::ops::skip_zeros, "Whether matrix products skip zeros.");
    m.def("set_skip_zeros", &lamina::ops::set_skip_zeros, py::arg("skip"),
          "Whether matrix products with many zeros skip them.  Changes no result.");
    m.def("num_threads", &lamina::num_threads, "The number of threads in use.");
    m.def(
        "set_num_threads",
        [](int n) {
            if (n < 0) {
                throw py::value_error(
                    "num_threads must be at least 1, or 0 for the default. "
                    "Received: " +
                    std::to_string(n));
            }
            lamina::set_num_threads(n);
        },
        py::arg("n"), "Sets the number of threads; 0 returns to the default.");
    m.def("watch_interrupts", &lamina::watch_interrupts,
          "From here on, SIGINT ends runs of steps with the step they are at.");
    m.def("end_watching_interrupts", &lamina::end_watching_interrupts);
    m.def("forget_interrupt", &lamina::forget_interrupt, "Steps run again after a SIGINT.");
}
