#include "program/program.h"

#include <cstring>

#include "bindings/arrays.h"
#include "bindings/register.h"

namespace {

using lamina::Program;
using lamina::Slot;
using Numbers = std::vector<std::size_t>;
// (dims, offset), (dims, array), or (dims, None) for a local slot
using SlotArgument = std::pair<std::vector<std::int64_t>, py::object>;
using ViewArgument = std::pair<std::size_t, std::size_t>;
// (name, input slots, output slots, attributes, group)
using InstructionArgument = std::tuple<std::string, Numbers, Numbers, py::dict, std::size_t>;

// Keeps the arrays of the slots alive.
struct BoundProgram {
    std::vector<py::object> arrays;
    std::unique_ptr<Program> program;
    py::dtype float32 = py::dtype::of<float>();
};

Slot slot_of(const SlotArgument& argument, std::vector<py::object>& kept) {
    Slot slot;
    slot.dims = argument.first;
    if (py::isinstance<py::array>(argument.second)) {
        const auto array = argument.second.cast<py::array>();
        slot.fixed = checked_memory("Program", array, array.dtype().kind() != 'f', false);
        std::int64_t size = 1;
        for (const std::int64_t d : slot.dims) size *= d;
        if (size != array.size()) throw py::value_error("Program: a slot's array has another size");
        kept.push_back(argument.second);
    } else if (argument.second.is_none()) {
        slot.local = true;
    } else {
        slot.offset = argument.second.cast<std::size_t>();
    }
    return slot;
}

std::unique_ptr<BoundProgram> make_program(const std::vector<SlotArgument>& slots,
                                           const std::vector<InstructionArgument>& instructions,
                                           const Numbers& inputs, const Numbers& outputs,
                                           const std::vector<ViewArgument>& views,
                                           std::size_t workspace_size, std::size_t batch_size) {
    auto bound = std::make_unique<BoundProgram>();
    std::vector<Slot> made;
    for (const auto& slot : slots) made.push_back(slot_of(slot, bound->arrays));
    std::vector<lamina::Instruction> list;
    for (const auto& [name, in, out, attributes, group] : instructions) {
        list.push_back({&lamina::find_operation(name), in, out, attributes_of(attributes), group});
    }
    bound->program = std::make_unique<Program>(std::move(made), std::move(list), inputs, outputs,
                                               views, workspace_size, batch_size);
    return bound;
}

std::vector<lamina::ops::Table> tables_of(const Program& program,
                                          const std::vector<py::array>& arrays, std::size_t rows) {
    if (arrays.size() != program.input_count()) {
        throw py::value_error("Program: expected " + std::to_string(program.input_count()) +
                              " arrays. Received: " + std::to_string(arrays.size()));
    }
    std::vector<lamina::ops::Table> tables;
    for (std::size_t i = 0; i < arrays.size(); ++i) {
        tables.push_back(table_of(arrays[i]));
        if (tables.back().columns != program.row_size(program.input_slot(i)) ||
            static_cast<std::size_t>(arrays[i].shape(0)) < rows) {
            throw py::value_error("Program: input " + std::to_string(i) + " has shape " +
                                  shape_of(arrays[i]) + ", expected rows of " +
                                  std::to_string(program.row_size(program.input_slot(i))));
        }
    }
    return tables;
}

std::size_t run_steps(BoundProgram& self, const std::vector<py::array>& arrays,
                      const py::array_t<std::int64_t, py::array::c_style>& order, std::size_t first,
                      std::size_t last, double seconds) {
    std::size_t rows = 0;
    for (const auto& array : arrays) {
        rows = std::max(rows, static_cast<std::size_t>(array.ndim() ? array.shape(0) : 0));
    }
    const auto tables = tables_of(*self.program, arrays, rows);
    const std::int64_t* index = order.data();
    const auto n = static_cast<std::size_t>(order.size());
    if (!arrays.empty()) {
        for (std::size_t i = 0; i < n; ++i) {
            if (index[i] < 0 || static_cast<std::size_t>(index[i]) >= rows) {
                throw py::index_error("Program: row " + std::to_string(index[i]) + " of " +
                                      std::to_string(rows));
            }
        }
    }
    py::gil_scoped_release release;
    return self.program->run_steps(tables, index, n, first, last, seconds);
}

void map(BoundProgram& self, const std::vector<py::array>& arrays, std::size_t rows,
         const std::vector<py::array>& results) {
    const auto tables = tables_of(*self.program, arrays, rows);
    if (results.size() != self.program->output_count()) {
        throw py::value_error("Program: wrong number of results");
    }
    std::vector<float*> memory;
    for (std::size_t i = 0; i < results.size(); ++i) {
        memory.push_back(checked_memory("Program", results[i], false, true));
        const std::size_t size = self.program->row_size(self.program->output_slot(i));
        if (static_cast<std::size_t>(results[i].size()) != rows * size) {
            throw py::value_error("Program: result " + std::to_string(i) + " has shape " +
                                  shape_of(results[i]));
        }
    }
    py::gil_scoped_release release;
    self.program->map(tables, rows, memory);
}

// Whether `array` is contiguous, and has the slot's dims for one sample or more.
bool fits(const BoundProgram& self, const py::array& array, std::size_t slot) {
    const auto& dims = self.program->dims(slot);
    if (!(array.flags() & py::array::c_style)) return false;
    if (static_cast<std::size_t>(array.ndim()) != dims.size() || array.size() == 0) return false;
    for (std::size_t axis = 1; axis < dims.size(); ++axis) {
        if (array.shape(static_cast<py::ssize_t>(axis)) != dims[axis]) return false;
    }
    return true;
}

py::object predict(BoundProgram& self, const py::object& x) {
    const Program& program = *self.program;
    if (program.input_count() != 1 || program.output_count() != 1) {
        throw py::type_error("Program: predict needs one input and one output");
    }
    if (!py::isinstance<py::array>(x)) return py::none();
    const auto array = py::reinterpret_borrow<py::array>(x);
    if (!fits(self, array, program.input_slot(0))) return py::none();
    auto dtype = lamina::ops::DType::float32;
    if (!array.dtype().is(self.float32)) {
        const py::dtype given = array.dtype();
        const bool known = std::strchr("biuf", given.kind()) && given.itemsize() <= 8;
        if (!known || given.byteorder() == '>') return py::none();
        dtype = dtype_of(array);
    }
    const auto rows = static_cast<std::size_t>(array.shape(0));
    const auto& dims = program.dims(program.output_slot(0));
    std::vector<py::ssize_t> shape(dims.begin(), dims.end());
    shape[0] = array.shape(0);
    py::array_t<float> result(shape);
    const std::vector<lamina::ops::Table> tables = {
        {array.data(), dtype, array.strides(0), array.size() / rows}};
    const std::vector<float*> memory = {result.mutable_data()};
    {
        py::gil_scoped_release release;
        self.program->map(tables, rows, memory);
    }
    return result;
}

}  // namespace

void register_program(py::module_& m) {
    py::class_<BoundProgram>(m, "Program", "A list of operation calls on planned buffers.")
        .def(py::init(&make_program), py::arg("slots"), py::arg("instructions"), py::arg("inputs"),
             py::arg("outputs"), py::arg("views"), py::arg("workspace_size"), py::arg("batch_size"))
        .def("run_steps", &run_steps, py::arg("arrays"), py::arg("order"), py::arg("first"),
             py::arg("last"), py::arg("seconds"),
             "Runs steps over batches of the rows in `order` until `last` or the time is over; "
             "returns the next step.")
        .def("map", &map, py::arg("arrays"), py::arg("rows"), py::arg("results"),
             "Runs all rows in order and stores the results.")
        .def("predict", &predict, py::arg("x"),
             "The output for an array of numbers of the input's shape, as it lies; None for any "
             "other.");
}
