// A program: a flat list of operation calls on planned buffers, run for batch after batch.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "ops/ops.h"
#include "program/operation.h"

namespace lamina {

// Where a tensor lies: in memory that outlives the program (a variable, a constant), at an offset
// of the workspace, or, when it is used within one group only, in memory of the thread that
// computes its part.  Sizes below 0 are multiples of the batch.
struct Slot {
    std::vector<std::int64_t> dims;
    float* fixed = nullptr;
    std::size_t offset = 0;  // in floats
    bool local = false;
    bool of_strip = false;  // local to a strip of a part
};

// One call of a program.  Neighbours of one group (not 0) are split along the first axis of their
// results, the batch or the rows of a matrix: each thread takes a part of it through all of them,
// and the threads meet once, at the end.  So no part's results may depend on another part, and the
// tensors of a group must not share memory.
struct Instruction {
    const Operation* operation;
    std::vector<std::size_t> inputs;
    std::vector<std::size_t> outputs;
    Attributes attributes;
    std::size_t group;
};

class Program {
  public:
    // views: (slot, the slot whose memory it shows).
    Program(std::vector<Slot> slots, std::vector<Instruction> instructions,
            std::vector<std::size_t> inputs, std::vector<std::size_t> outputs,
            std::vector<std::pair<std::size_t, std::size_t>> views, std::size_t workspace_size,
            std::size_t batch_size);
    ~Program();

    // Steps first .. last over batches of `order`'s rows of the tables, or until `seconds` have
    // passed; at least one step.  Returns the step after the last one run.
    std::size_t run_steps(const std::vector<ops::Table>& tables, const std::int64_t* order,
                          std::size_t rows, std::size_t first, std::size_t last, double seconds);

    // Runs rows 0 .. rows of the tables in order; result i of row r goes to results[i], row r.
    void map(const std::vector<ops::Table>& tables, std::size_t rows,
             const std::vector<float*>& results);

    std::size_t input_count() const { return inputs_.size(); }
    std::size_t output_count() const { return outputs_.size(); }
    std::size_t row_size(std::size_t slot) const;  // elements per row of a batch
    const std::vector<std::int64_t>& dims(std::size_t slot) const { return slots_.at(slot).dims; }
    std::size_t input_slot(std::size_t i) const { return inputs_.at(i); }
    std::size_t output_slot(std::size_t i) const { return outputs_.at(i); }

  private:
    struct Workspace;
    struct Lease;
    struct Stage;

    void check(const Instruction& instruction) const;
    std::size_t gathering_group() const;
    void check_whole(std::size_t rows) const;
    void bind_local_slots(Workspace& workspace) const;
    void prepare(Workspace& workspace, std::size_t batch) const;
    Call call_of(const Instruction& instruction, const Workspace& workspace,
                 std::size_t batch) const;
    void bind_inputs(Workspace& workspace, const std::vector<ops::Table>& tables,
                     const std::int64_t* rows, std::size_t batch) const;
    void gather(const Workspace& workspace, const std::vector<ops::Table>& tables,
                const std::int64_t* rows, Part samples) const;
    template <typename Body>
    void with_threads(const Workspace& workspace, const Body& body) const;
    void run(Workspace& workspace, const std::vector<ops::Table>& tables, const std::int64_t* rows,
             std::size_t batch) const;
    void map_batch(Workspace& workspace, const std::vector<ops::Table>& tables, std::size_t begin,
                   std::size_t batch, const std::vector<float*>& results) const;

    std::vector<Slot> slots_;
    std::vector<Instruction> instructions_;
    std::vector<std::size_t> inputs_;
    std::vector<std::size_t> outputs_;
    std::size_t gathering_group_;  // at whose start the inputs are gathered; 0: before all
    std::vector<std::pair<std::size_t, std::size_t>> views_;
    std::size_t workspace_size_;
    std::size_t local_size_;  // floats of a thread's local slots
    std::size_t batch_size_;
    bool sized_;  // only for batches of batch_size_: no size depends on the batch
    std::vector<std::unique_ptr<Workspace>> idle_;  // guarded by held_over_forks()
};

}  // namespace lamina
