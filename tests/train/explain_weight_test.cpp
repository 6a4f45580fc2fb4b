// A weight's derivative as a sum over paths: it is the engine's gradient, whatever the network.
#include "train/explain_weight.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "support/expect_error.h"
#include "train/runs.h"

namespace gradus::train {
namespace {

struct Case {
  const char *name, *layers;
  bool image;
  const char* loss;
  std::vector<std::string> weights;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> all = {
      {"sigmoid",
       "{ dense = 6 }, \"sigmoid\", { dense = 5 }, \"sigmoid\", { dense = 3 }",
       false,
       "sigmoid_cross_entropy",
       {"layers.0.weight[2,3]", "layers.2.weight[4,0]", "layers.4.bias[1]"}},
      {"relu",
       "{ dense = 16 }, \"relu\", { dense = 12 }, \"relu\", { dense = 3 }",
       false,
       "softmax_cross_entropy",
       {"layers.0.weight[1,0]", "layers.0.bias[3]", "layers.4.weight[2,11]"}},
      {"batch_norm",
       "{ dense = 6 }, \"batch_norm\", \"tanh\", { dense = 3 }",
       false,
       "softmax_cross_entropy",
       {"layers.0.weight[5,1]", "layers.1.weight[2]", "layers.1.bias[0]"}},
      {"convolution",
       "{ conv2d = { filters = 2, kernel = 3 } }, \"tanh\", { max_pool2d = 2 }, \"flatten\", { dense = 3 }",
       true,
       "softmax_cross_entropy",
       {"layers.0.weight[1,0,2,1]", "layers.0.bias[0]"}},
      {"residual",
       "{ conv2d = { filters = 2, kernel = 3 } }, { residual = [\"batch_norm\", \"relu\", { conv2d = { "
       "filters "
       "= 2, kernel = 3, padding = \"same\" } }] }, \"flatten\", { dropout = 0.3 }, { dense = 3 }",
       true,
       "softmax_cross_entropy",
       {"layers.0.weight[0,0,1,1]", "layers.1.2.weight[1,0,0,2]", "layers.1.0.bias[1]"}},
      {"branches",
       "{ dense = 4 }, { parallel = { branches = [\"tanh\", [{ dense = 4 }, \"sigmoid\"]], join = "
       "\"product\" "
       "} }, { dense = 3 }",
       false,
       "softmax_cross_entropy",
       {"layers.0.weight[3,2]", "layers.1.1.0.weight[0,1]"}}};
  return all;
}

Prepared run_of(const Case& c, const std::string& precision, std::uint64_t seed, const char* batch = "4") {
  RunConfig config = config_of({{"data", "make_blobs:n_samples=40,n_features=16,centers=3,cluster_std=2"},
                                {"standardize", "on"},
                                {"batch_size", batch},
                                {"loss", c.loss},
                                {"precision", precision},
                                {"seed", std::to_string(seed)},
                                {"threads", "1"}});
  const std::string input = c.image ? "input = [1, 4, 4]\n" : "";
  config.layers = nn::parse_model(fmt::format("{}layers = [{}]", input, c.layers), "m.toml");
  return prepare(config);
}

class EveryNetwork : public ::testing::TestWithParam<Case> {};

TEST_P(EveryNetwork, TheSumOverAllPathsIsTheGradient) {
  std::size_t living = 0;
  for (const char* precision : {"f64", "f32"}) {
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
      const Prepared run = run_of(GetParam(), precision, seed);
      for (const std::string& weight : GetParam().weights) {
        const WeightExplanation e = explain_weight(run, weight);
        SCOPED_TRACE(fmt::format("{} {} seed {}", weight, precision, seed));
        EXPECT_FALSE(e.grouped);
        living += e.paths > 0;  // a unit of relu may be off for the whole batch
        const bool is_double = std::string(precision) == "f64";
        // Where paths cancel, f32 rounds what they add up from.
        const double scale = is_double ? std::abs(e.sum) : std::max(std::abs(e.sum), 0.1 * e.magnitude);
        EXPECT_NEAR(e.sum, e.gradient, (is_double ? 1e-9 : 1e-5) * scale);
        EXPECT_NEAR(e.sum, e.difference, 1e-6 * std::max(std::abs(e.sum), 1e-3 * e.magnitude));
        for (const WeightPath& path : e.largest) {
          double product = 1;
          for (const PathFactor& factor : path.factors) product *= factor.value;
          EXPECT_NEAR(product, path.product, 1e-12 * std::abs(product));
          EXPECT_EQ(path.factors.back().unit, "L");
        }
      }
    }
  }
  EXPECT_GE(living, 3 * GetParam().weights.size());
}

TEST_P(EveryNetwork, PenaltiesAreAPathOfTheirOwn) {
  Prepared run = run_of(GetParam(), "f64", 5);
  run.config.l2 = 0.7;
  const WeightExplanation with = explain_weight(run, GetParam().weights[0], {}, 100000);
  run.config.l2 = 0;
  const WeightExplanation without = explain_weight(run, GetParam().weights[0], {}, 100000);
  EXPECT_EQ(with.paths, without.paths + 1);
  EXPECT_NEAR(with.sum, without.sum + 0.7 * with.value, 1e-12);
  EXPECT_NEAR(with.sum, with.gradient, 1e-9 * std::abs(with.sum));
  EXPECT_NEAR(with.shown, with.sum, 1e-9 * with.magnitude);  // all of them are shown
}

INSTANTIATE_TEST_SUITE_P(ExplainWeight, EveryNetwork, ::testing::ValuesIn(cases()),
                         [](const auto& instance) { return std::string(instance.param.name); });

TEST(ExplainWeight, APathOfTheBuiltInNetwork) {
  const WeightExplanation e = explain_weight(built_in_run(), "layers.0.weight[0,1]");
  ASSERT_EQ(e.largest.size(), 1u);
  std::vector<std::string> units;
  for (const PathFactor& factor : e.largest[0].factors) units.push_back(factor.unit);
  EXPECT_EQ(units,
            (std::vector<std::string>{"layers.0[0]", "layers.1[0]", "layers.2[0]", "layers.3[0]", "L"}));
  EXPECT_EQ(e.largest[0].factors[0].value, 0.5);  // x[1]
  EXPECT_EQ(e.largest[0].factors[2].value, 0.6);  // the weight between them
  const double h = 1 / (1 + std::exp(-0.4));
  EXPECT_NEAR(e.largest[0].factors[1].value, h * (1 - h), 1e-15);
  EXPECT_EQ(e.weight, "layers.0.weight[0,1]");
  EXPECT_EQ(e.value, -0.4);
}

TEST(ExplainWeight, APathGoesThroughEveryUnitOfADenseLayer) {
  const Prepared run = run_of(cases()[0], "f64", 1);
  EXPECT_EQ(explain_weight(run, "layers.0.weight[2,3]", {.row = 5}).paths, 5 * 3);
  EXPECT_EQ(explain_weight(run, "layers.0.weight[2,3]").paths, 4 * 5 * 3);
  EXPECT_EQ(explain_weight(run, "layers.2.weight[2,3]", {.row = 5}).paths, 3);
}

// Too many paths to list are grouped by their first unit; the sum is the same.
TEST(ExplainWeight, ManyPathsAreGrouped) {
  Case wide = cases()[1];
  wide.layers = "{ dense = 300 }, \"tanh\", { dense = 300 }, \"tanh\", { dense = 3 }";
  const Prepared run = run_of(wide, "f64", 1, "full");
  const WeightExplanation e = explain_weight(run, "layers.0.weight[7,1]");
  EXPECT_TRUE(e.grouped);
  EXPECT_EQ(e.paths, 40);  // a unit of each example
  EXPECT_EQ(e.largest[0].factors.size(), 2u);
  EXPECT_EQ(e.largest[0].factors[0].unit.substr(0, 9), "layers.0[");
  EXPECT_NEAR(e.sum, e.gradient, 1e-9 * std::abs(e.sum));
  Prepared penalized = run;
  penalized.config.l2 = 0.5;
  const WeightExplanation both = explain_weight(penalized, "layers.0.weight[7,1]");
  EXPECT_TRUE(both.grouped);
  EXPECT_EQ(both.paths, 41);
  EXPECT_NEAR(both.sum, e.sum + 0.5 * e.value, 1e-12);
  EXPECT_NEAR(both.sum, both.gradient, 1e-9 * std::abs(both.sum));
  const WeightExplanation alone = explain_weight(run, "layers.0.weight[7,1]", {.row = 0}, 2);
  EXPECT_FALSE(alone.grouped);
  EXPECT_EQ(alone.paths, 300 * 3);
  EXPECT_EQ(alone.largest.size(), 2u);
  EXPECT_LT(alone.shown_magnitude, alone.magnitude);
}

TEST(ExplainWeight, NoVariableChanges) {
  const Prepared run = run_of(cases()[2], "f32", 1), untouched = run_of(cases()[2], "f32", 1);
  explain_weight(run, "layers.0.weight[5,1]");
  const std::vector<Variable> now = run.model.network.variables(),
                              before = untouched.model.network.variables();
  for (std::size_t i = 0; i < now.size(); ++i)
    EXPECT_TRUE(now[i].value().same_bits(before[i].value())) << now[i].name();
}

TEST(ExplainWeight, RefusesWhatIsNoWeight) {
  const Prepared run = built_in_run();
  for (const char* text : {"", "layers.0.weight", "[0]", "layers.0.weight[0,1", "layers.0.weight[a]",
                           "layers.0.weight[0 1]", "layers.0.weight[0,1]x", "layers.0.weight[0,]"}) {
    expect_error([&] { explain_weight(run, text); }, Fault::usage,
                 fmt::format("--weight: a parameter and an index were needed, as in layers.0.weight[3,7], "
                             "'{}' was given.",
                             text));
  }
  expect_error([&] { explain_weight(run, "layers.0.wieght[0,1]"); }, Fault::usage,
               "--weight layers.0.wieght[0,1]: there is no parameter 'layers.0.wieght'. Did you mean "
               "'layers.0.weight'? The first is layers.0.weight, the last layers.2.bias.");
  for (const char* index : {"2,0", "0,-1", "0", "0,0,0", "0,2"}) {
    expect_error([&] { explain_weight(run, fmt::format("layers.0.weight[{}]", index)); }, Fault::usage,
                 fmt::format("--weight layers.0.weight[{}]: an index into [2, 2] was needed, [{}] was given. "
                             "Give one number an axis, from 0.",
                             index, index));
  }
}

}  // namespace
}  // namespace gradus::train
