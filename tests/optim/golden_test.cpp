// Losses of 100 steps of a small network against PyTorch's, on both executors and in both precisions.
#include "support/golden.h"

#include <cmath>
#include <functional>
#include <memory>

#include "gradus/compile.h"
#include "gradus/grad.h"
#include "gradus/nn.h"
#include "gradus/optim.h"
#include "kernels/reference/run.h"

namespace gradus {
namespace {

using optim::Groups;
using MakeOptimizer = std::function<std::unique_ptr<optim::Optimizer>(const Groups&)>;

struct Case {
  std::string name;  // of the golden file
  MakeOptimizer optimizer;
  std::string loss = "softmax_cross_entropy";
  nn::LossSettings settings = {};
  double l2 = 0, l1 = 0;
  std::function<Values(const Values&)> clip = {};
};

template <class O, class Options>
MakeOptimizer with(const Options& options) {
  return [options](const Groups& groups) { return std::make_unique<O>(groups, options); };
}

std::vector<Case> cases() {
  using namespace optim;
  const auto sgd = with<Sgd>(SgdOptions{.lr = 0.1});
  std::vector<Case> list = {
      {.name = "adam_decay_all",
       .optimizer = with<Adam>(AdamOptions{.lr = 0.02, .weight_decay = 0.05, .decay_all = true})},
      {.name = "adagrad_lr_decay",
       .optimizer = with<Adagrad>(AdagradOptions{.lr = 0.1, .lr_decay = 0.01, .initial_accumulator = 0.1})},
      {.name = "l2", .optimizer = sgd, .l2 = 0.01},
      {.name = "l1", .optimizer = sgd, .l1 = 0.01},
      {.name = "mse", .optimizer = sgd, .loss = "mse"},
      {.name = "mae", .optimizer = sgd, .loss = "mae"},
      {.name = "huber", .optimizer = sgd, .loss = "huber", .settings = {.huber_delta = 0.3}},
      {.name = "label_smoothing", .optimizer = sgd, .settings = {.label_smoothing = 0.1}},
      {.name = "clip_norm",
       .optimizer = sgd,
       .clip = [](const Values& g) { return clip_by_global_norm(g, 0.3); }},
      {.name = "clip_value",
       .optimizer = sgd,
       .clip = [](const Values& g) { return clip_by_value(g, 0.05); }},
  };
  for (const double decay : {0.0, 0.05}) {
    const std::string end = decay == 0 ? "" : "_decay";
    list.push_back({"sgd" + end, with<Sgd>(SgdOptions{.lr = 0.1, .weight_decay = decay})});
    list.push_back(
        {"momentum" + end, with<Sgd>(SgdOptions{.lr = 0.05, .momentum = 0.9, .weight_decay = decay})});
    list.push_back(
        {"nesterov" + end,
         with<Sgd>(SgdOptions{.lr = 0.05, .momentum = 0.9, .weight_decay = decay, .nesterov = true})});
    list.push_back({"rmsprop" + end, with<RmsProp>(RmsPropOptions{.lr = 0.01, .weight_decay = decay})});
    list.push_back({"adagrad" + end, with<Adagrad>(AdagradOptions{.lr = 0.1, .weight_decay = decay})});
    list.push_back({"adam" + end, with<Adam>(AdamOptions{.lr = 0.02, .weight_decay = decay})});
    list.push_back({"adamw" + end, with<AdamW>(AdamWOptions{.lr = 0.02, .weight_decay = decay})});
  }
  return list;
}

nn::Sequential network(DType dtype) {
  nn::Sequential mlp(nn::Dense({.in = 6, .out = 5, .dtype = dtype}), nn::Tanh(),
                     nn::Dense({.in = 5, .out = 3, .dtype = dtype}));
  std::int64_t tag = 1;
  for (const Variable& p : mlp.parameters()) p.set(golden::numbers(tag++, p.type().shape, dtype));
  return mlp;
}

struct Step {
  Graph graph;
  Value loss;
};

std::unique_ptr<Step> step_graph(const Case& c, const nn::Sequential& mlp, optim::Optimizer& optimizer,
                                 DType dtype) {
  auto step = std::make_unique<Step>();
  Graph& graph = step->graph;
  const nn::LossDef& loss = nn::find_loss(c.loss);
  const Value x = input(graph, {dtype, {8, 6}}, "x");
  const Value y = input(graph, loss.classifies ? Type{DType::i64, {8}} : Type{dtype, {8, 3}}, "y");
  Value total = loss.build(mlp(x), y, {}, c.settings);
  if (c.l2 > 0) total = total + nn::l2(graph, mlp.parameters(), c.l2);
  if (c.l1 > 0) total = total + nn::l1(graph, mlp.parameters(), c.l1);
  const Values g = gradients(total, mlp.parameters());
  optimizer.apply(c.clip ? c.clip(g) : g);
  graph.output(total, "loss");
  step->loss = total;
  return step;
}

enum class Executor { reference, compiled };

std::vector<double> run(const Case& c, Executor executor, DType dtype) {
  const nn::Sequential mlp = network(dtype);
  const auto optimizer = c.optimizer(mlp.parameters());
  const auto step = step_graph(c, mlp, *optimizer, dtype);
  std::unique_ptr<Session> session;
  if (executor == Executor::compiled)
    session = std::make_unique<Session>(compile(step->graph, {.threads = 1}));

  std::vector<double> losses;
  for (std::int64_t t = 0; t < 100; ++t) {
    const std::vector<Tensor> batch = {
        golden::numbers(10 + t, {8, 6}, dtype, 4),
        nn::find_loss(c.loss).classifies ? golden::classes(t) : golden::numbers(200 + t, {8, 3}, dtype)};
    if (session) {
      session->feed(0, batch[0]);
      session->feed(1, batch[1]);
      session->run();
      losses.push_back(session->output(0).at(0));
    } else {
      const auto feeds = reference::feed_inputs(step->graph, batch);
      losses.push_back(
          reference::run(step->graph, {step->loss}, feeds, reference::Writes::carry_out)[0].at(0));
    }
  }
  return losses;
}

class Golden : public testing::TestWithParam<std::tuple<std::size_t, Executor, DType>> {};

TEST_P(Golden, LossesOfHundredStepsAreTorchs) {
  const auto& [index, executor, dtype] = GetParam();
  const Case c = cases()[index];
  const std::vector<double> expected = golden::read(c.name), got = run(c, executor, dtype);
  ASSERT_EQ(expected.size(), 100u);
  ASSERT_EQ(got.size(), 100u);
  const double tolerance = dtype == DType::f64 ? 1e-9 : 1e-4;
  for (std::size_t t = 0; t < got.size(); ++t) {
    ASSERT_NEAR(got[t], expected[t], tolerance * std::abs(expected[t])) << c.name << ", step " << t;
  }
}

std::string case_name(const testing::TestParamInfo<Golden::ParamType>& parameter) {
  const auto& [index, executor, dtype] = parameter.param;
  return cases()[index].name + (executor == Executor::reference ? "_reference_" : "_compiled_") +
         std::string(name(dtype));
}

INSTANTIATE_TEST_SUITE_P(All, Golden,
                         testing::Combine(testing::Range<std::size_t>(0, cases().size()),
                                          testing::Values(Executor::reference, Executor::compiled),
                                          testing::Values(DType::f32, DType::f64)),
                         case_name);

}  // namespace
}  // namespace gradus
