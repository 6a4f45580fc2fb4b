// The compiled executor against the reference executor, over every sample of every op and small networks.
#include <gtest/gtest.h>

#include <cmath>

#include "base/check.h"
#include "compiler/compile.h"
#include "gradus/compile.h"
#include "gradus/grad.h"
#include "ops/sample_graph.h"
#include "support/evaluate.h"

namespace gradus {
namespace {

// f32, and f64 made of f32, within 1e-5 and other f64 within 1e-12 of the largest number of the tensor; all
// else equal. Where the reference has a NaN or an infinity, so must the other.
void expect_close(const Tensor& got, const Tensor& expected, const std::string& what, bool from_f32 = false) {
  ASSERT_EQ(got.type(), expected.type()) << what;
  if (!is_float(got.dtype())) {
    EXPECT_TRUE(got.same_bits(expected)) << what;
    return;
  }
  double largest = 0;
  for (const double v : numbers(expected))
    largest = std::isfinite(v) ? std::max(largest, std::abs(v)) : largest;
  const double tolerance = (from_f32 || got.dtype() == DType::f32 ? 1e-5 : 1e-12) * largest;
  for (std::int64_t i = 0; i < got.size(); ++i) {
    const double a = got.at(i), b = expected.at(i);
    const bool same = a == b || (std::isnan(a) && std::isnan(b)) || std::abs(a - b) <= tolerance;
    ASSERT_TRUE(same) << what << ", element " << i << ": " << a << ", the reference has " << b;
  }
}

Values outputs_of(const Graph& graph) {
  Values values;
  for (const auto& [name, value] : graph.outputs()) values.push_back(value);
  return values;
}

// One and two threads; with every setting, also each pass off, all off, and the plain kernels alone.
enum class Settings { threads, all };

const std::vector<std::pair<std::string, CompileOptions>>& settings(Settings which) {
  static const auto both = [] {
    std::vector<std::pair<std::string, CompileOptions>> threads = {{"1 thread", {.threads = 1}},
                                                                   {"2 threads", {.threads = 2}}};
    auto all = threads;
    for (const std::string& pass : pass_names())
      all.emplace_back("without " + pass, CompileOptions{.threads = 1, .disabled_passes = {pass}});
    all.emplace_back("without passes", CompileOptions{.threads = 1, .disabled_passes = pass_names()});
    all.emplace_back("plain kernels", CompileOptions{.threads = 1, .kernels = CompileOptions::reference});
    return std::pair(threads, all);
  }();
  return which == Settings::threads ? both.first : both.second;
}

void expect_agreement(const Graph& graph, const std::vector<Tensor>& inputs, Settings which) {
  const auto expected = reference::run(graph, outputs_of(graph), reference::feed_inputs(graph, inputs));
  const bool from_f32 = std::any_of(inputs.begin(), inputs.end(),
                                    [](const Tensor& tensor) { return tensor.dtype() == DType::f32; });
  for (const auto& [name, options] : settings(which)) {
    Session session(compile(graph, options), {.poison = true});
    for (std::size_t i = 0; i < inputs.size(); ++i) session.feed(i, inputs[i]);
    for (int run = 0; run < 2; ++run) {  // the second run meets the first one's leavings
      session.run();
      for (std::size_t k = 0; k < expected.size(); ++k)
        expect_close(session.output(k), expected[k], fmt::format("output {}, {}", k, name), from_f32);
    }
  }
}

class CompiledAgreesWithReference : public testing::TestWithParam<OpSample> {};

TEST_P(CompiledAgreesWithReference, Alone) {
  for (const DType real : {DType::f32, DType::f64}) {
    SampleGraph g(*GetParam().op, GetParam().sample(), real);
    for (const Value& y : g.ys) g.graph.output(y, "y");
    expect_agreement(g.graph, g.tensors, Settings::threads);
  }
}

// Inside a graph its operands have neighbours: the passes fold, merge and fuse, and buffers are shared.
TEST_P(CompiledAgreesWithReference, WithItsGradient) {
  for (const DType real : {DType::f32, DType::f64}) {
    SampleGraph g(*GetParam().op, GetParam().sample(), real);
    if (!g.ys[0].node().op->vjp || g.real.empty() || !is_float(g.ys[0].dtype())) continue;
    const Value y = g.y();
    const Value loss = sum(y * y);
    for (const Value& dx : gradients(loss, g.real, {.unused = GradientOptions::zeros}))
      g.graph.output(dx, "dx");
    expect_agreement(g.graph, g.tensors, Settings::all);
  }
}

INSTANTIATE_TEST_SUITE_P(Ops, CompiledAgreesWithReference, testing::ValuesIn(all_samples()),
                         [](const auto& each) { return each.param.name(); });

// Some steps of training: loss and parameters after each must be those of the reference executor.
class CompiledNetwork : public testing::TestWithParam<DType> {
 protected:
  struct Network {
    Graph graph;
    std::vector<Variable> weights;
    Variable weight(const Shape& shape) {
      const auto number = weights.size();
      weights.emplace_back(fmt::format("w{}", number), Type{dtype, shape});
      weights.back().set(random_tensor({dtype, shape}, 100 + number, 0.4));
      return weights.back();
    }
    Value layer(const Value& x, std::int64_t out) {
      const Value w = read(graph, weight({out, x.shape()[1]})), b = read(graph, weight({out}));
      return matmul(x, w, {.transpose_b = true}) + b;
    }
    void train(const Value& loss) {
      graph.output(loss, "loss");
      const Values slopes = gradients(loss, weights);
      for (std::size_t i = 0; i < weights.size(); ++i)
        assign(weights[i], read(graph, weights[i]) - 0.1 * slopes[i]);
    }
    DType dtype = DType::f32;
  };

  template <class Build>
  void expect_same_training(const Build& build, const std::vector<Tensor>& inputs) {
    constexpr int kSteps = 5;
    for (const int threads : {1, 2}) {
      Network plain, fast;
      for (Network* network : {&plain, &fast}) {
        network->dtype = GetParam();
        build(*network);
      }
      Session session(compile(fast.graph, {.threads = threads}), {.poison = true});
      for (std::size_t i = 0; i < inputs.size(); ++i) session.feed(i, inputs[i]);
      for (int step = 0; step < kSteps; ++step) {
        const auto loss =
            reference::run(plain.graph, outputs_of(plain.graph), reference::feed_inputs(plain.graph, inputs),
                           reference::Writes::carry_out);
        session.run();
        expect_close(session.output(0), loss[0], fmt::format("loss of step {}, {} threads", step, threads));
        for (std::size_t i = 0; i < plain.weights.size(); ++i) {
          expect_close(fast.weights[i].value(), plain.weights[i].value(),
                       fmt::format("{} after step {}, {} threads", plain.weights[i].name(), step, threads));
        }
      }
    }
  }

  static Tensor labels(std::int64_t n, std::int64_t classes) {
    Tensor tensor(DType::i64, {n});
    for (std::int64_t i = 0; i < n; ++i) tensor.set(i, static_cast<double>(i % classes));
    return tensor;
  }
};

TEST_P(CompiledNetwork, Classifier) {
  const std::vector<Tensor> inputs = {random_tensor({GetParam(), {37, 20}}, 1), labels(37, 5)};
  expect_same_training(
      [&](Network& n) {
        const Value x = input(n.graph, inputs[0].type(), "x"), y = input(n.graph, inputs[1].type(), "y");
        n.train(softmax_cross_entropy(n.layer(sigmoid(n.layer(relu(n.layer(x, 33)), 17)), 5), y));
      },
      inputs);
}

TEST_P(CompiledNetwork, Regression) {
  const std::vector<Tensor> inputs = {random_tensor({GetParam(), {64, 3}}, 1),
                                      random_tensor({GetParam(), {64, 2}}, 2)};
  expect_same_training(
      [&](Network& n) {
        const Value x = input(n.graph, inputs[0].type(), "x"), y = input(n.graph, inputs[1].type(), "y");
        n.train(huber(n.layer(x + gelu(n.layer(tanh(n.layer(x, 16)), 3)), 2), y));
      },
      inputs);
}

INSTANTIATE_TEST_SUITE_P(Precision, CompiledNetwork, testing::Values(DType::f32, DType::f64),
                         [](const auto& each) { return std::string(name(each.param)); });

}  // namespace
}  // namespace gradus
