#include "program/program.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <new>
#include <numeric>
#include <utility>

#include "ops/aligned.h"
#include "ops/float_mode.h"
#include "ops/forks.h"
#include "ops/parallel.h"
#include "ops/split.h"
#include "program/interrupts.h"
#include "program/local_slots.h"

namespace lamina {

namespace {

// A call that touches less than this many floats stays on one thread: see the grains in ops/.
// Weights that are only read do not count: a few rows are bound by reading them once.
constexpr std::size_t team_floats = 32 * 1024;

}  // namespace

// Calls between two meetings of the threads: a group, split along so many units of its results'
// first axis, or a single call on the whole (units 0).
struct Program::Stage {
    // Calls that take a part as a whole, or one strip of it after the other through all of them.
    struct Calls {
        bool in_strips;
        std::size_t row_size;  // of the largest result
        std::vector<Run> runs;
    };

    std::size_t group;
    std::size_t units;
    bool by_sample;
    std::size_t row_size = 0;
    std::size_t floats = 0;  // that the largest call touches
    std::vector<Calls> calls = {};

    void add(Run run, bool in_strips, std::size_t own_row_size) {
        if (calls.empty() || calls.back().in_strips != in_strips)
            calls.push_back({in_strips, 0, {}});
        calls.back().row_size = std::max(calls.back().row_size, own_row_size);
        calls.back().runs.push_back(std::move(run));
    }

    void compute(Part part) const {
        for (const Calls& some : calls) {
            const std::size_t size = some.in_strips ? units_of_strip(some.row_size) : part.count;
            for (std::size_t i = 0; i < part.count; i += size) {
                const Part strip{part.first + i, std::min(size, part.count - i), part.thread,
                                 part.first};
                for (const Run& run : some.runs) run(strip);
            }
        }
    }

    bool is_small() const { return floats < team_floats; }

    // How many units a thread takes at once.
    std::size_t part_size() const {
        constexpr std::size_t most = 128;  // samples, to stay in a thread's cache
        const std::size_t threads = is_small() ? 1 : static_cast<std::size_t>(threads_at_hand());
        if (by_sample) return divide_up(units, std::max(threads, divide_up(units, most)));
        const std::size_t shares = threads == 1 ? 1 : 3 * threads;
        return std::min(rows_of_part(row_size), divide_up(units, shares));
    }
};

// The memory of one run: buffers, and the calls prepared for a batch size.
struct Program::Workspace {
    explicit Workspace(std::size_t floats) : memory(floats) {
        std::fill(memory.data(), memory.data() + floats, 0.0f);
    }

    AlignedFloats memory;
    AlignedFloats local;  // of every thread
    std::size_t batch = 0;
    bool team = false;  // whether a call is large enough for several threads
    std::vector<float*> cells;
    std::vector<std::size_t> gathered;  // the inputs that are not read where they lie
    std::vector<Stage> stages;          // the first gathers the inputs
    std::vector<std::int64_t> order;
};

// A workspace taken from the idle ones, one prepared for the batch if there is any, or a new one;
// given back at the end.  Runs of one program in several threads each have their own.
struct Program::Lease {
    Lease(Program& owner, std::size_t batch) : program(owner) {
        take(batch);
        if (!workspace) workspace = std::make_unique<Workspace>(program.workspace_size_);
    }
    ~Lease() {
        const std::lock_guard<std::mutex> lock(held_over_forks());
        program.idle_.push_back(std::move(workspace));
    }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

    Program& program;
    std::unique_ptr<Workspace> workspace;

  private:
    void take(std::size_t batch) {
        const std::lock_guard<std::mutex> lock(held_over_forks());
        auto& idle = program.idle_;
        if (idle.empty()) return;
        const auto prepared = std::find_if(idle.begin(), idle.end(),
                                           [=](const auto& w) { return w->batch == batch; });
        std::swap(prepared == idle.end() ? idle.back() : *prepared, idle.back());
        workspace = std::move(idle.back());
        idle.pop_back();
    }
};

namespace {

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
        if (!slot.fixed && !slot.local && end > workspace_size_) {
            throw std::invalid_argument("a slot lies outside the workspace");
        }
    }
    for (const auto* numbers : {&inputs_, &outputs_}) {
        for (const std::size_t i : *numbers) (void)slots_.at(i);
    }
    for (const auto& [view, slot] : views_) {
        (void)slots_.at(view);
        (void)slots_.at(slot);
    }
    sized_ = !inputs_.empty() && std::none_of(inputs_.begin(), inputs_.end(), [this](auto slot) {
        const auto& dims = slots_[slot].dims;
        return std::any_of(dims.begin(), dims.end(), [](std::int64_t d) { return d < 0; });
    });
    for (const Instruction& instruction : instructions_) check(instruction);
    gathering_group_ = gathering_group();
    local_size_ = place_local_slots(slots_, instructions_);
    Lease first(*this, batch_size_);
    prepare(*first.workspace, batch_size_);  // refuses wrong shapes now
}

void Program::check(const Instruction& instruction) const {
    for (const auto* numbers : {&instruction.inputs, &instruction.outputs}) {
        for (const std::size_t i : *numbers) (void)slots_.at(i);
    }
    for (const std::size_t i : instruction.outputs) {
        const auto &dims = slots_[i].dims, &others = slots_[instruction.outputs[0]].dims;
        if (instruction.group && (dims.empty() || (dims[0] < 0) != (others[0] < 0))) {
            throw std::invalid_argument(std::string(instruction.operation->name) +
                                        ": the results of a group must start with one axis");
        }
    }
}

std::size_t Program::gathering_group() const {
    const auto is_input = [this](std::size_t slot) {
        return std::any_of(inputs_.begin(), inputs_.end(), [&](std::size_t input) {
            return !slots_[slot].fixed && !slots_[slot].local &&
                   slots_[slot].offset == slots_[input].offset;
        });
    };
    for (const Instruction& instruction : instructions_) {
        const auto& read = instruction.inputs;
        if (instruction.group && slots_[instruction.outputs[0]].dims[0] < 0) {
            return instruction.group;
        }
        if (instruction.operation->shapes_only) continue;
        if (std::any_of(read.begin(), read.end(), is_input)) break;
    }
    return 0;
}

Program::~Program() = default;

std::size_t Program::row_size(std::size_t slot) const {
    return product(resolve(slots_.at(slot).dims, 1)) / (sized_ ? batch_size_ : 1);
}

void Program::check_whole(std::size_t rows) const {
    if (sized_ && rows % batch_size_ != 0) {
        throw std::invalid_argument("a program for batches of " + std::to_string(batch_size_) +
                                    " samples cannot run " + std::to_string(rows));
    }
}

Call Program::call_of(const Instruction& instruction, const Workspace& workspace,
                      std::size_t batch) const {
    const auto tensors = [&](const std::vector<std::size_t>& numbers) {
        std::vector<Tensor> result;
        for (const std::size_t i : numbers) {
            result.push_back({&workspace.cells[i], resolve(slots_[i].dims, batch)});
        }
        return result;
    };
    Call call{instruction.operation->name, tensors(instruction.inputs),
              tensors(instruction.outputs), instruction.attributes};
    if (instruction.group == 0) return call;
    const bool by_sample = slots_[instruction.outputs[0]].dims[0] < 0;
    const auto whole = call.out().sizes;
    const auto split = [&](std::vector<Tensor>& operands, const std::vector<std::size_t>& numbers) {
        for (std::size_t i = 0; i < operands.size(); ++i) {
            const auto& dims = slots_[numbers[i]].dims;
            if (by_sample ? !dims.empty() && dims[0] < 0 : operands[i].sizes == whole) {
                operands[i].units = by_sample ? batch : whole[0];
            }
            if (slots_[numbers[i]].local) operands[i].thread_step = local_size_;
            operands[i].of_strip = slots_[numbers[i]].of_strip;
        }
    };
    split(call.inputs, instruction.inputs);
    split(call.outputs, instruction.outputs);
    return call;
}

void Program::prepare(Workspace& workspace, std::size_t batch) const {
    if (workspace.batch == batch) return;
    workspace.batch = 0;
    auto& stages = workspace.stages;
    stages.clear();
    if (gathering_group_ == 0) stages.push_back({0, batch, true});
    workspace.team = false;
    workspace.cells.resize(slots_.size());
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        float* const memory = slots_[i].local ? workspace.local.data() : workspace.memory.data();
        workspace.cells[i] = slots_[i].fixed ? slots_[i].fixed : memory + slots_[i].offset;
    }
    for (const Instruction& instruction : instructions_) {
        const Call call = call_of(instruction, workspace, batch);
        std::size_t floats = 0;
        for (const Tensor& tensor : call.outputs) floats += tensor.size();
        for (std::size_t i = 0; i < call.inputs.size(); ++i)
            if (!slots_[instruction.inputs[i]].fixed) floats += call.in(i).size();
        workspace.team |= floats >= team_floats;
        const std::size_t group = instruction.group;
        if (group == 0 || stages.empty() || stages.back().group != group) {
            const bool by_sample = group && slots_[instruction.outputs[0]].dims[0] < 0;
            const std::size_t units = call.out().units;
            stages.push_back({group, units, by_sample, units ? call.out().size() / units : 0});
        }
        stages.back().floats = std::max(stages.back().floats, floats);
        const std::size_t units = call.out().units;
        stages.back().add(instruction.operation->prepare(call), instruction.operation->in_strips,
                          units ? call.out().size() / units : 0);
    }
    workspace.batch = batch;
}

// Rows that are what a step reads, and lie as it reads them, are read where they lie.
void Program::bind_inputs(Workspace& workspace, const std::vector<ops::Table>& tables,
                          const std::int64_t* rows, std::size_t batch) const {
    workspace.gathered.clear();
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
        const std::size_t slot = inputs_[i];
        const ops::Table& table = tables[i];
        float* memory = workspace.memory.data() + slots_[slot].offset;
        if (is_contiguous(table, rows, batch)) {
            const char* const first = static_cast<const char*>(table.data) + rows[0] * table.stride;
            memory = reinterpret_cast<float*>(const_cast<char*>(first));  // never written
        } else {
            workspace.gathered.push_back(i);
        }
        workspace.cells[slot] = memory;
        for (const auto& [view, shown] : views_)
            if (shown == slot) workspace.cells[view] = memory;
    }
}

void Program::bind_local_slots(Workspace& workspace) const {
    if (local_size_ == 0) return;
    const std::size_t size = local_size_ * static_cast<std::size_t>(num_threads());
    if (workspace.local.size() >= size) return;
    workspace.local.reserve(size);
    for (std::size_t i = 0; i < slots_.size(); ++i)
        if (slots_[i].local) workspace.cells[i] = workspace.local.data() + slots_[i].offset;
}

void Program::gather(const Workspace& workspace, const std::vector<ops::Table>& tables,
                     const std::int64_t* rows, Part samples) const {
    for (const std::size_t i : workspace.gathered) {
        float* const x = workspace.cells[inputs_[i]] + samples.first * tables[i].columns;
        ops::take_rows(x, tables[i], rows + samples.first, samples.count);
    }
}

void Program::run(Workspace& workspace, const std::vector<ops::Table>& tables,
                  const std::int64_t* rows, std::size_t batch) const {
    prepare(workspace, batch);
    bind_inputs(workspace, tables, rows, batch);
    bind_local_slots(workspace);
    for (const Stage& stage : workspace.stages) {
        if (stage.units == 0) {
            for (const Stage::Calls& some : stage.calls)
                for (const Run& run : some.runs) run({0, 0});
            continue;
        }
        const std::size_t size = stage.part_size(), parts = divide_up(stage.units, size);
        const auto compute = [&](std::size_t i) {
            const Part part{i * size, std::min(size, stage.units - i * size), thread_number()};
            if (stage.by_sample && stage.group == gathering_group_)
                gather(workspace, tables, rows, part);
            stage.compute(part);
        };
        if (stage.is_small())
            for (std::size_t i = 0; i < parts; ++i) compute(i);
        else
            parallel_for(parts, compute);
    }
}

// Memory of every thread needs their number to stay what it is.
template <typename Body>
void Program::with_threads(const Workspace& workspace, const Body& body) const {
    if (workspace.team)
        with_team(body);
    else if (local_size_)
        with_same_threads(body);
    else
        body();
}

std::size_t Program::run_steps(const std::vector<ops::Table>& tables, const std::int64_t* order,
                               std::size_t rows, std::size_t first, std::size_t last,
                               double seconds) {
    using Clock = std::chrono::steady_clock;
    const auto deadline = Clock::now() + std::chrono::duration<double>(seconds);
    // What an optimizer keeps of a gradient that has vanished halves and halves: as a denormal
    // number it would make the step several times as slow for ever.
    const WithFloatMode flushing(float_mode() | denormals_are_zero);
    last = std::min(last, (rows + batch_size_ - 1) / batch_size_);
    if (first >= last) return first;
    check_whole(std::min(rows, last * batch_size_));
    const std::size_t batch = std::min(batch_size_, rows - first * batch_size_);
    Lease lease(*this, batch);
    std::size_t step = first;
    const auto run_all = [&] {
        while (step < last) {
            const std::size_t begin = step * batch_size_;
            run(*lease.workspace, tables, order + begin, std::min(batch_size_, rows - begin));
            ++step;
            if (interrupted() || Clock::now() >= deadline) break;
        }
    };
    prepare(*lease.workspace, batch);
    with_threads(*lease.workspace, run_all);
    return step;
}

void Program::map(const std::vector<ops::Table>& tables, std::size_t rows,
                  const std::vector<float*>& results) {
    if (rows == 0) return;
    check_whole(rows);
    Lease lease(*this, std::min(batch_size_, rows));
    const auto map_rows = [&] {
        for (std::size_t begin = 0; begin < rows; begin += batch_size_) {
            map_batch(*lease.workspace, tables, begin, std::min(batch_size_, rows - begin),
                      results);
        }
    };
    prepare(*lease.workspace, std::min(batch_size_, rows));
    with_threads(*lease.workspace, map_rows);
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
