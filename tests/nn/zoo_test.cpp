// Named models: the papers' sizes, and that they adapt to examples and outputs.
#include <gtest/gtest.h>

#include <cmath>

#include "gradus/nn.h"
#include "nn/support.h"
#include "support/expect_error.h"

namespace gradus::nn {
namespace {

const NamedModel& find(const std::string& name) {
  for (const NamedModel& model : named_models())
    if (model.name == name) return model;
  throw std::out_of_range(name);
}

TEST(NamedModels, AdaptToInputAndOutputs) {
  EXPECT_EQ(
      to_toml(named_model("mlp", {28, 28}, 10)),
      "input = [28, 28]\nlayers = [\n  \"flatten\",\n  { dense = 256 },\n  \"relu\",\n  { dense = 128 },\n  "
      "\"relu\",\n  { dense = 10 },\n]\n");
  EXPECT_EQ(to_toml(named_model("logistic", {20}, 2)), "input = [20]\nlayers = [\n  { dense = 2 },\n]\n");
  EXPECT_EQ(to_toml(named_model("linear", {20}, 1)), "input = [20]\nlayers = [\n  { dense = 1 },\n]\n");
  EXPECT_EQ(to_toml(named_model("seed", {20}, 2)),
            "input = [20]\nlayers = [\n  { dense = { units = 20, init = \"uniform_fan_in\" } },\n  "
            "\"sigmoid\",\n  { "
            "dense = { units = 2, init = \"uniform_fan_in\" } },\n]\n");
}

TEST(NamedModels, SeedStartsWithinTheFanInBound) {
  const Network net = build(named_model("seed", {20}, 2), {20});
  for (const double x : net.parameters()[0].value().values<float>())
    EXPECT_LE(std::abs(x), 1 / std::sqrt(20));
  for (const double x : net.parameters()[1].value().values<float>()) EXPECT_EQ(x, 0);
}

TEST(NamedModels, RefuseOtherNames) {
  expect_error([] { named_model("mpl", {4}, 2); }, Fault::usage,
               "model 'mpl': there is no such model. Did you mean 'mlp'? Known are linear, logistic, mlp, "
               "seed, lenet5, "
               "cnn, plain20, plain32, plain44, plain56, resnet20, resnet32, resnet44, resnet56, resnet110, "
               "densenet40, "
               "densenet-bc-100, wrn-16-4; or give a model file.");
}

struct Size {
  std::string name;
  std::int64_t parameters;
};

// For the papers' examples. Counted by hand: mlp, lenet5 (60,000 in the paper, whose second convolution sees
// only some of the channels), cnn. In the papers: ResNets 0.27, 0.46, 0.66, 0.85 and 1.7 million, without the
// projections' 2,752; DenseNets 1.0 and 0.8 million; WRN-16-4 2.7 million.
TEST(NamedModels, HaveThePapersParameters) {
  const std::vector<Size> sizes = {{"mlp", 784 * 256 + 256 + 256 * 128 + 128 + 128 * 10 + 10},
                                   {"lenet5", 6 * 26 + 16 * 151 + 120 * 401 + 84 * 121 + 10 * 85},
                                   {"cnn", 32 * 10 + 64 * 289 + 128 * 3137 + 10 * 129},
                                   {"plain20", 269722},
                                   {"plain56", 853018},
                                   {"resnet20", 272474},
                                   {"resnet32", 464154 + 2752},
                                   {"resnet44", 658586 + 2752},
                                   {"resnet56", 853018 + 2752},
                                   {"resnet110", 1727962 + 2752},
                                   {"densenet40", 1019722},
                                   {"densenet-bc-100", 769162},
                                   {"wrn-16-4", 2748890}};
  for (const auto& [name, parameters] : sizes) {
    const NamedModel& model = find(name);
    EXPECT_EQ(test::parameters_of(build(named_model(name, model.input, model.outputs), model.input)),
              parameters)
        << name;
  }
}

TEST(NamedModels, BuildForTheirExamplesAndAreWrittenAsTheyAreRead) {
  for (const NamedModel& model : named_models()) {
    EXPECT_FALSE(model.description.empty());
    const ModelSpec spec = named_model(model.name, model.input, model.outputs);
    EXPECT_EQ(build(spec, model.input, {.outputs = model.outputs}).output, (Shape{model.outputs}))
        << model.name;
    EXPECT_TRUE(parse_model(to_toml(spec), "m") == spec) << to_toml(spec);
  }
}

TEST(NamedModels, OfImagesTakeAnySizeThatFits) {
  for (const std::string name : {"lenet5", "cnn", "plain20", "resnet20", "densenet40", "wrn-16-4"}) {
    for (const Shape& input : {Shape{28, 28}, Shape{3, 33, 47}, Shape{2, 12, 12}}) {
      const Network network = build(named_model(name, input, 4), input);
      EXPECT_EQ(network.output, (Shape{4})) << name;
      EXPECT_EQ(network.input.rank(), 3) << name;
    }
  }
  expect_error(
      [] { named_model("resnet20", {784}, 10); }, Fault::model,
      "model 'resnet20': it takes images [C, H, W], the examples are [784]. Take mlp, or a model file "
      "with input = [C, H, W].");
  expect_error(
      [] {
        named_model("lenet5", {1, 8, 40}, 10);
      },
      Fault::model,
      "model 'lenet5': images of at least 12x12 were needed, the examples are [1, 8, 40]. Take a model "
      "that shrinks them less.");
}

TEST(NamedModels, CnnIsTheBenchmarks) {
  EXPECT_EQ(to_toml(named_model("cnn", {28, 28}, 10)), R"(input = [1, 28, 28]
layers = [
  { conv2d = { filters = 32, kernel = 3, padding = "same" } },
  "relu",
  { max_pool2d = 2 },
  { conv2d = { filters = 64, kernel = 3, padding = "same" } },
  "relu",
  { max_pool2d = 2 },
  "flatten",
  { dense = 128 },
  "relu",
  { dense = 10 },
]
)");
}

}  // namespace
}  // namespace gradus::nn
