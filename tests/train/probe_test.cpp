// What a run records about its layers at chosen steps.
#include "train/probe.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "train/runs.h"

namespace gradus::train {
namespace {

RunConfig moons(const std::string& probe) {
  RunConfig c = config_of({{"data", "make_moons:n_samples=64,noise=0.1"},
                           {"batch_size", "full"},
                           {"steps", "12"},
                           {"optimizer", "sgd"},
                           {"momentum", "0"},
                           {"lr", "1"},
                           {"precision", "f64"},
                           {"threads", "1"}});
  c.layers =
      nn::parse_model("layers = [\"identity\", { dense = 4 }, \"tanh\", { dense = 2 }]", "probed.toml");
  c.probe = probe;
  return c;
}

std::vector<ProbeEvent> probes_of(const RunConfig& config) {
  std::vector<ProbeEvent> events;
  train(config, {.probe = [&](const ProbeEvent& event) { events.push_back(event); }});
  return events;
}

TEST(Probe, LooksAtTheStepsItWasToldTo) {
  std::vector<std::int64_t> steps;
  for (const ProbeEvent& event : probes_of(moons("2,0,every=5"))) steps.push_back(event.step);
  EXPECT_EQ(steps, (std::vector<std::int64_t>{0, 2, 5, 10}));
}

TEST(Probe, SeesTheSpreadOfALayer) {
  const Prepared run = prepare(moons("0"));
  const ProbeEvent event = probes_of(run.config)[0];
  ASSERT_EQ(event.layers.size(), 4u);
  const LayerProbe& passed_on = event.layers[0];  // the identity shows the data
  EXPECT_EQ(passed_on.path + " " + passed_on.kind, "layers.0 identity");
  std::vector<double> all, first;
  for (std::int64_t i = 0; i < run.parts.train.x.size(); ++i) {
    all.push_back(run.parts.train.x.at(i));
    if (i % 2 == 0) first.push_back(all.back());
  }
  for (const auto& [list, spread] : {std::pair{&all, &passed_on.output}, {&first, &passed_on.unit}}) {
    std::sort(list->begin(), list->end());
    const auto n = static_cast<double>(list->size());
    double mean = 0, variance = 0;
    for (const double x : *list) mean += x / n;
    for (const double x : *list) variance += (x - mean) * (x - mean) / n;
    EXPECT_NEAR(spread->mean, mean, 1e-12);
    EXPECT_NEAR(spread->std, std::sqrt(variance), 1e-12);
    for (const auto& [share, found] :
         {std::pair{0.15, spread->p15}, {0.5, spread->p50}, {0.85, spread->p85}}) {
      const double at = share * (n - 1);
      const auto low = static_cast<std::size_t>(at);
      const double expected = (*list)[low] + (at - std::floor(at)) * ((*list)[low + 1] - (*list)[low]);
      EXPECT_NEAR(found, expected, 1e-12);
    }
  }
}

// With plain descent at rate 1 the update is the gradient.
TEST(Probe, SeesTheGradientsThatMoveTheWeights) {
  RunConfig config = moons("0");
  config.steps = 1;
  const Prepared start = prepare(config);
  const TemporaryFolder folder;
  config.out = (folder.path() / "run").string();
  const ProbeEvent event = probes_of(config)[0];
  const Model after = load_model(config.out);
  const std::vector<Variable> from = start.model.network.parameters(), to = after.network.parameters();
  ASSERT_EQ(event.parameters.size(), from.size());
  for (std::size_t k = 0; k < from.size(); ++k) {
    double moved = 0, size = 0;
    for (std::int64_t i = 0; i < from[k].value().size(); ++i) {
      moved += std::pow(to[k].value().at(i) - from[k].value().at(i), 2);
      size += std::pow(from[k].value().at(i), 2);
    }
    EXPECT_EQ(event.parameters[k].name, from[k].name());
    EXPECT_NEAR(event.parameters[k].gradient_norm, std::sqrt(moved), 1e-6);  // saved as f32
    EXPECT_NEAR(event.parameters[k].norm, std::sqrt(size), 1e-12);
    EXPECT_GT(event.parameters[k].gradient_norm, 1e-4);
  }
}

TEST(Probe, ChangesNothingAndIsKeptInTheHistory) {
  const TemporaryFolder folder;
  RunConfig plain = moons(""), probed = moons("0,7");
  plain.out = (folder.path() / "plain").string();
  probed.out = (folder.path() / "probed").string();
  train(plain);
  train(probed);
  EXPECT_EQ(read_text(plain.out + "/model.safetensors"), read_text(probed.out + "/model.safetensors"));
  std::istringstream history(read_text(probed.out + "/history.jsonl"));
  std::vector<std::int64_t> steps;
  for (std::string line; std::getline(history, line);) {
    const auto json = nlohmann::json::parse(line);
    if (json.at("type") != "probe") continue;
    steps.push_back(json.at("step"));
    EXPECT_EQ(json.at("layers").size(), 4u);
    EXPECT_EQ(json.at("layers")[1].at("path"), "layers.1");
    EXPECT_GT(json.at("layers")[1].at("gradient").at("std"), 0);
    EXPECT_EQ(json.at("parameters")[0].at("name"), "layers.1.weight");
  }
  EXPECT_EQ(steps, (std::vector<std::int64_t>{0, 7}));
}

TEST(Probe, RefusesWhatIsNoStep) {
  for (const char* wrong : {"soon", "1,,2", "-1", "every=0", "1,every=x", "1.5"}) {
    expect_error([&] { prepare(moons(wrong)); }, Fault::usage,
                 std::string("--probe: step numbers from 0 or every=N were needed, as in 0,100,1000 or "
                             "every=50, got '") +
                     wrong + "'.");
  }
}

}  // namespace
}  // namespace gradus::train
