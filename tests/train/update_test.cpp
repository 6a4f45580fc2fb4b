// What happens around an update: accumulated gradients, limits, averages of the weights, frozen layers.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <cmath>

#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "train/prepare.h"
#include "train/runs.h"
#include "train/stepper.h"

namespace gradus::train {
namespace {

RunConfig blobs() {
  RunConfig c = config_of({{"data", "make_blobs:n_samples=100,centers=3,cluster_std=3"},
                           {"epochs", "3"},
                           {"batch_size", "32"},
                           {"precision", "f64"},
                           {"threads", "1"}});
  c.layers = small_mlp("tanh", 3);
  return c;
}

// All weights after a whole run, and the losses on the way.
std::vector<double> trained(const RunConfig& c, std::int64_t steps) {
  const Prepared run = prepare(c);
  Stepper stepper(run);
  EXPECT_EQ(stepper.total_steps(), steps);
  std::vector<double> all;
  for (std::int64_t i = 0; i < stepper.total_steps(); ++i) all.push_back(stepper.step().loss);
  for (const Variable& variable : run.model.network.variables())
    for (std::int64_t i = 0; i < variable.type().shape.size(); ++i) all.push_back(variable.value().at(i));
  return all;
}

double difference(const std::vector<double>& a, const std::vector<double>& b) {
  EXPECT_EQ(a.size(), b.size());
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(a[i] - b[i]));
  return most;
}

// 100 examples: 4 updates an epoch, of 32, 32, 32 and 4 examples, in batches of 8 (and one of 4) or at once.
TEST(Accumulate, IsOneLargeBatch) {
  const std::vector<std::vector<std::pair<const char*, std::string>>> cases = {
      {},
      {{"optimizer", "sgd"}, {"lr", "0.1"}, {"l2", "0.01"}, {"clip_norm", "0.5"}},
      {{"class_weight", "balanced"}, {"weight_decay", "0.01"}, {"ema", "0.9"}, {"max_norm", "0.7"}}};
  for (const auto& settings : cases) {
    RunConfig large = blobs();
    for (const auto& [key, value] : settings) set_from_text(large, key, value);
    RunConfig small = large;
    set_from_text(small, "batch_size", "8");
    set_from_text(small, "accumulate", "4");
    const std::vector<double> expected = trained(large, 12);
    EXPECT_LT(difference(trained(small, 12), expected), 1e-12);
    set_from_text(small, "seed", "1");
    EXPECT_GT(difference(trained(small, 12), expected), 1e-3);
  }
}

TEST(Accumulate, CountsUpdates) {
  RunConfig c = blobs();
  set_from_text(c, "batch_size", "8");
  set_from_text(c, "accumulate", "4");
  std::vector<std::int64_t> steps;
  Events events;
  events.step_interval_ms = 0;
  events.start = [](const StartEvent& e) {
    EXPECT_EQ(e.steps_per_epoch, 4);
    EXPECT_EQ(e.total_steps, 12);
  };
  events.step = [&](const StepEvent& e) { steps.push_back(e.step); };
  events.epoch = [](const EpochEvent& e) { EXPECT_EQ(e.train.n, 100); };
  EXPECT_EQ(train(c, events).steps, 12);
  EXPECT_EQ(steps.size(), 12u);
  EXPECT_EQ(steps.back(), 12);
}

TEST(Accumulate, NamesTheStepThatDiverged) {
  RunConfig c = blobs();
  c.layers = small_mlp("relu", 3);
  for (const auto& [key, value] :
       {std::pair("optimizer", "sgd"), {"lr", "1e300"}, {"batch_size", "8"}, {"accumulate", "4"}})
    set_from_text(c, key, value);
  try {
    train(c);
    FAIL() << "it did not diverge";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::diverged);
    EXPECT_NE(std::string(error.what()).find("the first NaN or infinity came from"), std::string::npos)
        << error.what();
  }
}

TEST(MaxNorm, LimitsEveryUnitOfEveryWeight) {
  RunConfig c = blobs();
  set_from_text(c, "max_norm", "0.5");
  set_from_text(c, "lr", "0.1");
  const Prepared run = prepare(c);
  Stepper stepper(run);
  for (int i = 0; i < 12; ++i) stepper.step();
  double most = 0;
  for (const Variable& w : run.model.network.parameters()) {
    if (w.type().shape.rank() < 2) continue;
    const std::int64_t units = w.type().shape[0], width = w.type().shape[1];
    for (std::int64_t unit = 0; unit < units; ++unit) {
      double squares = 0;
      for (std::int64_t i = 0; i < width; ++i) squares += std::pow(w.value().at(unit * width + i), 2);
      most = std::max(most, std::sqrt(squares));
    }
  }
  EXPECT_NEAR(most, 0.5, 1e-12);
}

// The averages, made anew from the weights after each step, are the model that a run ends with.
TEST(Ema, IsWhatTheRunKeeps) {
  const TemporaryFolder folder;
  RunConfig c = blobs();
  set_from_text(c, "ema", "0.8");
  set_from_text(c, "lr", "0.05");
  RunConfig plain = c;
  plain.ema = 0;
  const Prepared run = prepare(plain);
  const Variable w = run.model.network.parameters()[0];
  Stepper stepper(run);
  std::vector<double> average;
  for (std::int64_t i = 0; i < w.type().shape.size(); ++i) average.push_back(w.value().at(i));
  for (int t = 1; t <= 12; ++t) {
    stepper.step();
    const double d = std::min(0.8, (1.0 + t) / (10.0 + t));
    for (std::size_t i = 0; i < average.size(); ++i)
      average[i] = d * average[i] + (1 - d) * w.value().at(static_cast<std::int64_t>(i));
  }
  set_from_text(c, "out", (folder / "run").string());
  const TrainResult result = train(c);
  const Model model = load_model(folder / "run");
  for (std::size_t i = 0; i < average.size(); ++i)
    EXPECT_NEAR(model.network.parameters()[0].value().at(static_cast<std::int64_t>(i)), average[i], 1e-6);
  EXPECT_NEAR(evaluate(folder / "run", {.part = Part::train}).scores.loss, result.train->loss, 1e-6);
}

TEST(Ema, GoesOnInTheSameBits) {
  const TemporaryFolder folder;
  RunConfig c = blobs();
  for (const auto& [key, value] :
       {std::pair("ema", "0.9"), {"val_split", "0.2"}, {"batch_size", "8"}, {"accumulate", "3"}})
    set_from_text(c, key, value);
  set_from_text(c, "out", (folder / "whole").string());
  const TrainResult whole = train(c);
  set_from_text(c, "out", (folder / "cut").string());
  std::atomic<bool> stop = false;
  Events events;
  events.step_interval_ms = 0;
  events.step = [&](const StepEvent& e) { stop = e.step == 7; };
  EXPECT_TRUE(train(c, events, &stop).interrupted);
  set_from_text(c, "resume", "true");
  const TrainResult rest = train(c);
  EXPECT_EQ(rest.resumed_from_step, 7);
  EXPECT_EQ(rest.val->loss, whole.val->loss);
  EXPECT_EQ(read_text(folder / "cut" / "model.safetensors"),
            read_text(folder / "whole" / "model.safetensors"));
}

TEST(Freeze, LeavesTheChosenLayersAsTheyAre) {
  RunConfig c = blobs();
  set_from_text(c, "freeze", "0-1");
  set_from_text(c, "weight_decay", "0.1");
  set_from_text(c, "clip_norm", "0.1");
  const Prepared run = prepare(c);
  std::vector<Tensor> before;
  for (const Variable& variable : run.model.network.variables()) before.push_back(variable.value().clone());
  Stepper stepper(run);
  for (int i = 0; i < 5; ++i) stepper.step();
  const std::vector<Variable> after = run.model.network.variables();
  EXPECT_TRUE(after[0].value().same_bits(before[0]));
  EXPECT_TRUE(after[1].value().same_bits(before[1]));
  EXPECT_FALSE(after[2].value().same_bits(before[2]));
  EXPECT_FALSE(after[3].value().same_bits(before[3]));
}

TEST(Freeze, HoldsRunningStatistics) {
  for (const bool frozen : {false, true}) {
    RunConfig c = blobs();
    c.layers = nn::parse_model("layers = [{ dense = 8 }, 'batch_norm', 'relu', { dense = 3 }]", "m.toml");
    if (frozen) set_from_text(c, "freeze", "0-2");
    set_from_text(c, "ema", "0.5");
    const Prepared run = prepare(c);
    std::vector<Tensor> before;
    for (const Variable& variable : run.model.network.variables()) before.push_back(variable.value().clone());
    Stepper stepper(run);
    for (int i = 0; i < 5; ++i) stepper.step();
    stepper.average()->exchange();
    for (std::size_t k = 0; k < before.size(); ++k) {
      const Variable variable = run.model.network.variables()[k];
      const bool held = frozen && !variable.name().starts_with("layers.3.");
      EXPECT_EQ(variable.value().same_bits(before[k]), held) << variable.name();
    }
  }
}

// Frozen layers take no part in the norm that clipping looks at: the rest trains as if it were alone.
TEST(Freeze, ClippingLooksAtWhatTrains) {
  RunConfig c = blobs();
  set_from_text(c, "freeze", "0-1");
  set_from_text(c, "clip_norm", "1e-3");
  set_from_text(c, "optimizer", "sgd");
  set_from_text(c, "lr", "1");
  const Prepared run = prepare(c);
  std::vector<Tensor> before;
  for (const Variable& variable : run.model.network.variables()) before.push_back(variable.value().clone());
  Stepper stepper(run);
  stepper.step();
  double squares = 0;
  const std::vector<Variable> after = run.model.network.variables();
  for (const std::size_t k : {2U, 3U})
    for (std::int64_t i = 0; i < after[k].type().shape.size(); ++i)
      squares += std::pow(after[k].value().at(i) - before[k].at(i), 2);
  EXPECT_NEAR(std::sqrt(squares), 1e-3, 1e-5);
}

TEST(Freeze, RefusesOtherEntries) {
  RunConfig c = blobs();
  set_from_text(c, "freeze", "0-x");
  expect_error([&] { prepare(c); }, Fault::usage,
               "--freeze: numbers of the model's layers were needed, as in 0-2,5, got '0-x'.");
  set_from_text(c, "freeze", "1,3");
  expect_error([&] { prepare(c); }, Fault::usage, "--freeze: there is no layer 3, the model has 3, from 0.");
}

TEST(InitLayers, TakesWhatFitsOrWhatIsNamed) {
  const TemporaryFolder folder;
  RunConfig c = blobs();
  set_from_text(c, "out", (folder / "first").string());
  train(c);
  const Model first = load_model(folder / "first");
  RunConfig next = blobs();
  next.layers =
      nn::parse_model("layers = [{ dense = 16 }, 'tanh', { dense = 16 }, 'tanh', { dense = 3 }]", "m.toml");
  set_from_text(next, "init_from", (folder / "first" / "model.safetensors").string());
  set_from_text(next, "init_layers", "fitting");
  const auto equal = [&](const Prepared& run, std::size_t k) {
    const Tensor mine = run.model.network.variables()[k].value().cast(DType::f32);
    return mine.same_bits(first.network.variables()[k].value().cast(DType::f32));
  };
  const Prepared fitting = prepare(next);
  EXPECT_TRUE(equal(fitting, 0));
  EXPECT_TRUE(equal(fitting, 1));
  EXPECT_EQ(fitting.notes.back(),
            fmt::format("weights taken from {}: layers.0.weight, layers.0.bias; new: layers.2.weight, "
                        "layers.2.bias, layers.4.weight, layers.4.bias",
                        (folder / "first" / "model.safetensors").string()));
  RunConfig same = blobs();
  same.init_from = next.init_from;
  set_from_text(same, "seed", "5");
  set_from_text(same, "init_layers", "2");
  const Prepared head = prepare(same);
  EXPECT_FALSE(equal(head, 0));
  EXPECT_TRUE(equal(head, 2));
  EXPECT_TRUE(equal(head, 3));
  set_from_text(next, "init_layers", "2");
  expect_error([&] { prepare(next); }, Fault::model,
               next.init_from + ": 'layers.2.weight' must have the shape [16, 16], the file has [3, 16].");
  set_from_text(next, "init_layers", "1");
  expect_error([&] { prepare(next); }, Fault::model,
               next.init_from + ": no tensor of it fits the model's layers 1.");
  next.init_from.clear();
  expect_error([&] { prepare(next); }, Fault::usage,
               "--init-layers: it says what to take from --init-from, which was not given. Add it.");
}

TEST(Fold, IsTheValidationPart) {
  std::int64_t rows = 0;
  for (const char* fold : {"1/3", "2/3", "3/3"}) {
    RunConfig c = blobs();
    set_from_text(c, "fold", fold);
    const Prepared run = prepare(c);
    rows += run.parts.val->size();
    EXPECT_EQ(run.parts.val->size() + run.parts.train.size(), 100);
  }
  EXPECT_EQ(rows, 100);
  for (const auto& [fold, message] : std::vector<std::pair<std::string, std::string>>{
           {"2", "--fold: I/K was needed, as in 2/5, got '2'."},
           {"x/3", "--fold: I/K was needed, as in 2/5, got 'x/3'."},
           {"4/3", "--fold: the part I must be from 1 to K, and K at least 2, got '4/3'."},
           {"1/1", "--fold: the part I must be from 1 to K, and K at least 2, got '1/1'."}}) {
    RunConfig c = blobs();
    set_from_text(c, "fold", fold);
    expect_error([&] { prepare(c); }, Fault::usage, message);
  }
  RunConfig c = blobs();
  set_from_text(c, "fold", "1/3");
  set_from_text(c, "val_split", "0.1");
  expect_error([&] { prepare(c); }, Fault::usage,
               "--fold: the validation part was given twice, by --val-split, too. Leave one out.");
}

}  // namespace
}  // namespace gradus::train
