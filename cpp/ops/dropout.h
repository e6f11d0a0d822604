// What dropout and matmul's epilogue share.
#pragma once

#include "kernels/kernels.h"
#include "ops/ops.h"

namespace lamina::ops {

// The kernel's arguments for a part of a row.
kernel::DropoutPart dropout_part(const Dropout& dropout, std::size_t row, std::size_t column);

}  // namespace lamina::ops
