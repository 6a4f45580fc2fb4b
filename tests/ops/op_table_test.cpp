// One test over every sample of every op: what the op says of itself must hold.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <set>

#include "gradus/check.h"
#include "kernels/reference/run.h"
#include "ops/sample_graph.h"

namespace gradus {
namespace {

std::string sample_name(const testing::TestParamInfo<OpSample>& info) { return info.param.name(); }
std::string op_name(const testing::TestParamInfo<const OpDef*>& info) { return info.param->name; }

std::vector<Tensor> outputs_filled_with(const SampleGraph& g, int byte) {
  std::vector<Tensor> out;
  for (const Value& y : g.ys) {
    out.emplace_back(y.type());
    std::memset(out.back().data(), byte, out.back().byte_size());
  }
  const Node& node = g.ys[0].node();
  node.op->reference(node.attrs, g.tensors, out);
  return out;
}

std::vector<Tensor> run(const SampleGraph& g) {
  return reference::run(g.graph, g.ys, reference::feed_inputs(g.graph, g.tensors));
}

class OpSamples : public testing::TestWithParam<OpSample> {};

// The kernel writes every byte of what the shape rule promises, and nothing it was given.
TEST_P(OpSamples, ReferenceFillsItsOutputs) {
  for (const DType real : {DType::f32, DType::f64}) {
    const SampleGraph g(*GetParam().op, GetParam().sample(), real);
    std::vector<Tensor> before;
    for (const Tensor& t : g.tensors) before.push_back(t.clone());
    const std::vector<Tensor> a = outputs_filled_with(g, 0x00), b = outputs_filled_with(g, 0x01);
    for (std::size_t i = 0; i < a.size(); ++i) EXPECT_TRUE(a[i].same_bits(b[i])) << "output " << i;
    for (std::size_t i = 0; i < before.size(); ++i) EXPECT_TRUE(before[i].same_bits(g.tensors[i]));
  }
}

// Largest sum that goes into one output element.
std::int64_t reduction_length(const SampleGraph& g) {
  std::int64_t length = 1;
  for (const Value& x : g.xs) {
    for (const Value& y : g.ys) {
      if (y.shape().size() > 0) length = std::max(length, x.shape().size() / y.shape().size());
    }
    if (g.ys[0].node().op->kind == OpDef::contraction || g.ys[0].node().op->kind == OpDef::composite)
      length = std::max(length, x.shape().size());
  }
  return length;
}

double magnitude(const Tensor& t) {
  double largest = 0;
  for (std::int64_t i = 0; i < t.size(); ++i) largest = std::max(largest, std::abs(t.at(i)));
  return largest;
}

// Both precisions get the same numbers, so they differ by rounding only: a few units per operation, and
// one for each term of a sum, measured at the largest number that took part. Sample values are finite.
TEST_P(OpSamples, PrecisionsAgree) {
  const SampleGraph narrow(*GetParam().op, GetParam().sample(), DType::f32);
  const SampleGraph wide(*GetParam().op, GetParam().sample(), DType::f64);
  const std::vector<Tensor> a = run(narrow), b = run(wide);
  const double eps = std::numeric_limits<float>::epsilon();
  const double units = 4 + std::sqrt(static_cast<double>(reduction_length(wide)));
  for (std::size_t k = 0; k < a.size(); ++k) {
    ASSERT_EQ(a[k].shape(), b[k].shape());
    if (!is_float(a[k].dtype())) {
      EXPECT_TRUE(a[k].same_bits(b[k])) << "output " << k;
      continue;
    }
    const double tolerance = units * eps * std::max(1.0, magnitude(b[k]));
    for (std::int64_t i = 0; i < a[k].size(); ++i) {
      ASSERT_TRUE(std::isfinite(b[k].at(i))) << "element " << i << " is " << b[k].at(i);
      EXPECT_NEAR(a[k].at(i), b[k].at(i), tolerance) << "output " << k << ", element " << i;
    }
  }
}

constexpr std::int64_t kElements = 64;  // of bigger inputs a sample, and directions through all

TEST_P(OpSamples, FirstOrderGradient) {
  SampleGraph g(*GetParam().op, GetParam().sample(), DType::f64);
  if (!g.has_gradients()) return;
  const GradientCheck check = check_gradients(
      g.y(), g.real, g.tensors, {.tolerance = 1e-6, .every_element = kElements, .sample = kElements});
  EXPECT_TRUE(check.passed()) << check.summary();
}

TEST_P(OpSamples, SecondOrderGradient) {
  SampleGraph g(*GetParam().op, GetParam().sample(), DType::f64);
  if (!g.has_gradients()) return;
  const GradientCheck check = check_second_order(
      g.y(), g.real, g.tensors, {.tolerance = 1e-5, .every_element = kElements, .sample = kElements});
  EXPECT_TRUE(check.passed()) << check.summary();
}

INSTANTIATE_TEST_SUITE_P(Ops, OpSamples, testing::ValuesIn(all_samples()), sample_name);

class Ops : public testing::TestWithParam<const OpDef*> {
 protected:
  const OpDef& op() const { return *GetParam(); }
  std::vector<Sample> samples() const { return op().samples ? op().samples() : std::vector<Sample>(); }
  // Sources and state belong to a graph, not to a sample.
  bool has_samples() const {
    return op().kind != OpDef::input && op().kind != OpDef::constant && op().kind != OpDef::state;
  }
  bool has_axis_of(std::int64_t extent) const {
    for (const Sample& sample : samples()) {
      for (const SampleInput& in : sample.in) {
        if (std::find(in.shape.begin(), in.shape.end(), extent) != in.shape.end()) return true;
      }
    }
    return false;
  }
};

TEST_P(Ops, IsDocumented) {
  EXPECT_FALSE(op().doc.formula.empty());
  EXPECT_FALSE(op().doc.shapes.empty());
  EXPECT_FALSE(op().doc.gradient.empty());
  EXPECT_EQ(op().doc.gradient.find("TODO"), std::string_view::npos);
}

TEST_P(Ops, HasEnoughSamples) {
  if (!has_samples()) return;
  EXPECT_GE(samples().size(), op().vjp ? 20u : 5u);
}

TEST_P(Ops, SamplesCoverThinAxes) {
  // A random op has one input, of fixed shape.
  if (!has_samples() || op().kind == OpDef::random) return;
  EXPECT_TRUE(has_axis_of(1)) << "no sample has an axis of extent 1";
  EXPECT_TRUE(has_axis_of(0)) << "no sample has an axis of extent 0";
}

TEST_P(Ops, RefusesWithItsMessage) {
  const auto refusals = op().refusals ? op().refusals() : std::vector<Refusal>();
  EXPECT_TRUE(!refusals.empty() || !has_samples());
  for (const Refusal& refusal : refusals) {
    Graph graph;
    Values inputs;
    for (const Type& type : refusal.in) inputs.push_back(input(graph, type));
    try {
      graph.add_all(op(), refusal.attrs, inputs);
      FAIL() << "accepted; expected: " << refusal.message;
    } catch (const Error& error) {
      EXPECT_EQ(error.what(), refusal.message);
      EXPECT_EQ(error.fault(), Fault::model);
    }
  }
}

TEST_P(Ops, RefusesAnotherNumberOfInputs) {
  const bool variadic = !op().inputs.empty() && op().inputs.back().ends_with("...");
  if (!has_samples() || samples().empty()) return;
  const Sample sample = samples()[0];
  Graph graph;
  Values inputs;
  for (const SampleInput& in : sample.in) inputs.push_back(input(graph, draw(in, DType::f32, 0).type()));
  if (variadic)
    inputs.clear();
  else
    inputs.push_back(inputs.back());
  EXPECT_THROW(graph.add_all(op(), sample.attrs, inputs), Error);
}

// Attributes survive the way through their list, which files and the parser take.
TEST_P(Ops, AttributesMakeARoundTrip) {
  for (const Sample& sample : samples()) EXPECT_TRUE(op().make_attrs(sample.attrs.list()) == sample.attrs);
  try {
    op().make_attrs({{"no such attribute", AttrValue(true)}});
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "there is no attribute 'no such attribute'.");
  }
}

INSTANTIATE_TEST_SUITE_P(Ops, Ops, testing::ValuesIn(builtin_ops()), op_name);

TEST(OpTable, IsSortedAndItsNamesAreUnique) {
  std::set<std::string> names;
  for (const OpDef* op : builtin_ops()) {
    EXPECT_TRUE(names.empty() || *names.rbegin() < op->name) << op->name;
    names.insert(op->name);
  }
}

}  // namespace
}  // namespace gradus
