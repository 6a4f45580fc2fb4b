// Ops that say how they work on axes in another order must give the same numbers there.
#include <gtest/gtest.h>

#include <array>

#include "base/check.h"
#include "kernels/reference/run.h"
#include "ops/sample_graph.h"
#include "support/evaluate.h"

namespace gradus {
namespace {

std::vector<std::int64_t> inverse(std::span<const int> order) {
  std::vector<std::int64_t> back(order.size());
  for (std::size_t i = 0; i < order.size(); ++i)
    back[static_cast<std::size_t>(order[i])] = static_cast<std::int64_t>(i);
  return back;
}

// With axes of extent 1 in front, as broadcasting adds them.
Value widened(const Value& x, std::size_t rank) {
  std::vector<std::int64_t> extents(rank - static_cast<std::size_t>(x.shape().rank()), 1);
  extents.insert(extents.end(), x.shape().begin(), x.shape().end());
  return reshape(x, Shape(extents));
}

class ReorderedOps : public testing::TestWithParam<const OpDef*> {
 protected:
  // Compares the sample with its reordered form; false if it has none, as with axes of another number.
  static bool agrees(const OpSample& sample, std::span<const int> order) {
    SampleGraph g(*sample.op, sample.sample(), DType::f64);
    const std::optional<Reordered> form = sample.op->reordered(g.ys[0].node(), order);
    if (!form) return false;
    EXPECT_EQ(form->in.size(), g.xs.size());
    EXPECT_EQ(form->out.size(), g.ys.size());
    Values inputs = g.xs;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      if (form->in[i]) inputs[i] = transpose(widened(inputs[i], order.size()), {order.begin(), order.end()});
    }
    Values results = g.graph.add_all(*sample.op, form->attrs, inputs);
    for (std::size_t i = 0; i < results.size(); ++i) {
      if (form->out[i]) results[i] = transpose(results[i], inverse(order));
      EXPECT_EQ(results[i].type(), g.ys[i].type()) << sample.name();
    }
    Values all = g.ys;
    all.insert(all.end(), results.begin(), results.end());
    const auto tensors = reference::run(g.graph, all, reference::feed_inputs(g.graph, g.tensors));
    for (std::size_t i = 0; i < results.size(); ++i) {
      const auto expected = numbers(tensors[i]), got = numbers(tensors[i + results.size()]);
      double largest = 1;
      for (const double v : expected) largest = std::max(largest, std::abs(v));
      for (std::size_t k = 0; k < expected.size(); ++k)
        EXPECT_NEAR(got[k], expected[k], 1e-13 * largest) << sample.name() << ", output " << i;
    }
    return true;
  }
};

TEST_P(ReorderedOps, GiveTheSameNumbers) {
  static constexpr std::array<std::array<int, 4>, 2> orders = {{{0, 2, 3, 1}, {0, 3, 1, 2}}};
  int compared = 0;
  for (std::size_t i = 0; i < GetParam()->samples().size(); ++i) {
    const OpSample sample{GetParam(), i};
    for (const auto& order : orders) compared += agrees(sample, order);
  }
  EXPECT_GT(compared, 0);
}

// Where the axes that stay would change places, a result without the others cannot say so.
TEST(Reordered, SumsThatWouldChangeTheOrderOfTheirResultHaveNoForm) {
  static constexpr std::array last = {0, 2, 3, 1};
  Graph graph;
  const Value x = input(graph, {DType::f32, {2, 3, 4, 5}});
  const auto form = [&](const ReduceOptions& options) {
    const Value y = sum(x, options);
    return y.node().op->reordered(y.node(), last);
  };
  EXPECT_FALSE(form({.axes = {0}}));
  EXPECT_FALSE(form({.axes = {3}}));
  ASSERT_TRUE(form({.axes = {3}, .keep_dims = true}));
  EXPECT_TRUE(form({.axes = {3}, .keep_dims = true})->out[0]);
  ASSERT_TRUE(form({.axes = {1}}));
  EXPECT_FALSE(form({.axes = {1}})->out[0]);
  EXPECT_TRUE(form({.axes = {2, 3}}));
  EXPECT_TRUE(form({}));
}

std::vector<const OpDef*> reordered_ops() {
  std::vector<const OpDef*> ops;
  for (const OpDef* op : builtin_ops()) {
    if (op->reordered) ops.push_back(op);
  }
  return ops;
}

INSTANTIATE_TEST_SUITE_P(Ops, ReorderedOps, testing::ValuesIn(reordered_ops()),
                         [](const auto& each) { return each.param->name; });

}  // namespace
}  // namespace gradus
