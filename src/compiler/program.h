// The Program: a flat list of prepared kernels over planned buffers. Immutable; threads share it, each
// with a Session of its own.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "compiler/kernel.h"
#include "gradus/value.h"

namespace gradus {

// Where a value lives while a session runs.
struct Slot {
  enum Place : std::uint8_t {
    arena,     // offset into the session's arena
    input,     // index into the inputs
    constant,  // index into the constants
    variable   // index into the variables
  };
  Place place = arena;
  std::size_t at = 0;  // offset or index
  Type type;
};

// What one launch of an instruction in a strip loop has of an operand.
enum class Part : std::uint8_t {
  whole,  // all of it, or what is of one strip only
  rows,   // as many rows as the kernel takes, those of the strip
  sum     // a result to which the launches of later strips add theirs
};

struct Instruction {
  int node = -1;            // of the compiled graph
  std::string kernel_name;  // "simd.add"
  std::shared_ptr<const Kernel> kernel;
  std::vector<int> in, out;                 // slots
  std::size_t scratch = 0;                  // offset into the session's arena
  std::vector<std::string> refused;         // "onednn.matmul: too small": kernels tried before this one
  std::shared_ptr<const Graph> strip = {};  // in a strip loop: the node on one strip, the last of this graph
  std::vector<Part> in_parts = {}, out_parts = {};  // in a strip loop
  std::int64_t strips = 1;                          // how often a run comes to it
  // [output] where it is a sum: the offset into the arena at which later strips leave what they add.
  std::vector<std::size_t> addends = {};
};

// When an instruction runs, and on which strip.
struct Turn {
  std::size_t instruction = 0;
  std::int64_t strip = 0;
};

struct Program {
  explicit Program(Graph compiled) : graph(std::move(compiled)) {}

  Graph graph;  // after all passes
  std::vector<Slot> slots;
  std::vector<Instruction> instructions;
  std::vector<Turn> turns;                           // what a run does, in order
  std::vector<int> inputs;                           // slots, in the order the graph declares them
  std::vector<std::pair<std::string, int>> outputs;  // name, slot
  std::vector<Variable> variables;
  std::vector<Tensor> constants;
  std::size_t arena_bytes = 0;
  std::size_t unplanned_bytes = 0;  // what the arena would take without reuse
  int threads = 1;
  mutable std::mutex binding;  // held while a session of it binds variables, never in a step

  // The node that a turn carries out, as it is on the strip.
  const Node& node_of(const Instruction& instruction) const {
    return instruction.strip ? instruction.strip->nodes().back() : graph.node(instruction.node);
  }

  std::string str() const;  // a table: instruction, kernel, operands, refusals
};

}  // namespace gradus
