// Matrix products: shares of c for the threads, panels of b in cache, the epilogue on the way out.
#include <algorithm>

#include "kernels/dispatch.h"
#include "ops/dropout.h"
#include "ops/ops.h"
#include "ops/scratch.h"
#include "ops/split.h"

namespace lamina::ops {

namespace {

constexpr std::size_t panel_k = 400;            // a panel of b stays in the first-level cache
constexpr std::size_t block = 64 * 1024;        // floats of a, read for each panel: second level
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

kernel::Matmul part_of(const Product& p, const Share& s) {
    const Epilogue& e = *p.epilogue;
    const std::size_t at = s.row * p.n + s.column;
    kernel::Matmul part{};
    part.c = p.c + at;
    part.c_step = p.n;
    part.a = p.a + s.row * (p.transpose_a ? 1 : p.k);
    part.a_row_step = p.transpose_a ? 1 : p.k;
    part.a_k_step = p.transpose_a ? p.m : 1;
    part.b = p.b + s.column * (p.transpose_b ? p.k : 1);
    part.b_step = p.transpose_b ? p.k : p.n;
    part.b_transposed = p.transpose_b;
    part.rows = s.rows;
    part.columns = s.columns;
    part.k = p.k;
    part.finished = true;
    part.bias = e.bias ? e.bias + s.column : nullptr;
    part.activation = static_cast<kernel::Activation>(e.activation);
    part.gate = e.gate && !e.dropout ? e.gate + at : nullptr;  // else after dropout
    part.gate_scale = e.gate_scale;
    return part;
}

void finish(const Product& p, const Share& s) {
    const Epilogue& e = *p.epilogue;
    if (!e.dropout) return;
    float* const c = p.c + s.row * p.n + s.column;
    drop(c, c, s.row, s.rows, s.column, s.columns, p.n, *e.dropout);
    if (!e.gate) return;
    for (std::size_t i = 0; i < s.rows; ++i) {
        float* const y = c + i * p.n;
        const float* const gate = e.gate + (y - p.c);
        kernels().gate(y, y, 1, gate, 1, &e.gate_scale, 0, s.columns);
    }
}

// Blocks of k, outermost, continue the chains in c.
void multiply(const Product& p, const Share& s) {
    const Kernels& k = kernels();
    const std::size_t blocks = std::max<std::size_t>(1, divide_up(p.k, panel_k));
    const std::size_t depth = divide_up(p.k, blocks);
    float* const panel = scratch(depth * k.tile_columns);
    for (std::size_t i = 0; i < blocks; ++i) {
        for (std::size_t j = 0; j < s.columns; j += k.tile_columns) {
            const std::size_t columns = std::min(k.tile_columns, s.columns - j);
            kernel::Matmul part = part_of(p, {s.row, s.rows, s.column + j, columns});
            part.a += i * depth * part.a_k_step;
            part.b += i * depth * (p.transpose_b ? 1 : p.n);
            part.k = std::min(depth, p.k - i * depth);
            part.continued = i > 0;
            part.finished = i + 1 == blocks;
            part.panel = panel;
            k.matmul_panel(part);
        }
    }
}

void compute(const Product& p, const Share& s) {
    if (s.rows <= kernels().few_rows && !p.transpose_b)
        kernels().matmul_few_rows(part_of(p, s));
    else
        multiply(p, s);
    finish(p, s);
}

}  // namespace

void matmul(float* c, const float* a, const float* b, std::size_t m, std::size_t n, std::size_t k,
            bool transpose_a, bool transpose_b, const Epilogue& epilogue) {
    if (m == 0 || n == 0) return;
    const Product p{c, a, b, m, n, k, transpose_a, transpose_b, &epilogue};
    const auto threads = static_cast<std::size_t>(num_threads());
    const std::size_t worth = std::max<std::size_t>(1, m * n * k / share_work);
    const std::size_t wanted = threads == 1 ? 1 : std::min(worth, 4 * threads);
    // Columns first: a share of columns packs only its own panels.
    const std::size_t units = divide_up(n, column_unit);
    const std::size_t columns = divide_up(units, std::min(units, wanted)) * column_unit;
    const std::size_t column_shares = divide_up(n, columns);
    const std::size_t fitting = std::max(row_unit, block / std::clamp<std::size_t>(k, 1, panel_k));
    const std::size_t row_parts = std::max(divide_up(wanted, column_shares), divide_up(m, fitting));
    const std::size_t rows = divide_up(divide_up(m, row_parts), row_unit) * row_unit;
    const std::size_t row_shares = divide_up(m, rows);
    parallel_for(column_shares * row_shares, [&](std::size_t i) {
        const std::size_t row = i % row_shares * rows, column = i / row_shares * columns;
        compute(p, {row, std::min(rows, m - row), column, std::min(columns, n - column)});
    });
}

}  // namespace lamina::ops
