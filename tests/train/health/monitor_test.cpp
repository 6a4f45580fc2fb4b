// When a run looks at its health, what it sees, and that looking changes nothing.
#include "train/health/monitor.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "gradus/ops.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "train/explain_step.h"
#include "train/health/health_runs.h"
#include "train/health/rules.h"
#include "train/trainer.h"

namespace gradus::train {
namespace {

RunConfig moons(std::initializer_list<std::pair<const char*, std::string>> more = {}) {
  RunConfig c = config_of({{"data", "make_moons:n_samples=70,noise=0.1"},
                           {"batch_size", "16"},
                           {"epochs", "5"},
                           {"threads", "1"},
                           {"health_every", "4"}});
  for (const auto& [key, value] : more) set_from_text(c, key, value);
  c.layers = nn::parse_model(
      "layers = [{ dense = 8 }, \"relu\", { dropout = 0.3 }, { dense = 8 }, \"sigmoid\", { dense = 2 }]",
      "looked.toml");
  return c;
}

std::vector<HealthEvent> looks_of(const RunConfig& config) {
  std::vector<HealthEvent> looks;
  train(config, {.health = [&](const HealthEvent& event) { looks.push_back(event); }});
  return looks;
}

std::vector<std::int64_t> steps_of(const std::vector<HealthEvent>& looks) {
  std::vector<std::int64_t> steps;
  for (const HealthEvent& look : looks) steps.push_back(look.step);
  return steps;
}

// Of the five steps of an epoch the last has the short batch.
TEST(HealthMonitor, LooksAtFullBatchesOnly) {
  EXPECT_EQ(steps_of(looks_of(moons())), (std::vector<std::int64_t>{0, 5, 8, 12, 16, 20}));
  EXPECT_EQ(steps_of(looks_of(moons({{"accumulate", "2"}}))), (std::vector<std::int64_t>{0, 4, 9, 12}));
  EXPECT_TRUE(looks_of(moons({{"health_every", "0"}})).empty());
}

TEST(HealthMonitor, LooksSeldomWhereStepsAreManyOrShort) {
  EXPECT_EQ(health_interval(1000, std::int64_t{1} << 40), 150);
  EXPECT_EQ(health_interval(1000000, std::int64_t{1} << 40), 5000);
  EXPECT_GT(health_interval(1000, 1000), 1000);
}

TEST(HealthMonitor, ChangesNoBit) {
  const TemporaryFolder folder;
  for (const char* accumulate : {"1", "2"}) {
    RunConfig plain = moons({{"accumulate", accumulate}, {"health_every", "0"}, {"val_split", "0.2"}}),
              looked = moons({{"accumulate", accumulate}, {"health_every", "1"}, {"val_split", "0.2"}});
    plain.out = (folder / (std::string("plain") + accumulate)).string();
    looked.out = (folder / (std::string("looked") + accumulate)).string();
    train(plain);
    train(looked);
    EXPECT_EQ(read_text(plain.out + "/model.safetensors"), read_text(looked.out + "/model.safetensors"));
  }
}

// The numbers of a look, computed from the values that NetworkProbe and the weights show.
TEST(HealthMonitor, SeesWhatTheStepDoes) {
  RunConfig config = moons({{"precision", "f64"},
                            {"optimizer", "sgd"},
                            {"momentum", "0"},
                            {"lr", "0.5"},
                            {"health_every", "7"},
                            {"probe", "0,7,15,21"}});
  std::vector<HealthEvent> looks;
  std::vector<ProbeEvent> probes;
  train(config, {.probe = [&](const ProbeEvent& event) { probes.push_back(event); },
                 .health = [&](const HealthEvent& event) { looks.push_back(event); }});
  ASSERT_EQ(looks.size(), 4u);
  for (std::size_t k = 0; k < looks.size(); ++k) {
    ASSERT_EQ(looks[k].step, probes[k].step);
    ASSERT_EQ(looks[k].layers.size(), 6u);
    for (std::size_t i = 0; i < 6; ++i) {
      const LayerHealth& layer = looks[k].layers[i];
      const LayerProbe& probe = probes[k].layers[i];
      const double n = 16.0 * static_cast<double>(layer.units);
      EXPECT_EQ(layer.path, probe.path);
      EXPECT_NEAR(layer.mean, probe.output.mean, 1e-12);
      EXPECT_NEAR(layer.std, probe.output.std, 1e-12);
      EXPECT_NEAR(layer.gradient_norm, std::sqrt(n) * std::hypot(probe.gradient.mean, probe.gradient.std),
                  1e-12);
      EXPECT_EQ(layer.dead.has_value(), layer.kind == "relu");
      EXPECT_EQ(layer.saturated.has_value(), layer.kind == "sigmoid");
    }
    for (std::size_t i = 0; i < looks[k].parameters.size(); ++i) {
      const ParameterHealth& parameter = looks[k].parameters[i];
      EXPECT_EQ(parameter.name, probes[k].parameters[i].name);
      EXPECT_NEAR(parameter.norm, probes[k].parameters[i].norm, 1e-12);
      EXPECT_NEAR(parameter.gradient_norm, probes[k].parameters[i].gradient_norm, 1e-12);
      // Plain descent: the update is the gradient times the learning rate.
      EXPECT_NEAR(parameter.update_norm, 0.5 * parameter.gradient_norm, 1e-12);
    }
  }
  EXPECT_FALSE(looks[0].smoothed_loss);
  EXPECT_TRUE(looks[1].smoothed_loss);
}

TEST(HealthMonitor, CountsDeadAndSaturatedUnits) {
  RunConfig config = moons();
  // Each unit gives -100 or less, or 100 or more: dead, or saturated.
  config.layers = nn::parse_model(
      "layers = [{ dense = { units = 5, init = \"constant:value=0\" } }, \"relu\", \"sigmoid\", { dense = "
      "{ units = 6, init = \"constant:value=100\" } }, \"sigmoid\", \"tanh\", { dense = 2 }]",
      "dead.toml");
  const HealthEvent look = looks_of(config).at(0);
  EXPECT_EQ(look.layers[1].dead, 1.0);
  EXPECT_EQ(look.layers[2].saturated, 0.0);  // all 0.5
  EXPECT_EQ(look.layers[4].saturated, 1.0);
  EXPECT_EQ(look.layers[5].saturated, 0.0);  // tanh(1) = 0.76
  EXPECT_EQ(look.layers[4].units, 6);
}

// Sums are taken as soon as there is something to add up, so that nothing is kept for them.
TEST(HealthMonitor, ALookAtConvolutionsNeedsNoMoreMemoryThanTheStep) {
  const TemporaryFolder folder;
  io::write_npz(folder / "images.npz",
                {{"x", Tensor(DType::f32, Shape{32, 1, 16, 16})}, {"y", Tensor(DType::i64, Shape{32})}});
  RunConfig config =
      config_of({{"data", "npz:" + (folder / "images.npz").string()}, {"batch_size", "32"}, {"epochs", "1"}});
  config.layers = nn::parse_model(
      "layers = [{ conv2d = { filters = 16, kernel = 3, padding = \"same\" } }, \"relu\", { max_pool2d = 2 "
      "}, "
      "{ conv2d = { filters = 32, kernel = 3, padding = \"same\" } }, \"relu\", { max_pool2d = 2 }, "
      "\"flatten\", "
      "{ dense = 10 }]",
      "cnn.toml");
  const Prepared run = prepare(config);
  EXPECT_LE(HealthLook(run, 32).workspace_bytes(), Stepper(run).workspace().bytes());
}

TEST(HealthMonitor, GivesTheGradientsForEventFilesOnly) {
  RunConfig config = moons();
  for (const bool tensorboard : {false, true}) {
    config.tensorboard = tensorboard;
    const Prepared run = prepare(config);
    Stepper stepper(run);
    HealthLook look(run, 16);
    look.open(Workspace(look.workspace_bytes()));
    const LookedBatch batch = batch_of_step(run, 0);
    const HealthEvent event =
        look.look({.x = batch.x, .y = batch.y, .weight = {}, .size = 16}, stepper.counter().value());
    const auto gradients = look.gradients();
    ASSERT_EQ(gradients.size(), tensorboard ? event.parameters.size() : 0U);
    for (std::size_t i = 0; i < gradients.size(); ++i) {
      double squares = 0;
      for (std::int64_t k = 0; k < gradients[i].second.size(); ++k)
        squares += gradients[i].second.at(k) * gradients[i].second.at(k);
      EXPECT_EQ(gradients[i].first, event.parameters[i].name);
      EXPECT_NEAR(std::sqrt(squares), event.parameters[i].gradient_norm, 1e-5);
      EXPECT_GT(squares, 0);
    }
  }
}

TEST(HealthMonitor, TellsARuleOnceAlsoWhenARunGoesOn) {
  const TemporaryFolder folder;
  RunConfig config =
      watched({{"data", "make_moons:n_samples=128"}, {"lr", "1e-7"}, {"epochs", "160"}, {"log_every", "0"}},
              "{ dense = 8 }, \"tanh\", { dense = 2 }");
  config.out = (folder / "run").string();
  std::atomic<bool> stop = false;
  std::vector<Finding> told;
  Events events;
  events.finding = [&](const Finding& finding) { told.push_back(finding); };
  events.epoch = [&](const EpochEvent& event) { stop = event.epoch == 90; };
  EXPECT_TRUE(train(config, events, &stop).interrupted);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].rule, "low_learning_rate");
  config.resume = true;
  stop = false;
  events.epoch = {};
  train(config, events, &stop);
  EXPECT_EQ(told.size(), 1u);
  const HealthRecord record = read_health(config.out);
  EXPECT_EQ(record.looks.size(), 8u);
  EXPECT_EQ(record.epochs.size(), 160u);
  ASSERT_EQ(record.findings.size(), 1u);
  EXPECT_EQ(record.findings[0].str(), told[0].str());
  EXPECT_EQ(json_of(record.looks[3])["layers"].size(), 3u);
}

TEST(HealthMonitor, KeepsWhereADivergedRunEnded) {
  const TemporaryFolder folder;
  RunConfig config =
      watched({{"data", "make_regression"}, {"optimizer", "sgd"}, {"lr", "100"}}, "{ dense = 1 }");
  config.out = (folder / "run").string();
  EXPECT_THROW(train(config), Error);
  const HealthRecord record = read_health(config.out);
  ASSERT_FALSE(record.findings.empty());
  EXPECT_EQ(record.findings.back().rule, "not_finite");
  EXPECT_NE(record.findings.back().evidence.find("the first NaN or infinity came from"), std::string::npos);
  ASSERT_TRUE(record.end && record.environment);
  EXPECT_EQ(record.end->cause, RunEnd::diverged);
  EXPECT_EQ(record.end->step, record.findings.back().step);
}

TEST(HealthRecord, ReadsRunsInProgressAndRefusesDamage) {
  const TemporaryFolder folder;
  EXPECT_TRUE(read_health(folder.path()).looks.empty());
  RunConfig config = moons();
  config.out = (folder / "run").string();
  train(config);
  const std::filesystem::path file = folder / "run" / "history.jsonl";
  const std::string whole = read_text(file);
  const std::size_t looks = read_health(config.out).looks.size();
  write_text(file, whole + "{\"type\":\"health\",\"st");  // a line that is being written
  EXPECT_EQ(read_health(config.out).looks.size(), looks);
  write_text(file, "{\"type\":\"health\"}\n");
  EXPECT_THROW(read_health(config.out), Error);
}

}  // namespace
}  // namespace gradus::train
