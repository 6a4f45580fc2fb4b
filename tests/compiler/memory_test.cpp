// The memory plan: legal for random graphs, in place where it may be, and never where it may not.
#include "compiler/memory.h"

#include <gtest/gtest.h>

#include <set>

#include "base/philox.h"
#include "compiler/compile.h"
#include "compiler/fused.h"
#include "gradus/compile.h"
#include "gradus/ops.h"
#include "kernels/reference/run.h"
#include "ops/defs.h"

namespace gradus {
namespace {

const Type kSquare{DType::f64, {4, 4}};

const Slot& slot(const MemoryPlan& plan, const Value& value) {
  return plan.slots[static_cast<std::size_t>(plan.slot_of[static_cast<std::size_t>(value.node_id())][0])];
}

TEST(Memory, ElementwiseTakesOverAnInputThatDies) {
  Graph graph;
  const Value x = input(graph, kSquare, "x");
  const Value a = exp(x), b = neg(a), c = square(b);
  graph.output(c, "y");
  const MemoryPlan plan = plan_memory(graph, {});
  EXPECT_EQ(slot(plan, a).at, slot(plan, c).at);
  EXPECT_EQ(plan.arena_bytes, 128u);
  EXPECT_EQ(plan_memory(graph, {.reuse = false, .in_place = false}).arena_bytes, 3 * 128u);
}

// Of several results one takes over the input, whether or not anything reads it.
TEST(Memory, ResultsOfOneNodeShareNothing) {
  Graph graph;
  const Value dies = exp(input(graph, kSquare, "x"));
  FusedBody body{{kSquare}, {}, {1, 2, 3}};
  for (const OpDef* op : {&neg_op, &square_op, &exp_op})
    body.steps.push_back({op, NoOptions{}, {0}, kSquare});
  const Values made = graph.add_all(fused_op, FusedOptions::of(body), {dies});
  graph.output(made[1], "y");
  const MemoryPlan plan = plan_memory(graph, {});
  std::set<std::size_t> places;
  for (const int number : plan.slot_of[static_cast<std::size_t>(made[0].node_id())])
    places.insert(plan.slots[static_cast<std::size_t>(number)].at);
  EXPECT_EQ(places.size(), 3u);
}

TEST(Memory, KeepsAnInputThatIsReadLater) {
  Graph graph;
  const Value x = input(graph, kSquare, "x");
  const Value a = exp(x), b = neg(a), c = matmul(b, a);
  graph.output(c, "y");
  const MemoryPlan plan = plan_memory(graph, {});
  EXPECT_NE(slot(plan, a).at, slot(plan, b).at);
  EXPECT_NE(slot(plan, b).at, slot(plan, c).at);
}

TEST(Memory, NeverWritesIntoInputsOrConstants) {
  Graph graph;
  const Value x = input(graph, kSquare, "x");
  const Value a = exp(x), b = neg(constant(graph, Tensor(kSquare)));
  graph.output(a + b, "y");
  const MemoryPlan plan = plan_memory(graph, {});
  EXPECT_EQ(slot(plan, a).place, Slot::arena);
  EXPECT_EQ(slot(plan, b).place, Slot::arena);
}

TEST(Memory, AnUpdateIsComputedIntoTheVariable) {
  Graph graph;
  const Variable w("w", kSquare);
  const Value old = read(graph, w), next = old - input(graph, kSquare, "g");
  assign(w, next);
  const MemoryPlan plan = plan_memory(graph, {});
  EXPECT_EQ(slot(plan, next).place, Slot::variable);
  EXPECT_TRUE(plan.pending.empty());
}

TEST(Memory, AnUpdateWaitsForLaterReadersOfTheOldValue) {
  Graph graph;
  const Variable w("w", kSquare);
  const Value old = read(graph, w), next = old - input(graph, kSquare, "g");
  assign(w, next);
  graph.output(matmul(old, old), "y");  // built after the update, reads the value before it
  const MemoryPlan plan = plan_memory(graph, {});
  EXPECT_EQ(slot(plan, next).place, Slot::arena);
  EXPECT_EQ(plan.pending.size(), 1u);
}

// Runs `graph` compiled (poisoned arena) and on the reference executor; results and variables must agree.
void expect_agreement(const Graph& graph, const std::vector<Tensor>& inputs,
                      const std::vector<std::string>& disabled) {
  Values wanted;
  for (const auto& [name, value] : graph.outputs()) wanted.push_back(value);
  std::vector<Tensor> before;
  for (const Variable& v : graph.variables()) before.push_back(v.value().clone());
  const std::vector<Tensor> expected =
      reference::run(graph, wanted, reference::feed_inputs(graph, inputs), reference::Writes::carry_out);
  std::vector<Tensor> expected_state;
  for (const Variable& v : graph.variables()) expected_state.push_back(v.value().clone());
  for (std::size_t i = 0; i < before.size(); ++i) graph.variables()[i].set(before[i]);

  const CompileOptions options{.threads = 1, .disabled_passes = disabled, .strip_bytes = 1};
  Session session(compile(graph, options), {.poison = true});
  for (std::size_t i = 0; i < inputs.size(); ++i) session.feed(i, inputs[i]);
  session.run();
  const auto near = [](const Tensor& a, const Tensor& b) {
    for (std::int64_t i = 0; i < a.size(); ++i) {
      if (!(std::abs(a.at(i) - b.at(i)) <= 1e-12 * (1 + std::abs(a.at(i))))) return false;
    }
    return a.type() == b.type();
  };
  for (std::size_t i = 0; i < wanted.size(); ++i)
    EXPECT_TRUE(near(expected[i], session.output(i))) << "output " << i;
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_TRUE(near(expected_state[i], graph.variables()[i].value())) << graph.variables()[i].name();
  }
}

TEST(Memory, VariablesCanSwap) {
  Graph graph;
  const Variable a("a", kSquare), b("b", kSquare);
  a.value().fill(1);
  b.value().fill(2);
  const Value old_a = read(graph, a), old_b = read(graph, b);
  assign(a, old_b);
  assign(b, old_a);
  graph.output(old_a, "a before");
  expect_agreement(graph, {}, {});
}

// Random graphs of every kind of node the planner treats specially.
class RandomGraph {
 public:
  explicit RandomGraph(std::uint64_t seed) : random_(seed, 1) {
    for (int i = 0; i < 3; ++i) {
      values_.push_back(input(graph, kSquare, "x"));
      inputs.emplace_back(kSquare);
      for (std::int64_t k = 0; k < 16; ++k) inputs.back().set(k, random_.uniform(next()) - 0.5);
    }
    for (const char* name : {"a", "b", "c"}) {
      variables_.emplace_back(name, kSquare);
      for (std::int64_t k = 0; k < 16; ++k) variables_.back().value().set(k, random_.uniform(next()) - 0.5);
    }
    for (int i = 0; i < 25; ++i) values_.push_back(node());
    for (const Variable& variable : variables_) {
      if (below(3) != 0) assign(variable, any());
    }
    for (int i = 0; i < 6; ++i) values_.push_back(node());
    for (int i = 0; i < 3; ++i) graph.output(any(), "y");
  }
  Graph graph;
  std::vector<Tensor> inputs;

 private:
  std::uint64_t next() { return drawn_++; }
  std::uint64_t below(std::uint64_t bound) { return random_.below(next(), bound); }
  Value any() { return values_[below(values_.size())]; }
  Value node() {
    switch (below(9)) {
      case 0:
        return any() + any();
      case 1:
        return any() * any();
      case 2:
        return tanh(any());
      case 3:
        return matmul(any(), any(), {.transpose_b = below(2) == 0}) * 0.3;
      case 4:
        return reshape(reshape(any(), {2, 8}), {4, 4});
      case 5:
        return transpose(any());
      case 6:
        return any() - mean(any(), {.axes = {0}});
      case 7:
        return read(graph, variables_[below(3)]);
      default:
        return scalar(graph, 0.5, DType::f64) * any();
    }
  }
  RandomSequence random_;
  std::uint64_t drawn_ = 0;
  Values values_;
  std::vector<Variable> variables_;
};

TEST(Memory, RandomGraphsAgreeWithTheReferenceWithEachPassOff) {
  std::vector<std::vector<std::string>> settings = {{}};
  for (const std::string& name : pass_names()) settings.push_back({name});
  settings.push_back(pass_names());
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    for (const auto& disabled : settings) {
      SCOPED_TRACE(testing::Message()
                   << "seed " << seed << ", without " << (disabled.empty() ? "nothing" : disabled[0]));
      RandomGraph random(seed);
      expect_agreement(random.graph, random.inputs, disabled);
    }
  }
}

}  // namespace
}  // namespace gradus
