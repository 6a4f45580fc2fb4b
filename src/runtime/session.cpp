#include <algorithm>
#include <chrono>
#include <cstring>

#include "base/buffer.h"
#include "base/check.h"
#include "base/denormals.h"
#include "base/parallel.h"
#include "compiler/fused.h"
#include "compiler/program.h"
#include "gradus/compile.h"
#include "gradus/profile.h"
#include "runtime/arena.h"
#include "tensor/dispatch.h"
#include "tensor/finite.h"

namespace gradus {

namespace {

// Moves the variables that no session has bound yet into one arena for each role.
void bind_variables(const std::vector<Variable>& variables) {
  for (const Role role : {Role::parameter, Role::optimizer, Role::statistic, Role::control}) {
    const auto fresh = [role](const Variable& v) { return v.role() == role && !v.bound(); };
    std::size_t bytes = 0;
    for (const Variable& v : variables) {
      if (fresh(v)) bytes += align_up(v.type().bytes());
    }
    if (bytes == 0) continue;
    const std::shared_ptr<std::byte> arena = allocate(bytes);
    std::size_t offset = 0;
    for (const Variable& v : variables) {
      if (!fresh(v)) continue;
      const std::size_t size = align_up(v.type().bytes());
      v.bind({arena, arena.get() + offset});
      offset += size;
    }
  }
}

// Threads and arithmetic of a run.
class RunScope {
 public:
  explicit RunScope(int threads) : threads_(threads), floats_(FloatControl::current().flushing()) {}

 private:
  ThreadScope threads_;
  FloatScope floats_;
};

bool all_healthy(const std::vector<Tensor>& tensors) {
  return std::all_of(tensors.begin(), tensors.end(), [](const Tensor& t) { return all_finite(t); });
}

// The node that made a bad result from healthy inputs; of several in one, the first.
std::string culprit(const Program& program, const Instruction& instruction,
                    const std::vector<Tensor>& inputs) {
  const Node& node = program.node_of(instruction);
  if (node.op != &fused_op) return program.graph.node(instruction.node).where();
  const FusedBody& body = *node.attr<FusedOptions>().body;
  const std::vector<Tensor> made = carry_out(body, inputs);
  for (std::size_t i = 0; i < made.size(); ++i)
    if (!all_finite(made[i])) return body.steps[i].where;
  return body.steps.back().where;
}

}  // namespace

struct Session::State {
  State(std::shared_ptr<const Program> p, const SessionOptions& o) : program(std::move(p)), options(o) {
    const std::lock_guard lock(program->binding);
    bind_variables(program->variables);
    if (!options.workspace) options.workspace.emplace(make_arena(*program));
    require(options.workspace->bytes() >= program->arena_bytes,
            "session: a workspace of {} bytes was needed, it has {}. Make it as large as arena_bytes() says.",
            program->arena_bytes, options.workspace->bytes());
    arena = options.workspace->memory();
    for (const int slot : program->inputs) inputs.emplace_back(type(slot));
    for (const Turn& turn : program->turns) {
      const Instruction& instruction = program->instructions[turn.instruction];
      operands.push_back(instruction.strip ? strip_operands(instruction, turn.strip)
                                           : whole_operands(instruction));
      launches.push_back(instruction.kernel->bind(operands.back()));
      if (turn.strip > 0)
        launches.back() = then_add(std::move(launches.back()), instruction, operands.back());
    }
    for (const auto& [name, slot] : program->outputs) {
      const bool shared = program->slots[static_cast<std::size_t>(slot)].place == Slot::constant;
      outputs.push_back(shared ? tensor(slot).clone() : tensor(slot));  // constants belong to the program
    }
  }

  const Type& type(int slot) const { return program->slots[static_cast<std::size_t>(slot)].type; }

  Tensor tensor(int index) const {
    const Slot& slot = program->slots[static_cast<std::size_t>(index)];
    switch (slot.place) {
      case Slot::arena:
        return Tensor(slot.type, {arena, arena.get() + slot.at});
      case Slot::input:
        return inputs[slot.at].reshaped(slot.type.shape);
      case Slot::constant:
        return program->constants[slot.at].reshaped(slot.type.shape);
      case Slot::variable:
        return program->variables[slot.at].value().reshaped(slot.type.shape);
    }
    check_failed("known place", __FILE__, __LINE__);
  }

  Bindings whole_operands(const Instruction& instruction) const {
    Bindings bindings;
    for (const int slot : instruction.in) bindings.in.push_back(tensor(slot));
    for (const int slot : instruction.out) bindings.out.push_back(tensor(slot));
    bindings.scratch = arena.get() + instruction.scratch;
    return bindings;
  }

  // Rows are those of the strip. Sums begin with the first strip; later ones have a place of their own.
  Bindings strip_operands(const Instruction& instruction, std::int64_t strip) const {
    Bindings bindings = whole_operands(instruction);
    const Node& node = program->node_of(instruction);
    for (std::size_t i = 0; i < bindings.in.size(); ++i) {
      if (instruction.in_parts[i] == Part::rows)
        bindings.in[i] = strip_of(bindings.in[i], node.in[i].type(), strip);
    }
    for (std::size_t i = 0; i < bindings.out.size(); ++i) {
      if (instruction.out_parts[i] == Part::rows) {
        bindings.out[i] = strip_of(bindings.out[i], node.out[i], strip);
      } else if (instruction.out_parts[i] == Part::sum && strip > 0) {
        bindings.out[i] = Tensor(node.out[i], {arena, arena.get() + instruction.addends[i]});
      }
    }
    return bindings;
  }

  static Tensor strip_of(const Tensor& whole, const Type& type, std::int64_t strip) {
    return whole.rows(strip * type.shape[0], (strip + 1) * type.shape[0]);
  }

  std::unique_ptr<Launch> then_add(std::unique_ptr<Launch> launch, const Instruction& instruction,
                                   const Bindings& made) const {
    std::vector<std::pair<Tensor, Tensor>> sums;
    for (std::size_t i = 0; i < made.out.size(); ++i) {
      if (instruction.out_parts[i] == Part::sum) sums.emplace_back(tensor(instruction.out[i]), made.out[i]);
    }
    if (sums.empty()) return launch;
    return make_launch([first = std::move(launch), sums = std::move(sums)] {
      first->run();
      for (const auto& [sum, more] : sums) add(sum, more);
    });
  }

  static void add(const Tensor& sum, const Tensor& more) {
    dispatch_float(sum.dtype(), [&](auto zero) {
      using T = decltype(zero);
      T* to = sum.values<T>().data();
      for (const T x : more.values<const T>()) *to++ += x;
    });
  }

  void prepare() {
    if (options.poison) std::memset(arena.get(), 0xff, program->arena_bytes);  // all ones is a NaN
  }

  std::shared_ptr<const Program> program;
  SessionOptions options;
  std::shared_ptr<std::byte> arena;
  std::vector<Tensor> inputs, outputs;
  std::vector<std::unique_ptr<Launch>> launches;
  std::vector<Bindings> operands;  // of each launch

  // The launches after which outputs are complete, in order.
  struct Made {
    std::size_t launch, output;
  };
  std::vector<Made> completions;
  void find_made();
};

// An output is complete after the last launch that writes to its memory.
void Session::State::find_made() {
  const auto meet = [](const Tensor& a, const Tensor& b) {
    return a.data() < b.data() + b.byte_size() && b.data() < a.data() + a.byte_size();
  };
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    std::size_t last = 0;
    for (std::size_t launch = 0; launch < launches.size(); ++launch)
      for (const int slot : program->instructions[program->turns[launch].instruction].out)
        if (meet(outputs[i], tensor(slot))) last = launch;
    completions.push_back({last, i});
  }
  std::stable_sort(completions.begin(), completions.end(),
                   [](const Made& a, const Made& b) { return a.launch < b.launch; });
}

Workspace::Workspace(std::size_t bytes) : memory_(allocate(bytes)), bytes_(bytes) {}

Session::Session(std::shared_ptr<const Program> program, const SessionOptions& options)
    : state_(std::make_unique<State>(std::move(program), options)) {}
Session::~Session() = default;
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;

const Tensor& Session::input(std::size_t index) const {
  require(index < state_->inputs.size(), "session: there is no input {}; the program has {}.", index,
          state_->inputs.size());
  return state_->inputs[index];
}
std::size_t Session::inputs() const { return state_->inputs.size(); }

void Session::feed(std::size_t index, const Tensor& value) {
  const Tensor& target = input(index);
  if (!(value.type() == target.type())) {  // not require(): its arguments would take memory in every step
    fail(Fault::model, "session: input {} takes {}, {} was given.", index, target.type().str(),
         value.type().str());
  }
  target.copy_from(value);
}

void Session::run() {
  const RunScope scope(state_->program->threads);
  state_->prepare();
  for (const auto& launch : state_->launches) launch->run();
}

void Session::run(const std::function<void(std::size_t)>& made) {
  if (state_->completions.size() < state_->outputs.size()) state_->find_made();
  const RunScope scope(state_->program->threads);
  state_->prepare();
  auto next = state_->completions.begin();
  for (std::size_t i = 0; i < state_->launches.size(); ++i) {
    state_->launches[i]->run();
    for (; next != state_->completions.end() && next->launch == i; ++next) made(next->output);
  }
  for (; next != state_->completions.end(); ++next) made(next->output);  // of a program without instructions
}

void Session::run(Profile& profile) {
  const auto now = [] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
  };
  const RunScope scope(state_->program->threads);
  state_->prepare();
  if (profile.started < 0) profile.started = now();
  profile.seconds.resize(state_->program->instructions.size());
  std::vector<Profile::Span> spans(state_->launches.size());
  double before = now();
  for (std::size_t i = 0; i < spans.size(); ++i) {
    state_->launches[i]->run();
    const double after = now();
    const std::size_t instruction = state_->program->turns[i].instruction;
    spans[i] = {instruction, before - profile.started, after - profile.started};
    profile.seconds[instruction] += after - before;
    before = after;
  }
  ++profile.runs;
  if (profile.last.size() == Profile::kKept) profile.last.erase(profile.last.begin());
  profile.last.push_back(std::move(spans));
}

std::optional<std::string> Session::run_checked() {
  const RunScope scope(state_->program->threads);
  state_->prepare();
  for (std::size_t i = 0; i < state_->launches.size(); ++i) {
    const Instruction& instruction = state_->program->instructions[state_->program->turns[i].instruction];
    const Bindings& operands = state_->operands[i];
    const bool healthy = all_healthy(operands.in);
    std::vector<Tensor> inputs;  // as they were: results may take their places
    for (const Tensor& tensor : operands.in) inputs.push_back(tensor.clone());
    state_->launches[i]->run();
    if (instruction.node >= 0 && healthy && !all_healthy(operands.out))
      return culprit(*state_->program, instruction, inputs);
  }
  return std::nullopt;
}

const Tensor& Session::output(std::size_t index) const {
  require(index < state_->outputs.size(), "session: there is no output {}; the program has {}.", index,
          state_->outputs.size());
  return state_->outputs[index];
}
const std::vector<Tensor>& Session::outputs() const { return state_->outputs; }
const Program& Session::program() const { return *state_->program; }
std::vector<Variable> Session::variables() const { return state_->program->variables; }

}  // namespace gradus
