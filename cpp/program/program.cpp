#include "program/program.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <new>
#include <numeric>
#include <utility>

#include "ops/parallel.h"

namespace lamina {

// The memory of one run: buffers, and the calls prepared for a batch size.
struct Program::Workspace {
    static constexpr std::align_val_t alignment{64};

    explicit Workspace(std::size_t floats)
        : memory(static_cast<float*>(::operator new(floats * sizeof(float), alignment))) {
        std::fill(memory, memory + floats, 0.0f);
    }
    ~Workspace() { ::operator delete(memory, alignment); }
    Workspace(const Workspace&) = delete;
    Workspace& operator=(const Workspace&) = delete;

    float* memory;
    std::size_t batch = 0;
    bool team = false;  // whether a call is large enough for several threads
    std::vector<float*> cells;
    std::vector<Run> calls;
    std::vector<std::int64_t> order;
};

// A workspace taken from the idle ones, one prepared for the batch if there is any, or a new one;
// given back at the end.  Runs of one program
// in several threads each have their own.
struct Program::Lease {
    Lease(Program& owner, std::size_t batch) : program(owner) {
        const std::lock_guard<std::mutex> lock(program.mutex_);
        auto& idle = program.idle_;
        if (!idle.empty()) {
            const auto prepared = std::find_if(idle.begin(), idle.end(),
                                               [=](const auto& w) { return w->batch == batch; });
            std::swap(prepared == idle.end() ? idle.back() : *prepared, idle.back());
            workspace = std::move(idle.back());
            idle.pop_back();
        }
        if (!workspace) workspace = std::make_unique<Workspace>(program.workspace_size_);
    }
    ~Lease() {
        const std::lock_guard<std::mutex> lock(program.mutex_);
        program.idle_.push_back(std::move(workspace));
    }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

    Program& program;
    std::unique_ptr<Workspace> workspace;
};

namespace {

// A call that touches less than this many floats stays on one thread: see the grains in ops/.
// Weights that are only read do not count: a few rows are bound by reading them once.
constexpr std::size_t team_floats = 32 * 1024;

std::vector<std::size_t> resolve(const std::vector<std::int64_t>& dims, std::size_t batch) {
    std::vector<std::size_t> sizes;
    for (const std::int64_t d : dims) {
        sizes.push_back(d < 0 ? static_cast<std::size_t>(-d) * batch : static_cast<std::size_t>(d));
    }
    return sizes;
}

std::size_t product(const std::vector<std::size_t>& sizes) {
    return std::accumulate(sizes.begin(), sizes.end(), std::size_t{1}, std::multiplies<>());
}

// Whether these rows are float32 and follow each other without a gap.
bool is_contiguous(const ops::Table& table, const std::int64_t* rows, std::size_t batch) {
    if (table.dtype != ops::DType::float32 || batch == 0) return false;
    if (batch > 1 && table.stride != static_cast<std::int64_t>(table.columns * sizeof(float)))
        return false;
    for (std::size_t i = 1; i < batch; ++i)
        if (rows[i] != rows[i - 1] + 1) return false;
    return reinterpret_cast<std::uintptr_t>(table.data) % alignof(float) == 0;
}

}  // namespace

Program::Program(std::vector<Slot> slots, std::vector<Instruction> instructions,
                 std::vector<std::size_t> inputs, std::vector<std::size_t> outputs,
                 std::vector<std::pair<std::size_t, std::size_t>> views, std::size_t workspace_size,
                 std::size_t batch_size)
    : slots_(std::move(slots)),
      instructions_(std::move(instructions)),
      inputs_(std::move(inputs)),
      outputs_(std::move(outputs)),
      views_(std::move(views)),
      workspace_size_(workspace_size),
      batch_size_(batch_size) {
    if (batch_size_ == 0) throw std::invalid_argument("batch_size must be at least 1");
    for (const auto& slot : slots_) {
        const std::size_t end = slot.offset + product(resolve(slot.dims, batch_size_));
        if (!slot.fixed && end > workspace_size_) {
            throw std::invalid_argument("a slot lies outside the workspace");
        }
    }
    const auto check = [this](const std::vector<std::size_t>& numbers) {
        for (const std::size_t i : numbers) (void)slots_.at(i);
    };
    check(inputs_);
    check(outputs_);
    for (const auto& [view, slot] : views_) check({view, slot});
    for (const auto& instruction : instructions_) {
        check(instruction.inputs);
        check(instruction.outputs);
    }
    Lease first(*this, batch_size_);
    prepare(*first.workspace, batch_size_);  // refuses wrong shapes now
}

Program::~Program() = default;

std::size_t Program::row_size(std::size_t slot) const {
    return product(resolve(slots_.at(slot).dims, 1));
}

void Program::prepare(Workspace& workspace, std::size_t batch) const {
    if (workspace.batch == batch) return;
    workspace.batch = 0;
    workspace.calls.clear();
    workspace.team = false;
    workspace.cells.resize(slots_.size());
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        workspace.cells[i] =
            slots_[i].fixed ? slots_[i].fixed : workspace.memory + slots_[i].offset;
    }
    const auto tensors = [&](const std::vector<std::size_t>& numbers) {
        std::vector<Tensor> result;
        for (const std::size_t i : numbers) {
            result.push_back({&workspace.cells[i], resolve(slots_[i].dims, batch)});
        }
        return result;
    };
    for (const auto& instruction : instructions_) {
        const Call call{instruction.operation->name, tensors(instruction.inputs),
                        tensors(instruction.outputs), instruction.attributes};
        std::size_t floats = 0;
        for (const Tensor& tensor : call.outputs) floats += tensor.size();
        for (std::size_t i = 0; i < call.inputs.size(); ++i)
            if (!slots_[instruction.inputs[i]].fixed) floats += call.in(i).size();
        workspace.team |= floats >= team_floats;
        workspace.calls.push_back(instruction.operation->prepare(call));
    }
    workspace.batch = batch;
}

// Rows that are what a step reads, and lie as it reads them, are read where they lie.
void Program::take_input(Workspace& workspace, std::size_t i, const ops::Table& table,
                         const std::int64_t* rows, std::size_t batch) const {
    const std::size_t slot = inputs_[i];
    float* memory = workspace.memory + slots_[slot].offset;
    if (is_contiguous(table, rows, batch)) {
        const char* const first = static_cast<const char*>(table.data) + rows[0] * table.stride;
        memory = reinterpret_cast<float*>(const_cast<char*>(first));  // inputs are never written
    } else {
        ops::take_rows(memory, table, rows, batch);
    }
    workspace.cells[slot] = memory;
    for (const auto& [view, shown] : views_)
        if (shown == slot) workspace.cells[view] = memory;
}

void Program::run(Workspace& workspace, const std::vector<ops::Table>& tables,
                  const std::int64_t* rows, std::size_t batch) const {
    prepare(workspace, batch);
    for (std::size_t i = 0; i < inputs_.size(); ++i)
        take_input(workspace, i, tables[i], rows, batch);
    for (const auto& call : workspace.calls) call();
}

std::size_t Program::run_steps(const std::vector<ops::Table>& tables, const std::int64_t* order,
                               std::size_t rows, std::size_t first, std::size_t last,
                               double seconds) {
    using Clock = std::chrono::steady_clock;
    const auto deadline = Clock::now() + std::chrono::duration<double>(seconds);
    last = std::min(last, (rows + batch_size_ - 1) / batch_size_);
    if (first >= last) return first;
    const std::size_t batch = std::min(batch_size_, rows - first * batch_size_);
    Lease lease(*this, batch);
    std::size_t step = first;
    const auto run_all = [&] {
        while (step < last) {
            const std::size_t begin = step * batch_size_;
            run(*lease.workspace, tables, order + begin, std::min(batch_size_, rows - begin));
            ++step;
            if (Clock::now() >= deadline) break;
        }
    };
    prepare(*lease.workspace, batch);
    lease.workspace->team ? with_team(run_all) : run_all();
    return step;
}

void Program::map(const std::vector<ops::Table>& tables, std::size_t rows,
                  const std::vector<float*>& results) {
    if (rows == 0) return;
    Lease lease(*this, std::min(batch_size_, rows));
    const auto map_rows = [&] {
        for (std::size_t begin = 0; begin < rows; begin += batch_size_) {
            map_batch(*lease.workspace, tables, begin, std::min(batch_size_, rows - begin),
                      results);
        }
    };
    prepare(*lease.workspace, std::min(batch_size_, rows));
    lease.workspace->team ? with_team(map_rows) : map_rows();
}

void Program::map_batch(Workspace& workspace, const std::vector<ops::Table>& tables,
                        std::size_t begin, std::size_t batch,
                        const std::vector<float*>& results) const {
    workspace.order.resize(batch);
    std::iota(workspace.order.begin(), workspace.order.end(), static_cast<std::int64_t>(begin));
    run(workspace, tables, workspace.order.data(), batch);
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
        const std::size_t size = row_size(outputs_[i]);
        std::memcpy(results[i] + begin * size, workspace.cells[outputs_[i]],
                    batch * size * sizeof(float));
    }
}

}  // namespace lamina
