// The operations as a program calls them: by name, on tensors.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace lamina {

// A part of what a group of calls is split along: samples of the batch, or rows of a matrix.
struct Part {
    std::size_t first, count;
    std::size_t thread = 0;  // the number of the thread that computes it
    std::size_t origin =
        0;  // the first unit of what the thread has taken, of which this is a strip
};

// Where a tensor's numbers for a part start; the same place for all when it is not split.  A local
// tensor holds no more than a part, or a strip of one (step 0): each thread has its own.
struct Place {
    float* const* cell;
    std::size_t step;
    std::size_t thread_step = 0;

    float* at(Part part) const {
        const std::size_t unit = thread_step ? part.first - part.origin : part.first;
        return *cell + unit * step + part.thread * thread_step;
    }
};

// A size that is so much per unit of the part, or fixed.
struct Extent {
    std::size_t per_unit, fixed;

    std::size_t of(Part part) const { return per_unit * part.count + fixed; }
};

// A tensor of a program.  The cell holds the pointer to its elements at run time, so that inputs
// and outputs may lie in the user's own arrays.
struct Tensor {
    float* const* cell;
    std::vector<std::size_t> sizes;
    std::size_t units = 0;        // samples or rows that its first axis is split into; 0: not split
    std::size_t thread_step = 0;  // floats from a thread's to the next one's; 0: not local
    bool of_strip = false;        // local, and only needed within a strip

    std::size_t size() const;
    std::size_t columns() const { return sizes.empty() ? 1 : sizes.back(); }
    std::size_t rows() const { return columns() ? size() / columns() : 0; }
    int rank() const { return static_cast<int>(sizes.size()); }

    Place place() const { return {cell, units && !of_strip ? size() / units : 0, thread_step}; }
    // Of `total`, a number that the first axis is a factor of.
    Extent extent(std::size_t total) const {
        return units ? Extent{total / units, 0} : Extent{0, total};
    }
};

using Attributes = std::map<std::string, std::vector<double>, std::less<>>;

// One call: what it reads, what it writes, its attributes.
struct Call {
    std::string_view name;
    std::vector<Tensor> inputs;
    std::vector<Tensor> outputs;
    const Attributes& attributes;

    const Tensor& in(std::size_t i) const { return inputs.at(i); }
    const Tensor& out(std::size_t i = 0) const { return outputs.at(i); }
    const std::vector<double>& list(std::string_view attribute) const;
    double number(std::string_view attribute) const;
    bool flag(std::string_view attribute) const { return number(attribute) != 0; }
    // Throws std::invalid_argument "name: what" unless the condition holds.
    void require(bool condition, const char* what) const;
    void require_operands(std::size_t inputs, std::size_t outputs = 1) const;
};

using Run = std::function<void(Part)>;

// An operation: checks the shapes of a call and gives what runs it, on the whole or on a part.
struct Operation {
    const char* name;
    Run (*prepare)(const Call&);
    unsigned integer_inputs = 0;   // bit i: operand i holds 32-bit integers
    unsigned integer_outputs = 0;  // likewise for results
    bool shapes_only = false;      // reads its operands' shapes, not their numbers
    bool in_strips = true;         // whether a few units at a time are as good as many
};

const std::vector<Operation>& operations();
const Operation& find_operation(std::string_view name);

}  // namespace lamina
