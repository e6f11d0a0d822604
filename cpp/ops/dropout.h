// Dropout of a part of a matrix, as dropout and matmul's epilogue need it.
#pragma once

#include "ops/ops.h"

namespace lamina::ops {

// y, x: the part's first element, at (row, column) of a matrix whose rows are `distance` apart;
// column is a multiple of 64.
void drop(float* y, const float* x, std::size_t row, std::size_t rows, std::size_t column,
          std::size_t columns, std::size_t distance, const Dropout& dropout);

}  // namespace lamina::ops
