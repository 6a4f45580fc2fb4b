#include "app/board/playground_engine.h"

#include <gtest/gtest.h>

#include <cmath>

#include "app/board/playground_json.h"
#include "support/expect_error.h"
#include "train/explain.h"

namespace gradus::board {
namespace {

PlaygroundEngine engine_of(const Json& json) { return PlaygroundEngine(parse_playground(json)); }

void expect_refusal(const Json& json, Fault fault, const std::string& message) {
  expect_error([&] { engine_of(json); }, fault, message);
}

void expect_one_step(const Json& json) {
  SCOPED_TRACE(json.dump());
  PlaygroundEngine engine = engine_of(json);
  engine.step();
  const Json state = playground_state(engine, {}, Numbers::plain);
  EXPECT_EQ(state.at("step"), 1);
  EXPECT_TRUE(state.at("train").at("loss").is_number());
  EXPECT_EQ(state.at("plane").at("values").size(), 64u * 64u);
}

TEST(Playground, EveryChoiceTrains) {
  const Json choices = playground_choices();
  for (const Json& data : choices.at("data")) expect_one_step({{"examples", 40}, {"data", data.at("name")}});
  for (const Json& name : choices.at("activations"))
    expect_one_step({{"examples", 20}, {"activation", name}});
  for (const Json& name : choices.at("initializers"))
    expect_one_step({{"examples", 20}, {"initializer", name}});
  for (const Json& name : choices.at("losses")) {
    expect_one_step({{"examples", 20}, {"loss", name}});
    expect_one_step({{"examples", 30}, {"data", "blobs"}, {"loss", name}});
  }
  for (const Json& known : choices.at("optimizers"))
    expect_one_step({{"examples", 20}, {"optimizer", known.at("name")}, {"batch_size", "full"}});
  expect_one_step({{"examples", 20}, {"hidden", Json::array()}, {"test", 0}});
}

TEST(Playground, SettingsBecomeTheModel) {
  const PlaygroundEngine engine = engine_of({{"data", "spirals"},
                                             {"classes", 4},
                                             {"hidden", {6, 6}},
                                             {"activation", "relu"},
                                             {"initializer", "he_normal"},
                                             {"batch_norm", true},
                                             {"skip", true},
                                             {"dropout", 0.25},
                                             {"optimizer", "sgd"},
                                             {"momentum", 0.5},
                                             {"lr", 0.125},
                                             {"l1", 0.25},
                                             {"l2", 0.5},
                                             {"batch_size", 16},
                                             {"seed", 7}});
  const nn::ModelSpec expected = nn::parse_model(
      "input = [2]\nlayers = [{ dense = { units = 6, init = \"he_normal\" } }, \"batch_norm\", \"relu\", { "
      "dropout = 0.25 "
      "},"
      "{ residual = [{ dense = { units = 6, init = \"he_normal\" } }, \"batch_norm\", \"relu\","
      "{ dropout = 0.25 }] }, { dense = { units = 4, init = \"he_normal\" } }]",
      "m.toml");
  EXPECT_EQ(nn::to_toml(*engine.run().config.layers), nn::to_toml(expected));
  const train::RunConfig& config = engine.run().config;
  EXPECT_EQ(config.data, "spirals:n_classes=4,noise=0.15,n_samples=300,test=0.3");
  EXPECT_EQ(config.optimizer, "sgd");
  EXPECT_EQ(config.momentum, 0.5);
  EXPECT_EQ(config.lr, 0.125);
  EXPECT_EQ(config.l1, 0.25);
  EXPECT_EQ(config.l2, 0.5);
  EXPECT_EQ(config.batch_size, 16);
  EXPECT_EQ(config.seed, 7u);
}

TEST(Playground, WhatWillNotDoIsRefused) {
  expect_refusal({{"layer", 3}}, Fault::usage, "playground: there is no setting 'layer'.");
  expect_refusal(Json::array(), Fault::usage, "playground: settings as a JSON object were needed.");
  expect_refusal({{"examples", 2001}}, Fault::usage,
                 "examples: a whole number from 10 to 2000 was needed, 2001 was given.");
  expect_refusal({{"hidden", {8, 65}}}, Fault::usage,
                 "hidden: a whole number from 1 to 64 was needed, 65 was given.");
  expect_refusal({{"hidden", {1, 1, 1, 1, 1, 1, 1, 1, 1}}}, Fault::usage,
                 "hidden: a list of at most 8 layers' widths was needed, [1,1,1,1,1,1,1,1,1] was given.");
  expect_refusal({{"skip", 1}}, Fault::usage, "skip: true or false was needed, 1 was given.");
  expect_refusal(
      {{"data", "spirls"}}, Fault::usage,
      "data: there is no 'spirls'. Did you mean 'spirals'? Known are csv, moons, circles, spirals, "
      "blobs, classification.");
  expect_refusal({{"optimizer", "least_squares"}}, Fault::usage,
                 "optimizer: one that takes steps was needed, least_squares solves for all weights at once.");
  expect_refusal({{"data", "csv"}}, Fault::usage, "csv: the text of a CSV file was needed. Choose a file.");
  EXPECT_THROW(engine_of({{"lr", -1}}), Error);
  EXPECT_THROW(engine_of({{"momentum", 0.5}}), Error) << "adam takes none";
  EXPECT_THROW(engine_of({{"activation", "rleu\"]"}}), Error);
}

TEST(Playground, AnUploadIsReadAsCsvAndStandardized) {
  const std::string text = "a,b,c\n1,2,x\n3,4,y\n5,9,x\n";
  PlaygroundEngine engine = engine_of({{"data", "csv"}, {"csv", text}, {"test", 0}});
  const Json setup = playground_setup(engine);
  EXPECT_EQ(setup.at("features"), (Json{"a", "b"}));
  EXPECT_EQ(setup.at("class_names"), (Json{"x", "y"}));
  EXPECT_EQ(setup.at("standardized"), true);
  EXPECT_EQ(setup.at("train").at("x").at(1), 0.0);
  expect_one_step({{"data", "csv"}, {"csv", "a,b,c,y\n1,2,3,0.5\n3,4,1,0.25\n5,9,2,1.5\n"}, {"test", 0}});
  expect_refusal({{"data", "csv"}, {"csv", "a,c\n1,x\n2,y\n"}, {"test", 0}}, Fault::data,
                 "csv: 2 to 16 numeric columns beside the target were needed, the file gives 1.");
  expect_refusal({{"data", "csv"}, {"csv", "a,b,c\n1,,x\n2,3,y\n"}, {"test", 0}}, Fault::data,
                 "upload.csv: values are missing in line 2 (the first in column 'b'). Fill features with "
                 "missing=mean or missing=median, or leave the lines out with missing=drop.");
}

Json settings_with(const std::string& optimizer) {
  return {{"examples", 100}, {"hidden", {6, 6}}, {"batch_norm", true},     {"skip", true},
          {"dropout", 0.2},  {"batch_size", 16}, {"optimizer", optimizer}, {"l2", 0.01}};
}

const train::ArrayView& array_of(const train::Explanation& e, train::ExplainStep::Stage stage,
                                 const std::string& name) {
  for (const train::ExplainStep& step : e.steps) {
    if (step.stage != stage) continue;
    for (const train::ArrayView& array : step.arrays)
      if (array.name == name) return array;
  }
  ADD_FAILURE() << "no array " << name;
  static const train::ArrayView none;
  return none;
}

// In the middle of a run, with the optimizer's averages and the short last batch of an epoch (70 = 4 * 16 +
// 6).
TEST(Playground, ThePhasesAreTheStepThatFollowsBitForBit) {
  for (const char* optimizer : {"sgd", "nesterov", "rmsprop", "adagrad", "adam", "adamw"}) {
    PlaygroundEngine engine = engine_of(settings_with(optimizer));
    for (int step = 0; step < 7; ++step) {
      const train::Explanation e = engine.explain();
      EXPECT_EQ(e.examples, step == 4 ? 6 : 16);
      engine.step();
      for (const Variable& variable : engine.run().model.network.variables()) {
        const train::ArrayView& after = array_of(e, train::ExplainStep::update, variable.name() + " after");
        ASSERT_EQ(static_cast<std::int64_t>(after.values.size()), variable.value().size());
        for (std::int64_t i = 0; i < variable.value().size(); ++i)
          ASSERT_EQ(after.values[static_cast<std::size_t>(i)], variable.value().at(i))
              << optimizer << " step " << step << " " << variable.name() << " " << i;
      }
    }
  }
}

TEST(Playground, TheDrawingHasThePhasesNumbers) {
  PlaygroundEngine engine = engine_of(settings_with("adam"));
  for (int step = 0; step < 3; ++step) engine.step();
  for (const std::optional<std::int64_t> example :
       {std::optional<std::int64_t>(5), std::optional<std::int64_t>()}) {
    const Json state = playground_state(engine, example, Numbers::plain);
    const Json phases = playground_phases(engine, example);
    EXPECT_EQ(phases.at("step"), 3);
    std::size_t compared = 0;
    for (const Json& phase : phases.at("phases")) {
      if (phase.at("layer").is_null()) continue;
      const auto layer = phase.at("layer").get<std::size_t>();
      const bool forward = phase.at("stage") == "forward";
      const Json& arrays = phase.at("arrays");
      EXPECT_EQ((forward ? arrays.back() : arrays.front()).at("values"),
                state.at(forward ? "units" : "unit_gradients").at(layer))
          << phase.at("stage") << " " << layer;
      ++compared;
    }
    EXPECT_EQ(compared, 2 * state.at("units").size());
  }
}

TEST(Playground, LooksChangeNothing) {
  PlaygroundEngine looked = engine_of(settings_with("adam")), plain = engine_of(settings_with("adam"));
  for (int step = 0; step < 6; ++step) {
    playground_state(looked, 2, Numbers::packed);
    playground_phases(looked, {});
    looked.step();
    plain.step();
  }
  const std::vector<Variable> a = looked.run().model.network.variables(),
                              b = plain.run().model.network.variables();
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_TRUE(a[i].value().same_bits(b[i].value())) << a[i].name();
}

TEST(Playground, DivergenceIsSaid) {
  PlaygroundEngine engine =
      engine_of({{"optimizer", "sgd"}, {"lr", 1e30}, {"activation", "relu"}, {"loss", "mse"}});
  EXPECT_THROW(
      {
        for (int step = 0; step < 20; ++step) engine.step();
      },
      Error);
}

}  // namespace
}  // namespace gradus::board
