// The families of operations: for each its shapes, and the function of ops.h that computes it.
#pragma once

#include <vector>

#include "ops/ops.h"
#include "program/operation.h"

namespace lamina {

std::vector<Operation> elementwise_operations();
std::vector<Operation> row_operations();
std::vector<Operation> reduction_operations();
std::vector<Operation> shape_operations();
std::vector<Operation> moving_operations();
std::vector<Operation> lookup_operations();
std::vector<Operation> ordering_operations();
std::vector<Operation> product_operations();
std::vector<Operation> state_operations();
std::vector<Operation> optimizer_operations();

// How the operands of a call are read after broadcasting to its result.
struct Broadcasting {
    ops::Broadcast shape;
    Extent first;  // axis

    ops::Broadcast of(Part part) const;
};
Broadcasting broadcasting(const Call& call);

// A state (seed, step) in a tensor of two integers.
ops::Dropout dropout_of(float rate, const float* state);

}  // namespace lamina
