// Matrix products: shares of c for the threads, panels of b in cache, the epilogue on the way out.
#include <algorithm>
#include <atomic>

#include "kernels/dispatch.h"
#include "ops/dropout.h"
#include "ops/ops.h"
#include "ops/scratch.h"
#include "ops/split.h"

namespace lamina::ops {

namespace {

constexpr std::size_t panel_k = 400;            // a panel of b stays in the first-level cache
constexpr std::size_t panel_floats = 8 * 1024;  // likewise, when zeros are skipped
constexpr std::size_t block = 64 * 1024;        // floats of a, read for each panel: second level
constexpr std::size_t column_unit = 64;         // dropout draws its numbers for 64 columns at once
constexpr std::size_t row_unit = 24;            // whole tiles at every level
constexpr std::size_t share_work = 512 * 1024;  // multiplications worth handing to a thread

std::atomic<bool> skips_zeros{true};

struct Product {
    float* c;
    const float *a, *b;
    std::size_t m, n, k;
    bool transpose_a, transpose_b;
    std::size_t a_step;
    const Epilogue* epilogue;
};

// A rectangle of c.
struct Share {
    std::size_t row, rows, column, columns;
};

// This thread's memory for a share.
struct Memory {
    float* panel;
    float* a;  // the share's part of a, transposed
    kernel::Nonzeros lists;
};

kernel::Matmul part_of(const Product& p, const Share& s) {
    const Epilogue& e = *p.epilogue;
    const std::size_t at = s.row * p.n + s.column;
    kernel::Matmul part{};
    part.c = p.c + at;
    part.c_step = p.n;
    part.a = p.a + s.row * (p.transpose_a ? 1 : p.a_step);
    part.a_step = p.a_step;
    part.b = p.b + s.column * (p.transpose_b ? p.k : 1);
    part.b_step = p.transpose_b ? p.k : p.n;
    part.b_transposed = p.transpose_b;
    part.rows = s.rows;
    part.columns = s.columns;
    part.k = p.k;
    part.ended = part.finished = true;
    part.bias = e.bias ? e.bias + s.column : nullptr;
    part.activation = static_cast<kernel::Activation>(e.activation);
    part.parameter = e.parameter;
    part.gate = e.gate && !e.dropout ? e.gate + at : nullptr;  // else after dropout
    part.gate_scale = e.gate_scale;
    return part;
}

// Steps first .. first + k of the chains.
kernel::Matmul steps_of(kernel::Matmul part, std::size_t first, std::size_t k) {
    part.a += first;
    part.b += first * (part.b_transposed ? 1 : part.b_step);
    part.continued |= first > 0;
    part.finished &= first + k == part.k;
    part.ended &= first + k == part.k;
    part.k = k;
    return part;
}

kernel::Matmul columns_of(kernel::Matmul part, std::size_t first, std::size_t columns) {
    part.c += first;
    part.b += first * (part.b_transposed ? part.b_step : 1);
    if (part.bias) part.bias += first;
    if (part.gate) part.gate += first;
    part.columns = columns;
    return part;
}

// Calls body(first, length) for pieces of 0 .. n of at most `most`, as equal as can be.
template <typename Body>
void for_pieces(std::size_t n, std::size_t most, const Body& body) {
    const std::size_t count = std::max<std::size_t>(1, divide_up(n, most));
    const std::size_t length = divide_up(n, count);
    for (std::size_t i = 0; i < count; ++i) body(i * length, std::min(length, n - i * length));
}

void multiply_dense(const kernel::Matmul& part) {
    const std::size_t width = kernels().tile_columns;
    for (std::size_t j = 0; j < part.columns; j += width)
        kernels().matmul_panel(columns_of(part, j, std::min(width, part.columns - j)));
}

// Where b is not finite, zeros count: 0 * inf is NaN.
void multiply_nonzeros(const kernel::Matmul& part, const kernel::Nonzeros& lists) {
    const std::size_t width = kernels().nonzeros_columns;
    for_pieces(part.k, panel_floats / width, [&](std::size_t first, std::size_t k) {
        const kernel::Matmul steps = steps_of(part, first, k);
        kernels().list_nonzeros(lists, steps);
        for (std::size_t j = 0; j < part.columns; j += width) {
            const auto panel = columns_of(steps, j, std::min(width, part.columns - j));
            if (kernels().pack_finite(panel))
                kernels().matmul_nonzeros(panel, lists);
            else
                multiply_dense(panel);
        }
    });
}

// Whether lists of non-zeros pay: measured on every sixteenth row.
bool is_sparse(const kernel::Matmul& part) {
    constexpr std::size_t sampled = 16, min_columns = 48;
    constexpr double density = 0.5;
    if (part.columns < min_columns || !skips_zeros.load(std::memory_order_relaxed)) return false;
    std::size_t nonzeros = 0, rows = 0;
    for (std::size_t i = 0; i < part.rows; i += sampled, ++rows)
        nonzeros += kernels().count_nonzeros(part.a + i * part.a_step, part.k);
    return static_cast<double>(nonzeros) < density * static_cast<double>(rows * part.k);
}

Memory memory_for(const Product& p, const Share& s) {
    const Kernels& kernel = kernels();
    const std::size_t depth = std::min(panel_k, p.k);
    const std::size_t panel = std::max(depth * kernel.tile_columns, panel_floats);
    const std::size_t listed = std::min(depth, panel_floats / kernel.nonzeros_columns);
    const std::size_t list = s.rows * (listed + kernel.nonzeros_at_once) + kernel.width;
    const std::size_t a = p.transpose_a ? s.rows * depth : 0;
    const std::size_t starts = (s.rows + 1) * sizeof(std::size_t) / sizeof(float);
    Memory memory{};
    memory.panel = scratch(panel + a + 2 * list + starts + 16);
    memory.a = memory.panel + panel;
    memory.lists.values = memory.a + a;
    memory.lists.places = reinterpret_cast<std::int32_t*>(memory.lists.values + list);
    auto* const end = memory.lists.places + (list + 1) / 2 * 2;
    memory.lists.starts = reinterpret_cast<std::size_t*>(end);
    return memory;
}

// Blocks of k, outermost, continue the chains in c.
void multiply(const Product& p, const Share& s) {
    const Kernels& kernel = kernels();
    const Memory memory = memory_for(p, s);
    kernel::Matmul whole = part_of(p, s);
    whole.panel = memory.panel;
    for_pieces(p.k, panel_k, [&](std::size_t first, std::size_t k) {
        kernel::Matmul part = steps_of(whole, first, k);
        if (p.transpose_a) {
            part.a = memory.a;
            part.a_step = k;
            kernel.transpose(memory.a, k, whole.a + first * p.a_step, p.a_step, k, s.rows);
        }
        if (is_sparse(part))
            multiply_nonzeros(part, memory.lists);
        else
            multiply_dense(part);
    });
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

void compute(const Product& p, const Share& s) {
    if (s.rows <= kernels().few_rows && !p.transpose_a && !p.transpose_b)
        kernels().matmul_few_rows(part_of(p, s));
    else
        multiply(p, s);
    finish(p, s);
}

}  // namespace

void set_skip_zeros(bool skip) { skips_zeros.store(skip, std::memory_order_relaxed); }

bool skip_zeros() { return skips_zeros.load(std::memory_order_relaxed); }

void matmul(float* c, const float* a, const float* b, std::size_t m, std::size_t n, std::size_t k,
            const Layout& layout, const Epilogue& epilogue) {
    if (m == 0 || n == 0) return;
    const std::size_t a_step = layout.a_step ? layout.a_step : layout.transpose_a ? m : k;
    const Product p{c, a, b, m, n, k, layout.transpose_a, layout.transpose_b, a_step, &epilogue};
    const std::size_t worth = std::max<std::size_t>(1, m * n * k / share_work);
    const auto threads = static_cast<std::size_t>(worth == 1 ? 1 : threads_at_hand());
    const std::size_t wanted = threads == 1 ? 1 : std::min(worth, 4 * threads);
    // Columns first: a share of columns packs only its own panels.  But a share of a's columns is
    // brought into rows, which is done once if the shares are of rows.
    const bool by_rows = layout.transpose_a && m >= wanted * row_unit;
    const std::size_t units = divide_up(n, column_unit);
    const std::size_t parts = by_rows ? 1 : std::min(units, wanted);
    const std::size_t columns = divide_up(units, parts) * column_unit;
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
