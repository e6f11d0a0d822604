// Each operation under its own name: _core.relu(inputs, outputs, attributes).
#include "bindings/arrays.h"
#include "bindings/register.h"

namespace {

using lamina::Operation;
using lamina::Tensor;

void run(const Operation& operation, const std::vector<py::array>& inputs,
         const std::vector<py::array>& outputs, const py::dict& values) {
    std::vector<float*> cells;
    cells.reserve(inputs.size() + outputs.size());
    const auto tensors = [&](const std::vector<py::array>& arrays, unsigned integers, bool writes) {
        std::vector<Tensor> result;
        for (std::size_t i = 0; i < arrays.size(); ++i) {
            const bool integer = integers >> i & 1;
            cells.push_back(checked_memory(operation.name, arrays[i], integer, writes));
            const auto* shape = arrays[i].shape();
            result.push_back({&cells.back(), {shape, shape + arrays[i].ndim()}});
        }
        return result;
    };
    const auto attributes = attributes_of(values);
    const auto call =
        operation.prepare({operation.name, tensors(inputs, operation.integer_inputs, false),
                           tensors(outputs, operation.integer_outputs, true), attributes});
    py::gil_scoped_release release;
    call({0, 0});  // no axis is known to run through samples: all is computed
}

}  // namespace

void register_operations(py::module_& m) {
    py::list names;
    for (const Operation& operation : lamina::operations()) {
        names.append(operation.name);
        m.def(
            operation.name,
            [&operation](const std::vector<py::array>& inputs,
                         const std::vector<py::array>& outputs, const py::dict& attributes) {
                run(operation, inputs, outputs, attributes);
            },
            py::arg("inputs"), py::arg("outputs"), py::arg("attributes") = py::dict());
    }
    m.attr("operations") = py::tuple(names);
}
