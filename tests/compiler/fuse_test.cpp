// The fuse pass: what becomes one node, what must not, and that random graphs keep their values.
#include "compiler/fuse.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/philox.h"
#include "compiler/pass.h"
#include "gradus/compile.h"
#include "gradus/grad.h"
#include "gradus/ops.h"
#include "kernels/kernels.h"
#include "support/evaluate.h"

namespace gradus {
namespace {

const Type kTable{DType::f32, {4, 3}};

using Names = std::vector<std::string>;

// The steps of each node that carries out several.
std::vector<Names> fused_steps(const Graph& graph) {
  std::vector<Names> list;
  for (const Node& node : graph.nodes()) {
    if (node.op != &fused_op) continue;
    list.emplace_back();
    for (const FusedBody::Step& step : node.attr<FusedOptions>().body->steps)
      list.back().push_back(step.op->name);
  }
  return list;
}

std::size_t results_of_first(const Graph& graph) {
  for (const Node& node : graph.nodes())
    if (node.op == &fused_op) return node.out.size();
  return 0;
}

Graph fused(const Graph& graph) { return fuse(graph, fuse_rules()); }

TEST(Fuse, AChainBecomesOneNode) {
  Graph graph;
  const Value x = input(graph, kTable, "x"), row = input(graph, {DType::f32, {3}}, "row");
  graph.output(relu(x * row + row), "y");
  const Graph result = fused(graph);
  EXPECT_EQ(fused_steps(result), (std::vector<Names>{{"mul", "add", "relu"}}));
  EXPECT_EQ(results_of_first(result), 1u);
}

TEST(Fuse, ASumEndsANode) {
  Graph graph;
  const Value x = input(graph, kTable, "x");
  const Value d = square(x), s = sum(d, {.axes = {0}});
  graph.output(d - s, "y");  // needs the sum of all rows first; d is done again instead of stored
  EXPECT_EQ(fused_steps(fused(graph)), (std::vector<Names>{{"square", "sum"}, {"square", "sub"}}));
}

TEST(Fuse, DearWorkIsNotDoneAgain) {
  Graph graph;
  const Value x = input(graph, kTable, "x");
  const Value d = exp(x), s = sum(d, {.axes = {0}});
  graph.output(d / s, "y");
  const Graph result = fused(graph);
  EXPECT_EQ(fused_steps(result), (std::vector<Names>{{"exp", "sum"}}));
  EXPECT_EQ(results_of_first(result), 2u);
}

TEST(Fuse, NothingThatWouldWaitForItself) {
  Graph graph;
  const Value x = input(graph, {DType::f32, {3, 3}}, "x");
  const Value a = exp(x);
  graph.output(a + matmul(a, x), "y");  // the product stands between exp and add
  EXPECT_EQ(fused_steps(fused(graph)), (std::vector<Names>{}));
}

TEST(Fuse, ArraysOfOtherShapesStayApart) {
  Graph graph;
  const Value x = input(graph, kTable, "x"), row = input(graph, {DType::f32, {3}}, "row");
  graph.output(exp(neg(x)) * exp(neg(row)), "y");
  EXPECT_EQ(fused_steps(fused(graph)), (std::vector<Names>{{"neg", "exp"}, {"neg", "exp", "mul"}}));
}

TEST(Fuse, BatchNormalizationTakesThreePasses) {
  Graph graph;
  const Type rows{DType::f32, {6, 3}}, channels{DType::f32, {3}};
  const Value x = input(graph, rows, "x"), scale = input(graph, channels, "scale"),
              shift = input(graph, channels, "shift"), dy = input(graph, rows, "dy");
  const Value y = relu(batch_norm(x, scale, shift).y);
  graph.output(y, "y");
  graph.output(gradients(sum(y * dy), {x})[0], "dx");
  const Graph result = fused(cse(expand(prune(fold(graph)))));
  int large = 0;
  for (const Node& node : result.nodes()) {
    for (const Value& in : node.in) large += in.type() == rows ? 1 : 0;
  }
  // Moments read x; y is made of x; the sums and dx read x and dy each, y's mask being made again.
  EXPECT_LE(large, 1 + 1 + 2 + 2);
}

// What runs as one step of two ops gives the bits of the two.
TEST(Fuse, PairsOfStepsKeepTheirBits) {
  for (const DType dtype : {DType::f32, DType::f64}) {
    for (const std::int64_t columns : {3, 40, 1500}) {
      const Type table{dtype, {7, columns}}, row{dtype, {columns}}, column{dtype, {7, 1}}, one{dtype, {}};
      for (const Type& other : {table, row, column, one}) {
        Graph graph;
        const Value a = input(graph, table, "a"), b = input(graph, other, "b"), c = input(graph, table, "c"),
                    d = input(graph, other, "d");
        const Values results = {
            relu(a * b + d),   relu(d + a * b),   relu(a * c - d),     relu(d - a * c),
            relu((a + b) * d), relu(d * (a - b)), relu(a * b + c * d), relu(select(greater(a, b), c, b) + c)};
        for (const Value& result : results) graph.output(result, "y");
        std::vector<Tensor> inputs;
        for (const Value& in : graph.inputs()) inputs.push_back(random_tensor(in.type(), inputs.size()));
        inputs[0].set(0, std::numeric_limits<double>::quiet_NaN());
        Session session(compile(graph, {.threads = 1}));
        for (std::size_t i = 0; i < inputs.size(); ++i) session.feed(i, inputs[i]);
        session.run();
        const auto expected = reference::run(graph, results, reference::feed_inputs(graph, inputs));
        for (std::size_t k = 0; k < results.size(); ++k) {
          const std::vector<double> made = numbers(session.output(k)), wanted = numbers(expected[k]);
          for (std::size_t i = 0; i < made.size(); ++i)
            ASSERT_TRUE(made[i] == wanted[i] || (std::isnan(made[i]) && std::isnan(wanted[i])))
                << "result " << k << ", element " << i << ": " << made[i] << ", " << wanted[i];
        }
      }
    }
  }
}

// Elementwise ops, sums and products in any order, with states to write.
class RandomGraph {
 public:
  RandomGraph(std::uint64_t number, DType dtype) : random_(number, 1) {
    for (int i = 0; i < 2; ++i) values_.push_back(input(graph_, {dtype, {5, 5}}, "x"));
    values_.push_back(input(graph_, {dtype, {5}}, "row"));
    values_.push_back(input(graph_, {dtype, {5, 1}}, "column"));
    for (int i = 0; i < 2; ++i) {
      states_.emplace_back("w", Type{dtype, {5, 5}});
      states_.back().set(random_tensor(states_.back().type(), number + 7));
      values_.push_back(read(graph_, states_.back()));
    }
    const Value row = values_[2];
    for (int i = 0; i < 40; ++i)
      values_.push_back(i % 9 == 8 ? relu(batch_norm(large(), row, row).y) : next());
    const Values slopes = gradients(sum(tanh(large()) * large()), {values_[0], row, values_[4]},
                                    {.unused = GradientOptions::zeros});
    for (const Value& slope : slopes) graph_.output(slope, "slope");
    for (const Variable& state : states_) {
      const Value written = large();
      assign(state, tanh(written));
    }
    for (int i = 0; i < 3; ++i) graph_.output(values_[values_.size() - 1 - pick(6)], "y");
  }

  const Graph& graph() const { return graph_; }
  const std::vector<Variable>& states() const { return states_; }

 private:
  std::size_t pick(std::size_t n) {
    return static_cast<std::size_t>(random_.uniform(at_++) * static_cast<double>(n));
  }
  Value any() { return values_[pick(values_.size())]; }
  Value large() {
    for (;;) {
      const Value v = any();
      if (v.shape() == Shape{5, 5}) return v;
    }
  }

  // One column.
  Value part() { return slice(large(), {.begin = {0, 2}, .end = {5, 3}}); }

  Value next() {
    const Value a = any(), b = any();
    switch (pick(16)) {
      case 0:
        return a + b;
      case 1:
        return a - b;
      case 2:
        return tanh(a * b);
      case 3:
        return relu(a);
      case 4:
        return tanh(a);
      case 5:
        return sigmoid(a);
      case 6:
        return tanh(sum(large(), {.axes = {0}}));
      case 7:
        return tanh(sum(large()));
      case 8:
        return tanh(sum(large(), {.axes = {1}, .keep_dims = true}));
      case 9:
        return tanh(matmul(large(), large()));
      case 10:
        return a * 0.5 + b;
      case 11:
        return concat({slice(large(), {.begin = {0, 1}, .end = {5, 4}}), part(), part()}, {.axis = 1});
      case 12:
        return part() + part();
      case 13: {
        const Value whole = large() * large();
        return tanh(concat(
            {slice(whole, {.begin = {0, 2}, .end = {5, 5}}), slice(whole, {.begin = {0, 0}, .end = {5, 2}})},
            {.axis = 1}));
      }
      case 14:
        return concat({slice(large(), {.begin = {3, 0}, .end = {5, 5}}),
                       slice(large(), {.begin = {0, 0}, .end = {3, 5}})},
                      {.axis = 0});
      default:
        return reshape(large(), {5, 5}) + a;
    }
  }

  Graph graph_;
  RandomSequence random_;
  std::uint64_t at_ = 0;
  Values values_;
  std::vector<Variable> states_;
};

TEST(Fuse, RandomGraphsKeepTheirValues) {
  int several = 0;
  for (std::uint64_t number = 0; number < 300; ++number) {
    RandomGraph plain(number, DType::f64), fast(number, DType::f64);
    std::vector<Tensor> inputs;
    for (const Value& in : plain.graph().inputs())
      inputs.push_back(random_tensor(in.type(), number + inputs.size()));
    Session session(compile(fast.graph(), {.threads = 1}), {.poison = true});
    several += describe(session.program()).find("simd.fused") != std::string::npos;
    for (std::size_t i = 0; i < inputs.size(); ++i) session.feed(i, inputs[i]);
    for (int run = 0; run < 2; ++run) {
      Values wanted;
      for (const auto& [name, value] : plain.graph().outputs()) wanted.push_back(value);
      const auto expected = reference::run(
          plain.graph(), wanted, reference::feed_inputs(plain.graph(), inputs), reference::Writes::carry_out);
      session.run();
      for (std::size_t k = 0; k < expected.size(); ++k) {
        const std::vector<double> a = numbers(session.output(k)), b = numbers(expected[k]);
        for (std::size_t i = 0; i < a.size(); ++i)
          ASSERT_NEAR(a[i], b[i], 1e-9 * (1 + std::abs(b[i])))
              << "graph " << number << ", run " << run << ", output " << k << ", element " << i << "\n"
              << describe(session.program());
      }
      for (std::size_t k = 0; k < 2; ++k) {
        const std::vector<double> a = numbers(fast.states()[k].value()),
                                  b = numbers(plain.states()[k].value());
        for (std::size_t i = 0; i < a.size(); ++i)
          ASSERT_NEAR(a[i], b[i], 1e-9) << "graph " << number << ", state " << k;
      }
    }
  }
  EXPECT_GT(several, 250);
}

}  // namespace
}  // namespace gradus
