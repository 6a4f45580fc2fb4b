#include "compiler/compile.h"

#include <algorithm>
#include <cstring>

#include "base/buffer.h"
#include "base/check.h"
#include "base/suggest.h"
#include "compiler/bf16.h"
#include "compiler/epilogue.h"
#include "compiler/memory.h"
#include "compiler/pass.h"
#include "compiler/recompute.h"
#include "compiler/rewrite.h"
#include "graph/verify.h"

namespace gradus {

namespace {

KernelChoice copy_kernel() {
  return make_kernel([](const Bindings& b) {
    return make_launch([to = b.out[0].data(), from = b.in[0].data(), bytes = b.in[0].byte_size()] {
      std::memcpy(to, from, bytes);
    });
  });
}

Instruction copy_instruction(int node, std::string name, int from, int to) {
  return {.node = node,
          .kernel_name = std::move(name),
          .kernel = std::get<0>(copy_kernel()),
          .in = {from},
          .out = {to},
          .scratch = 0,
          .refused = {}};
}

std::vector<Part> parts_of(const std::vector<int>& slots, const std::vector<bool>& cut,
                           const std::vector<Type>& types, const MemoryPlan& plan, Part otherwise) {
  std::vector<Part> parts;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const bool stored_whole = plan.slots[static_cast<std::size_t>(slots[i])].type != types[i];
    parts.push_back(!cut[i] ? otherwise : stored_whole ? Part::rows : Part::whole);
  }
  return parts;
}

Instruction lower_node(const Node& node, const StripNode* strip, const MemoryPlan& plan,
                       const CompileSettings& settings) {
  Instruction instruction;
  instruction.node = node.id;
  for (const Value& in : node.in) {
    instruction.in.push_back(
        plan.slot_of[static_cast<std::size_t>(in.node_id())][static_cast<std::size_t>(in.output())]);
  }
  instruction.out = plan.slot_of[static_cast<std::size_t>(node.id)];
  if (strip != nullptr) {
    instruction.strip = strip->graph;
    std::vector<Type> in;
    for (const Value& value : strip->node().in) in.push_back(value.type());
    instruction.in_parts = parts_of(instruction.in, strip->in, in, plan, Part::whole);
    instruction.out_parts = parts_of(instruction.out, strip->out, strip->node().out, plan, Part::sum);
  }
  const Node& carried_out = strip != nullptr ? strip->node() : node;
  for (const KernelDef* candidate : settings.kernels->candidates(*node.op)) {
    KernelChoice choice = candidate->prepare({carried_out, settings.threads});
    if (auto* kernel = std::get_if<0>(&choice)) {
      instruction.kernel = std::move(*kernel);
      instruction.kernel_name = candidate->name;
      return instruction;
    }
    instruction.refused.push_back(fmt::format("{}: {}", candidate->name, std::get<1>(choice)));
  }
  fail(Fault::model, "{}: no kernel can run it.", node.where());
}

// Gives the instruction its scratch memory from `at` on, and behind it room for what later strips add to
// sums. Returns the end.
std::size_t place_scratch(Instruction& instruction, const std::vector<Slot>& slots, std::size_t at) {
  instruction.scratch = at;
  std::size_t end = at + instruction.kernel->scratch_bytes();
  for (std::size_t i = 0; i < instruction.out_parts.size(); ++i) {
    instruction.addends.push_back(align_up(end));
    if (instruction.out_parts[i] == Part::sum)
      end = align_up(end) + slots[static_cast<std::size_t>(instruction.out[i])].type.bytes();
  }
  return end;
}

// One strip after the other through the instructions from `first` on.
void add_turns(Program& program, std::size_t first, std::int64_t strips) {
  for (std::size_t i = first; i < program.instructions.size(); ++i) program.instructions[i].strips = strips;
  for (std::int64_t strip = 0; strip < strips; ++strip)
    for (std::size_t i = first; i < program.instructions.size(); ++i) program.turns.push_back({i, strip});
}

void lower(Program& program, MemoryPlan plan, const std::vector<StripLoop>& loops,
           const CompileSettings& settings) {
  auto loop = loops.begin();
  std::size_t first = 0;
  for (const Node& node : program.graph.nodes()) {
    if (!plan.runs[static_cast<std::size_t>(node.id)]) continue;
    const StripNode* strip =
        loop != loops.end() && loop->contains(node.id) ? &loop->nodes.at(node.id) : nullptr;
    if (strip == nullptr || node.id == loop->first) first = program.instructions.size();
    program.instructions.push_back(lower_node(node, strip, plan, settings));
    if (strip == nullptr) add_turns(program, first, 1);
    if (strip == nullptr || node.id != loop->last) continue;
    add_turns(program, first, loop->strips);
    ++loop;
  }
  const std::size_t copies = program.instructions.size();
  for (const auto& [from, to] : plan.saved)
    program.instructions.push_back(copy_instruction(-1, "save", from, to));
  for (const PendingWrite& write : plan.pending) {
    program.instructions.push_back(copy_instruction(write.node, "write", write.from, write.variable));
  }
  add_turns(program, copies, 1);
  std::size_t end =
      plan.arena_bytes;  // one at a time uses its scratch memory, so all share the end of the arena
  for (Instruction& instruction : program.instructions)
    end = std::max(end, place_scratch(instruction, plan.slots, plan.arena_bytes));
  const std::size_t scratch = end - plan.arena_bytes;
  program.slots = std::move(plan.slots);
  program.constants = std::move(plan.constants);
  program.variables = std::move(plan.variables);
  program.inputs = std::move(plan.inputs);
  program.outputs = std::move(plan.outputs);
  program.arena_bytes = plan.arena_bytes + scratch;
  program.unplanned_bytes = plan.unplanned_bytes + scratch;
}

}  // namespace

std::vector<std::string> graph_pass_names() {
  std::vector<std::string> names;
  for (const Pass& pass : passes()) names.emplace_back(pass.name);
  names.insert(names.end(), {"layout", "expand", "parts", "bf16", "fuse", "recompute", "epilogue"});
  return names;
}

std::vector<std::string> pass_names() {
  std::vector<std::string> names = graph_pass_names();
  names.insert(names.end(), {"strips", "reuse", "in_place"});
  return names;
}

std::shared_ptr<const Program> compile_graph(const Graph& graph, const CompileSettings& settings) {
  GRADUS_CHECK(settings.kernels != nullptr);
  const auto off = [&](std::string_view name) {
    return std::find(settings.disabled.begin(), settings.disabled.end(), name) != settings.disabled.end();
  };
  for (const std::string& name : settings.disabled) {
    const std::vector<std::string> known = pass_names();
    require(Fault::usage, std::find(known.begin(), known.end(), name) != known.end(),
            "there is no pass '{}'.{}", name, did_you_mean(name, known));
  }
  const auto watch = [&](std::string_view name, const Graph& g) {
    verify(g);
    if (settings.watch) settings.watch(name, g);
  };

  watch("start", graph);
  auto current = std::make_unique<Graph>(rewrite(graph, copy_node));
  for (const Pass& pass : passes()) {
    if (off(pass.name)) continue;
    current = std::make_unique<Graph>(pass.run(*current));
    watch(pass.name, *current);
  }
  if (settings.mover.transpose != nullptr && !off("layout")) {
    current = std::make_unique<Graph>(layout(*current, settings.mover));
    watch("layout", *current);
  }
  const bool fuses = settings.fusion.accepts && !off("fuse");
  if (fuses && !off("expand")) {
    current = std::make_unique<Graph>(expand(*current));
    watch("expand", *current);
    if (!off("cse")) current = std::make_unique<Graph>(cse(*current));
  }
  if (fuses && settings.slice != nullptr && !off("parts")) {
    current = std::make_unique<Graph>(make_parts(*current, settings.fusion, settings.slice));
    watch("parts", *current);
    if (!off("cse")) current = std::make_unique<Graph>(cse(*current));
  }
  if (settings.cast != nullptr && !off("bf16")) {
    current = std::make_unique<Graph>(to_bf16(*current, settings.cast));
    watch("bf16", *current);
  }
  if (fuses) {
    current = std::make_unique<Graph>(fuse(*current, settings.fusion));
    watch("fuse", *current);
    if (!off("recompute")) {
      current = std::make_unique<Graph>(recompute(*current, settings.fusion));
      watch("recompute", *current);
    }
  }
  // Folding, merging and moving leave nodes behind that nobody needs any more.
  if (!off("prune")) {
    current = std::make_unique<Graph>(prune(*current));
    watch("prune", *current);
  }
  if (fuses && settings.fusion.accepts_product && !off("epilogue")) {
    current = std::make_unique<Graph>(epilogue(*current, settings.fusion));
    watch("epilogue", *current);
  }

  auto program = std::make_shared<Program>(std::move(*current));
  program->threads = settings.threads;
  const std::vector<StripLoop> loops = !settings.fusion.accepts || off("strips")
                                           ? std::vector<StripLoop>()
                                           : find_strips(program->graph, settings.strip_bytes);
  MemoryPlan plan =
      plan_memory(program->graph, {.reuse = !off("reuse"), .in_place = !off("in_place")}, loops);
  lower(*program, std::move(plan), loops, settings);
  return program;
}

}  // namespace gradus
