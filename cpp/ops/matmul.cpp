// Matrix products: shares of c for the threads, panels of b in cache, the epilogue on the way out.
#include <algorithm>

#include "kernels/dispatch.h"
#include "ops/dropout.h"
#include "ops/ops.h"
#include "ops/scratch.h"
#include "ops/split.h"

namespace lamina::ops {

namespace {

constexpr std::size_t panel_k = 256;            // a panel of b stays in the first-level cache
constexpr std::size_t column_unit = 64;         // dropout draws its numbers for 64 columns at once
constexpr std::size_t row_unit = 24;            // whole tiles at every level
constexpr std::size_t share_work = 512 * 1024;  // multiplications worth handing to a thread

struct Product {
    float* c;
    const float *a, *b;
    std::size_t m, n, k;
    bool transpose_a, transpose_b;
    const Epilogue* epilogue;
};

// A rectangle of c.
struct Share {
    std::size_t row, rows, column, columns;
};

// The part of the product that belongs to a share, without its b.
kernel::Matmul part_of(const Product& p, const Share& s) {
    kernel::Matmul part{};
    part.c = p.c + s.row * p.n + s.column;
    part.c_step = p.n;
    part.a = p.a + s.row * (p.transpose_a ? 1 : p.k);
    part.a_row_step = p.transpose_a ? 1 : p.k;
    part.a_k_step = p.transpose_a ? p.m : 1;
    part.rows = s.rows;
    part.columns = s.columns;
    part.k = p.k;
    return part;
}

void multiply_few_rows(const Product& p, const Share& s) {
    kernel::Matmul part = part_of(p, s);
    part.b = p.b + s.column;
    part.b_step = p.n;
    kernels().matmul_rows(part);
}

// Blocks of k, outermost, continue the chains in c.
void multiply_panels(const Product& p, const Share& s) {
    const Kernels& k = kernels();
    const std::size_t blocks = std::max<std::size_t>(1, divide_up(p.k, panel_k));
    const std::size_t depth = divide_up(p.k, blocks);
    float* const panel = scratch(depth * k.tile_columns);
    for (std::size_t first = 0; first == 0 || first < p.k;
         first += std::max<std::size_t>(1, depth)) {
        for (std::size_t j = 0; j < s.columns; j += k.tile_columns) {
            const std::size_t columns = std::min(k.tile_columns, s.columns - j);
            kernel::Matmul part = part_of(p, {s.row, s.rows, s.column + j, columns});
            part.k = std::min(depth, p.k - first);
            part.a += first * part.a_k_step;
            part.b = panel;
            part.b_step = divide_up(columns, k.width) * k.width;
            part.continued = first > 0;
            if (p.transpose_b)
                k.pack_transposed(panel, p.b + (s.column + j) * p.k + first, p.k, columns, part.k);
            else
                k.pack(panel, p.b + first * p.n + s.column + j, p.n, columns, part.k);
            k.matmul_panel(part);
        }
    }
}

void activate(Activation activation, float* y, std::size_t n) {
    switch (activation) {
        case Activation::linear:
            return;
        case Activation::relu:
            return kernels().relu(y, y, n);
        case Activation::sigmoid:
            return kernels().sigmoid(y, y, n);
        case Activation::tanh:
            return kernels().tanh(y, y, n);
    }
}

void finish(const Product& p, const Share& s) {
    const Epilogue& e = *p.epilogue;
    for (std::size_t i = s.row; i < s.row + s.rows; ++i) {
        float* const y = p.c + i * p.n + s.column;
        if (e.bias) kernels().add(y, y, 1, e.bias + s.column, 1, s.columns);
        activate(e.activation, y, s.columns);
        if (e.dropout) kernels().dropout(y, y, s.columns, dropout_part(*e.dropout, i, s.column));
        if (e.gate)
            kernels().gate(y, y, 1, e.gate + i * p.n + s.column, 1, &e.gate_scale, 0, s.columns);
    }
}

void compute(const Product& p, const Share& s) {
    if (s.rows <= kernels().small_rows && !p.transpose_b)
        multiply_few_rows(p, s);
    else
        multiply_panels(p, s);
    finish(p, s);
}

}  // namespace

void matmul(float* c, const float* a, const float* b, std::size_t m, std::size_t n, std::size_t k,
            bool transpose_a, bool transpose_b, const Epilogue& epilogue) {
    if (m == 0 || n == 0) return;
    const Product p{c, a, b, m, n, k, transpose_a, transpose_b, &epilogue};
    const auto threads = static_cast<std::size_t>(num_threads());
    const std::size_t worth = threads == 1 ? 1 : std::max<std::size_t>(1, m * n * k / share_work);
    const std::size_t wanted = std::min(worth, 4 * threads);
    // Columns first: a share of columns packs only its own panels.
    const std::size_t units = divide_up(n, column_unit);
    const std::size_t columns = divide_up(units, std::min(units, wanted)) * column_unit;
    const std::size_t column_shares = divide_up(n, columns);
    const std::size_t rows =
        divide_up(divide_up(m, divide_up(wanted, column_shares)), row_unit) * row_unit;
    const std::size_t row_shares = divide_up(m, rows);
    parallel_for(column_shares * row_shares, [&](std::size_t i) {
        const std::size_t row = i % row_shares * rows, column = i / row_shares * columns;
        compute(p, {row, std::min(rows, m - row), column, std::min(columns, n - column)});
    });
}

}  // namespace lamina::ops
