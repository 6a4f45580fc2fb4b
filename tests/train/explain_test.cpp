// One training step written out: its numbers are the engine's, and nothing changes.
#include "train/explain.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>

#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "train/checkpoint.h"
#include "train/explain_weight.h"
#include "train/prepare.h"
#include "train/runs.h"
#include "train/stepper.h"

namespace gradus::train {
namespace {

RunConfig moons(const std::string& optimizer = "adam") {
  RunConfig c = config_of({{"data", "make_moons:n_samples=50,noise=0.1"},
                           {"batch_size", "16"},
                           {"steps", "1"},
                           {"optimizer", optimizer},
                           {"precision", "f64"}});
  c.layers = small_mlp();
  return c;
}

const ArrayView& find(const Explanation& e, const std::string& symbol) {
  for (const ExplainStep& step : e.steps)
    for (const ArrayView& array : step.arrays)
      if (array.symbol == symbol) return array;
  ADD_FAILURE() << "no array " << symbol;
  static const ArrayView none;
  return none;
}

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

TEST(Explain, TheBuiltInNetworkIsWhatPaperAndPencilGive) {
  const Explanation e = explain(built_in_run());
  const double h0 = sigmoid(0.5 * 1 - 0.4 * 0.5 + 0.1), h1 = sigmoid(0.3 * 1 + 0.8 * 0.5 - 0.2);
  const double y = sigmoid(0.6 * h0 - 0.9 * h1 + 0.2);
  const double dz = 2 * (y - 1) * y * (1 - y);
  EXPECT_NEAR(find(e, "y2").values[0], h0, 1e-15);
  EXPECT_NEAR(e.loss, (y - 1) * (y - 1), 1e-15);
  EXPECT_NEAR(find(e, "dW3").values[1], dz * h1, 1e-15);
  EXPECT_NEAR(find(e, "dW1").values[1], dz * 0.6 * h0 * (1 - h0) * 0.5, 1e-15);
  EXPECT_NEAR(find(e, "W3'").values[1], -0.9 - 0.5 * dz * h1, 1e-15);
}

TEST(Explain, FormulasAreReadOffTheGraph) {
  const Explanation e = explain(built_in_run());
  EXPECT_EQ(find(e, "y1").formula, "x W1^T + b1");
  EXPECT_EQ(find(e, "y2").formula, "sigmoid(y1)");
  EXPECT_EQ(find(e, "L").formula, "sum(square(y4 - t))");
  EXPECT_EQ(find(e, "dy3").formula, "dy4 * y4 * (1 - y4)");
  EXPECT_EQ(find(e, "dy2").formula, "dy3 W3");
  EXPECT_EQ(find(e, "dW3").formula, "dy3^T y2");
  EXPECT_EQ(find(e, "db3").formula, "sum(dy3)");
  EXPECT_EQ(find(e, "W3'").formula, "W3 - dW3 * lr");
}

TEST(Explain, StepsStandInTheOrderTheyAreMade) {
  std::string order;
  for (const ExplainStep& step : explain(built_in_run()).steps)
    order += fmt::format("{}{} ", "flbu"[step.stage], step.path);
  EXPECT_EQ(order,
            "flayers.0 flayers.1 flayers.2 flayers.3 lloss blayers.3 blayers.2 blayers.1 blayers.0 "
            "ulayers.0.weight ulayers.0.bias ulayers.2.weight ulayers.2.bias ");
}

TEST(Explain, TheCountOfStepsStandsBeforeWhatReadsIt) {
  std::string order;
  for (const ExplainStep& step : explain(prepare(moons("adam"))).steps)
    if (step.stage == ExplainStep::update) order += step.path + " ";
  EXPECT_EQ(order, "adam.step layers.0.weight layers.0.bias layers.2.weight layers.2.bias ");
}

TEST(Explain, TheLearningRateIsThatOfTheFirstStep) {
  RunConfig config = moons("sgd");
  config.schedule = "warmup:steps=10";
  config.lr = 0.5;
  EXPECT_NEAR(explain(prepare(config)).lr, 0.05, 1e-12);
  config.steps.reset();
  config.epochs = 3;
  config.schedule = "warmup:epochs=2";  // 4 steps an epoch
  EXPECT_NEAR(explain(prepare(config), {.row = 3}).lr, 0.5 / 8, 1e-12);
}

// The update shown is the one that training makes.
TEST(Explain, TheUpdateIsTheFirstStepOfTheRun) {
  for (const char* optimizer : {"sgd", "adam", "rmsprop"}) {
    const TemporaryFolder folder;
    RunConfig config = moons(optimizer);
    config.clip_norm = 0.1;
    config.out = (folder / "run").string();
    train(config);
    const Model after = load_model(config.out);
    const Explanation e = explain(prepare(moons(optimizer)), {.full_size = 100});
    const Explanation clipped = [&] {
      RunConfig again = moons(optimizer);
      again.clip_norm = 0.1;
      return explain(prepare(again), {.full_size = 100});
    }();
    bool differs = false;
    for (const Variable& parameter : after.network.parameters()) {
      const std::string symbol = parameter.name() == "layers.0.weight"   ? "W1'"
                                 : parameter.name() == "layers.0.bias"   ? "b1'"
                                 : parameter.name() == "layers.2.weight" ? "W3'"
                                                                         : "b3'";
      const ArrayView &shown = find(clipped, symbol), &plain = find(e, symbol);
      ASSERT_EQ(shown.values.size(), static_cast<std::size_t>(parameter.value().size()));
      for (std::size_t i = 0; i < shown.values.size(); ++i) {
        EXPECT_NEAR(shown.values[i], parameter.value().at(static_cast<std::int64_t>(i)), 1e-6)
            << optimizer << " " << symbol;  // saved as f32
        differs = differs || std::abs(shown.values[i] - plain.values[i]) > 1e-6;
      }
    }
    EXPECT_TRUE(differs || std::string(optimizer) != "sgd") << "clipping is part of the update";
  }
}

// In the middle of a run: its averages, its learning rate, the short last batch of an epoch (50 = 3 * 16 +
// 2).
TEST(Explain, TheNextStepOfAStepperIsTheOneItTakes) {
  RunConfig config = moons("adam");
  config.steps = 5;
  config.schedule = "warmup:steps=10";
  config.layers = nn::parse_model(
      "layers = [{ dense = 4 }, \"batch_norm\", \"relu\", { dropout = 0.5 }, { dense = 2 }]", "m.toml");
  const Prepared run = prepare(config);
  Stepper stepper(run);
  stepper.start_at(0);
  const Explanation first = explain(run, stepper);
  EXPECT_EQ(first.loss, explain(run).loss);
  for (int step = 0; step < 5; ++step) {
    const Explanation e = explain(run, stepper, {.full_size = 100});
    EXPECT_EQ(e.examples, step == 3 ? 2 : 16);
    EXPECT_NEAR(e.lr, 1e-4 * (step + 1), 1e-15);
    EXPECT_EQ(e.loss, stepper.step().loss) << step;
    const Tensor& w = run.model.network.parameters()[0].value();
    for (std::int64_t i = 0; i < w.size(); ++i)
      ASSERT_EQ(find(e, "W1'").values[static_cast<std::size_t>(i)], w.at(i)) << step;
  }
}

// What explain shows of a run that was interrupted: the update that resuming makes, averages and all.
TEST(Explain, GoesOnFromACheckpointAsTheRunItselfDoes) {
  for (const char* optimizer : {"adam", "nesterov"}) {
    const TemporaryFolder folder;
    RunConfig config = moons(optimizer);
    config.steps = 8;
    config.schedule = "cosine";
    config.out = (folder / "run").string();
    config.layers = nn::parse_model(
        "layers = [{ dense = 4 }, \"batch_norm\", \"relu\", { dropout = 0.5 }, { dense = 2 }]", "m.toml");
    std::atomic<bool> stop = false;
    Events events;
    events.step_interval_ms = 0;
    events.step = [&](const StepEvent& e) { stop = e.step == 7; };
    EXPECT_TRUE(train(config, events, &stop).interrupted);
    const Prepared run = prepare_again(config.out);
    const std::optional<Checkpoint> before = read_latest_checkpoint(config.out);
    ASSERT_TRUE(before && before->state.step == 7);
    const Explanation e = explain(run, {.from = &*before, .full_size = 1000});
    EXPECT_EQ(e.from, 7);
    config.resume = true;
    train(config);
    const std::optional<Checkpoint> after = read_latest_checkpoint(config.out);
    ASSERT_TRUE(after && after->state.step == 8);
    std::size_t compared = 0;
    for (const ExplainStep& step : e.steps) {
      if (step.stage != ExplainStep::update) continue;
      for (const ArrayView& array : step.arrays) {
        if (!array.name.ends_with(" after")) continue;
        const std::string name = array.name.substr(0, array.name.size() - 6);
        const auto found = std::find_if(after->variables.begin(), after->variables.end(),
                                        [&](const auto& entry) { return entry.first == name; });
        ASSERT_NE(found, after->variables.end()) << name;
        for (std::int64_t i = 0; i < found->second.size(); ++i)
          ASSERT_EQ(array.values[static_cast<std::size_t>(i)], found->second.at(i))
              << optimizer << " " << name;
        ++compared;
      }
    }
    EXPECT_EQ(compared, after->variables.size()) << "weights, statistics and what the optimizer keeps";
    EXPECT_EQ(explain_weight(run, "layers.0.weight[1,0]", {.from = &*before}).gradient,
              find(e, "dW1").values[2]);
  }
}

TEST(Explain, OnlySomeLayersKeepTheirNumbers) {
  const Explanation all = explain(built_in_run()), some = only(all, {"layers.0", "layers.3"});
  std::vector<std::int64_t> numbers;
  for (const ExplainStep& step : some.steps) numbers.push_back(step.number);
  EXPECT_EQ(numbers, (std::vector<std::int64_t>{1, 4, 6, 9, 10, 11}));
  EXPECT_EQ(only(all, {}).steps.size(), all.steps.size());
  RunConfig config = moons();
  config.layers = nn::parse_model(
      "layers = [{ dense = 4 }, { residual = [\"relu\", { dense = 4 }] }, { dense = 2 }]", "m.toml");
  for (const ExplainStep& step : only(explain(prepare(config)), {"layers.1"}).steps)
    EXPECT_EQ(step.path.rfind("layers.1", 0), 0u) << step.path;
  expect_error(
      [&] {
        only(all, {"layers.1", "layers.01"});
      },
      Fault::usage,
      "--layer: one of the network's layers was needed, from layers.0 to layers.3, 'layers.01' was given. "
      "Did you mean 'layers.0'?");
}

TEST(Explain, NoVariableChanges) {
  RunConfig config = moons();
  config.layers =
      nn::parse_model("layers = [{ dense = 4 }, \"batch_norm\", \"relu\", { dense = 2 }]", "m.toml");
  const Prepared run = prepare(config), untouched = prepare(config);
  const Explanation e = explain(run);
  EXPECT_NE(find(e, "running_mean2'").values[0], 0);
  const std::vector<Variable> now = run.model.network.variables(),
                              before = untouched.model.network.variables();
  ASSERT_EQ(now.size(), 8u);
  for (std::size_t i = 0; i < now.size(); ++i)
    EXPECT_TRUE(now[i].value().same_bits(before[i].value())) << now[i].name();
}

TEST(Explain, ARowIsThatExampleAlone) {
  const Prepared run = prepare(moons());
  const Explanation e = explain(run, {.row = 7});
  EXPECT_EQ(e.examples, 1);
  ASSERT_EQ(e.batch[0].values.size(), 2u);
  EXPECT_EQ(e.batch[0].values[1], run.parts.train.x.at(15));
  EXPECT_EQ(e.batch[1].values[0], run.parts.train.y.at(7));
  EXPECT_EQ(find(e, "y1").type.shape, (Shape{1, 16}));
}

TEST(Explain, LargeArraysAreSummarized) {
  const Prepared run = prepare(moons());
  const ArrayView shown = find(explain(run, {.full_size = 8, .first = 3}), "W1");
  const Tensor& w = run.model.network.parameters()[0].value();
  EXPECT_FALSE(shown.complete);
  ASSERT_EQ(shown.values.size(), 3u);
  double sum = 0, squares = 0, low = w.at(0), high = w.at(0);
  for (std::int64_t i = 0; i < w.size(); ++i) {
    sum += w.at(i), squares += w.at(i) * w.at(i);
    low = std::min(low, w.at(i)), high = std::max(high, w.at(i));
  }
  const double n = static_cast<double>(w.size());
  EXPECT_NEAR(shown.mean, sum / n, 1e-12);
  EXPECT_NEAR(shown.std, std::sqrt(squares / n - sum / n * sum / n), 1e-12);
  EXPECT_NEAR(shown.norm, std::sqrt(squares), 1e-12);
  EXPECT_EQ(shown.min, low);
  EXPECT_EQ(shown.max, high);
}

TEST(Explain, RefusesWhatItCannotShow) {
  const Prepared run = prepare(moons());
  expect_error([&] { explain(run, {.row = 50}); }, Fault::usage,
               "--row: a row of the training part was needed, 0 to 49, 50 was given. Count from 0.");
  RunConfig solved =
      config_of({{"data", "make_regression:n_features=2,n_informative=2"}, {"optimizer", "least_squares"}});
  expect_error([&] { explain(prepare(solved)); }, Fault::usage,
               "explain: an optimizer that takes steps was needed, least_squares solves for all weights at "
               "once. Take --optimizer sgd.");
}

}  // namespace
}  // namespace gradus::train
