// The epilogue pass and its kernel: which products take in the work on their results, where the joined nodes
// stand, and that nothing of this shows in the results.
#include "compiler/epilogue.h"

#include <gtest/gtest.h>

#include "compiler/compile.h"
#include "compiler/memory.h"
#include "compiler/rewrite.h"
#include "gradus/compile.h"
#include "gradus/ops.h"
#include "kernels/kernels.h"
#include "support/evaluate.h"

namespace gradus {
namespace {

using Names = std::vector<std::string>;

std::size_t index(int i) { return static_cast<std::size_t>(i); }

FuseRules willing() {
  FuseRules rules = fuse_rules();
  rules.accepts_product = [](const FusedBody&) { return true; };
  return rules;
}

// The steps of every node that begins with a product; the op of other nodes that do something.
std::vector<Names> what_runs(const Graph& graph) {
  std::vector<Names> list;
  for (const Node& node : graph.nodes()) {
    if (node.in.empty() || has_effect(node)) continue;
    list.emplace_back();
    if (node.op != &fused_op)
      list.back().push_back(node.op->name);
    else
      for (const FusedBody::Step& step : node.attr<FusedOptions>().body->steps)
        list.back().push_back(step.op->name);
  }
  return list;
}

std::vector<Names> joined(const Graph& graph) {
  return what_runs(epilogue(fuse(graph, fuse_rules()), willing()));
}

// What a run of a graph leaves: its outputs and its variables.
struct Step {
  Graph graph;
  std::vector<Tensor> inputs;
  std::vector<std::pair<Variable, Tensor>> variables;  // and their first values

  Value feed(const Type& type) {
    inputs.push_back(random_tensor(type, inputs.size() + 1, 0.5));
    return input(graph, type);
  }
  Value state(const Type& type) {
    const Variable variable(std::to_string(variables.size()), type);
    variables.emplace_back(variable, random_tensor(type, variables.size() + 100, 0.5));
    return read(graph, variable);
  }
  const Variable& variable(std::size_t i) const { return variables[i].first; }

  std::vector<Tensor> results(const std::shared_ptr<const Program>& program, int runs = 2) const {
    for (const auto& [variable, first] : variables) variable.set(first);
    Session session(program, {.poison = true});
    for (std::size_t i = 0; i < inputs.size(); ++i) session.feed(i, inputs[i]);
    for (int run = 0; run < runs; ++run) session.run();
    std::vector<Tensor> list;
    for (const Tensor& output : session.outputs()) list.push_back(output.clone());
    for (const auto& [variable, first] : variables) list.push_back(variable.value().clone());
    return list;
  }

  // On small graphs every product is joined; the plain kernel of fused nodes carries them out.
  std::vector<Tensor> small(const Names& disabled = {}) const {
    const KernelSet kernels = fast_kernels();
    return results(
        compile_graph(graph, {.kernels = &kernels, .threads = 1, .disabled = disabled, .fusion = willing()}));
  }
};

void expect_same_bits(const std::vector<Tensor>& a, const std::vector<Tensor>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    SCOPED_TRACE(i);
    EXPECT_TRUE(a[i].same_bits(b[i]));
  }
}

// w -= 0.1 (0.9 m + g)
void momentum_step(const Step& step, std::size_t w, std::size_t m, const Value& weight, const Value& moment,
                   const Value& gradient) {
  const Value next = moment * 0.9 + gradient;
  assign(step.variable(m), next);
  assign(step.variable(w), weight - next * 0.1);
}

TEST(Epilogue, TheUpdateComesWithTheGradient) {
  Step step;
  const Value x = step.feed({DType::f32, {5, 4}}), w = step.state({DType::f32, {3, 4}});
  const Value m = step.state({DType::f32, {3, 4}}), late = step.feed({DType::f32, {5, 3}});
  const Value dy = tanh(matmul(x, w, {.transpose_b = true}));
  const Value dx = matmul(dy, w), dw = matmul(dy, x, {.transpose_a = true});
  step.graph.output(exp(dx), "dx");
  step.graph.output(tanh(late), "late");
  momentum_step(step, 0, 1, w, m, dw);
  // Both readers of w come first; what only stands in between does not.
  EXPECT_EQ(joined(step.graph),
            (std::vector<Names>{
                {"matmul", "tanh"}, {"matmul", "exp"}, {"matmul", "mul", "add", "mul", "sub"}, {"tanh"}}));
  expect_near(step.small(), step.small({"epilogue"}), 1e-5);
}

TEST(Epilogue, AnUpdateWaitsForLaterReadersOfTheWeight) {
  Step step;
  const Value x = step.feed({DType::f32, {5, 4}}), w = step.state({DType::f32, {3, 4}});
  const Value m = step.state({DType::f32, {3, 4}}), dy = step.feed({DType::f32, {5, 3}});
  const Value dw = matmul(dy, x, {.transpose_a = true});
  step.graph.output(softmax(w), "reader");
  momentum_step(step, 0, 1, w, m, dw);
  EXPECT_EQ(joined(step.graph), (std::vector<Names>{{"softmax"}, {"matmul", "mul", "add", "mul", "sub"}}));
  expect_near(step.small(), step.small({"epilogue"}), 1e-5);
}

// The learning rate is a number made after the gradient; it is made before it then.
TEST(Epilogue, NumbersAreMadeAheadOfTheirTurn) {
  Step step;
  const Value x = step.feed({DType::f32, {5, 4}}), dy = step.feed({DType::f32, {5, 3}});
  const Value w = step.state({DType::f32, {3, 4}}), rate = step.state({DType::f64, {}});
  const Value dw = matmul(dy, x, {.transpose_a = true});
  step.graph.output(softmax(x), "y");
  assign(step.variable(0), w - dw * cast(rate, DType::f32));
  EXPECT_EQ(joined(step.graph), (std::vector<Names>{{"cast"}, {"matmul", "mul", "sub"}, {"softmax"}}));
  expect_near(step.small(), step.small({"epilogue"}), 1e-5);
}

TEST(Epilogue, ProductsThatOthersReadStayAlone) {
  const auto count = [](auto build) {
    Graph graph;
    const Value product = matmul(input(graph, {DType::f32, {4, 4}}), input(graph, {DType::f32, {4, 4}}));
    build(graph, product);
    return joined(graph).size();
  };
  EXPECT_EQ(count([](Graph& g, const Value& y) { g.output(exp(y), "a"); }), 1u);
  EXPECT_EQ(count([](Graph& g, const Value& y) { g.output(exp(y), "a"), g.output(y, "shown"); }), 2u);
  EXPECT_EQ(count([](Graph& g, const Value& y) { g.output(exp(y), "a"), g.output(softmax(y), "b"); }), 3u);
  EXPECT_EQ(count([](Graph& g, const Value& y) { g.output(softmax(y), "a"); }), 2u);
}

TEST(Epilogue, OfTwoProductsTheLastIsJoined) {
  Step step;
  const Value x = step.feed({DType::f32, {4, 4}}), y = step.feed({DType::f32, {4, 4}});
  step.graph.output(matmul(x, y) - matmul(y, x), "commutator");
  EXPECT_EQ(joined(step.graph), (std::vector<Names>{{"matmul"}, {"matmul", "sub"}}));
  expect_near(step.small(), step.small({"epilogue"}), 1e-5);
}

// All elements of what a product reads are needed to the end, so no result may take its place.
TEST(Epilogue, ResultsLeaveWhatTheProductReads) {
  Step step;
  const Type square{DType::f32, {6, 6}};
  const Value x = step.feed(square);
  step.graph.output(matmul(softmax(x), softmax(x + 1.0)) + 1.0, "y");
  const Graph graph = epilogue(step.graph, willing());
  const MemoryPlan plan = plan_memory(graph, {});
  const Node& node = graph.outputs()[0].second.node();
  ASSERT_EQ(node.op, &fused_op);
  const auto at = [&](const Value& value) {
    return plan.slots[index(plan.slot_of[index(value.node_id())][index(value.output())])].at;
  };
  for (const Value& in : node.in) EXPECT_NE(at(in), at(graph.outputs()[0].second));
}

TEST(Epilogue, AVariableThatTheProductReadsIsWrittenLater) {
  const auto pending = [](bool reads) {
    Step step;
    const Type square{DType::f32, {6, 6}};
    const Value x = step.feed(square), w = step.state(square);
    assign(step.variable(0), w - matmul(x, reads ? w : x));
    return plan_memory(epilogue(step.graph, willing()), {}).pending.size();
  };
  EXPECT_EQ(pending(false), 0u);
  EXPECT_EQ(pending(true), 1u);
}

struct Case {
  const char* name;
  std::int64_t m, n, k;
  bool transpose_a, transpose_b;
  DType dtype = DType::f32;
};

class LargeEpilogue : public ::testing::TestWithParam<Case> {};

// Large enough for the kernel; apart, products on Highway, whose sums have the same order: oneDNN takes
// neither small ones nor f64.
TEST_P(LargeEpilogue, SameBitsAsApartWithAnyThreads) {
  const Case& c = GetParam();
  Step step;
  const Value a = step.feed({c.dtype, c.transpose_a ? Shape{c.k, c.m} : Shape{c.m, c.k}});
  const Value b = step.feed({c.dtype, c.transpose_b ? Shape{c.n, c.k} : Shape{c.k, c.n}});
  const Type type{c.dtype, {c.m, c.n}};
  const Value w = step.state(type), m = step.state(type);
  const Value row = step.feed({c.dtype, {c.n}}), column = step.feed({c.dtype, {c.m, 1}});
  const Value product = matmul(a, b, {.transpose_a = c.transpose_a, .transpose_b = c.transpose_b});
  momentum_step(step, 0, 1, w, m, product * row + column);
  const auto program = [&](int threads, const Names& disabled = {}) {
    return compile(step.graph, {.threads = threads, .disabled_passes = disabled});
  };
  EXPECT_NE(describe(*program(2)).find("simd.matmul_map"), std::string::npos) << describe(*program(2));
  const std::vector<Tensor> one = step.results(program(1));
  expect_same_bits(one, step.results(program(1, {"epilogue"})));
  expect_same_bits(one, step.results(program(2)));
  expect_same_bits(one, step.results(program(3)));
}

INSTANTIATE_TEST_SUITE_P(Shapes, LargeEpilogue,
                         ::testing::Values(Case{"weight_gradient", 1032, 1040, 16, true, false},
                                           Case{"rests_everywhere", 1031, 1037, 9, true, false},
                                           Case{"two_blocks", 1100, 1000, 25, false, true},
                                           Case{"deep", 3000, 180, 230, false, false, DType::f64},
                                           Case{"f64", 700, 750, 11, true, false, DType::f64}),
                         [](const auto& given) { return given.param.name; });

TEST(Epilogue, SmallUpdatesStayApart) {
  Step step;
  const Value x = step.feed({DType::f32, {16, 256}}), dy = step.feed({DType::f32, {16, 512}});
  const Value w = step.state({DType::f32, {512, 256}}), m = step.state({DType::f32, {512, 256}});
  momentum_step(step, 0, 1, w, m, matmul(dy, x, {.transpose_a = true}));
  EXPECT_EQ(describe(*compile(step.graph)).find("simd.matmul_map"), std::string::npos);
}

}  // namespace
}  // namespace gradus
