// The model file: what it may say, what is refused and where, and that it is written back.
#include <gtest/gtest.h>

#include "gradus/nn.h"
#include "nn/support.h"
#include "support/expect_error.h"

namespace gradus::nn {
namespace {

TEST(ModelFile, ReadsEveryFormOfAnEntry) {
  const ModelSpec spec = parse_model(R"(
input = [1, 28, 28]
layers = [
  "flatten",
  { dense = 64 }, { leaky_relu = 0.2 },
  { dense = { units = 32, bias = false, init = "normal:std=0.1", freeze = true, lr = 2 } },
  { elu = {} },
  { sequential = ["relu", { dense = 10 }] },  # nested
]
)",
                                     "model.toml");
  EXPECT_EQ(*spec.input, (Shape{1, 28, 28}));
  ASSERT_EQ(spec.layers.size(), 6u);
  EXPECT_EQ(spec.layers[0], (LayerSpec{"flatten"}));
  EXPECT_EQ(spec.layers[1], (LayerSpec{"dense", {{"units", std::int64_t{64}}}}));
  EXPECT_EQ(spec.layers[2], (LayerSpec{"leaky_relu", {{"slope", 0.2}}}));
  EXPECT_EQ(spec.layers[3], (LayerSpec{"dense",
                                       {{"units", std::int64_t{32}},
                                        {"bias", false},
                                        {"init", std::string("normal:std=0.1")},
                                        {"freeze", true},
                                        {"lr", 2.0}}}));
  EXPECT_EQ(spec.layers[4], (LayerSpec{"elu"}));
  const std::vector<LayerSpec> inner = {{"relu"}, {"dense", {{"units", std::int64_t{10}}}}};
  EXPECT_EQ(spec.layers[5], (LayerSpec{"sequential", {{"layers", inner}}}));
  EXPECT_EQ(spec.layers[3].place.line, 6);
  EXPECT_EQ(spec.layers[3].place.column, 3);
  EXPECT_FALSE(spec.layers[1] == spec.layers[3]);
}

TEST(ModelFile, AListIsASequential) {
  const ModelSpec spec = parse_model("layers = [[\"relu\", { dense = 3 }], []]", "m");
  const std::vector<LayerSpec> inner = {{"relu"}, {"dense", {{"units", std::int64_t{3}}}}};
  EXPECT_EQ(spec.layers[0], (LayerSpec{"sequential", {{"layers", inner}}}));
  EXPECT_EQ(spec.layers[1], (LayerSpec{"sequential", {{"layers", std::vector<LayerSpec>()}}}));
  EXPECT_EQ(parse_model(to_toml(spec), "again"), spec);
}

TEST(ModelFile, IsWrittenAsItIsRead) {
  const std::string text = R"(input = [1, 28, 28]
layers = [
  "flatten",
  { dense = 64 },
  { leaky_relu = 2.0 },
  { dense = { units = 32, bias = false, init = "normal:std=0.1", freeze = true, lr = 1e-05 } },
  { reshape = [4, -1] },
  { sequential = ["relu", { dense = 10 }, { sequential = [] }] },
  { conv2d = { filters = 8, kernel = 3, padding = "same" } },
  { conv2d = { filters = 8, kernel = [3, 1], padding = [1, 0], stride = 2 } },
  { residual = ["batch_norm", "relu"] },
  { residual = { layers = ["relu"], shortcut = "zero_pad", activation = "tanh" } },
  { dense_block = { layers = 4, growth = 12, join = "branch" } },
  { parallel = { branches = ["relu", { dropout = 0.5 }], join = "add" } },
]
)";
  const ModelSpec spec = parse_model(text, "model.toml");
  EXPECT_EQ(to_toml(spec), text);
  EXPECT_EQ(parse_model(to_toml(spec), "again"), spec);
}

TEST(ModelFile, LeavesOtherKeysToOthers) {
  const std::string text = "layers = [\"relu\"]\n[labels]\nvalues = [\"a\"]\n";
  EXPECT_FALSE(parse_model(text, "m", {"labels"}).input);
  expect_error([&] { parse_model(text, "m"); }, Fault::model,
               "m:2:2: there is no key 'labels'. Did you mean 'layers'? Known are input, layers.");
}

struct Bad {
  std::string text, message;
};

TEST(ModelFile, RefusesWithPlaceAndReason) {
  const std::string known = "Known are " + test::layer_kinds() + ".";
  const std::string table = "Write { dense = { units = 10, bias = false } }.";
  const std::vector<Bad> cases = {
      {"", "m.toml: a model needs layers. Write layers = [\"flatten\", { dense = 10 }]."},
      {"layers = []", "m.toml: a model needs layers. Write layers = [\"flatten\", { dense = 10 }]."},
      {"layers = 3",
       "m.toml:1:10: layers must be a list, got an integer. Write layers = [\"flatten\", { dense = 10 }]."},
      {"layer = [\"relu\"]",
       "m.toml:1:1: there is no key 'layer'. Did you mean 'layers'? Known are input, layers."},
      {"layers = [\n  \"rleu\"]", "m.toml:2:3: there is no layer 'rleu'. Did you mean 'relu'? " + known},
      {"layers = [{ transformer = 3 }]", "m.toml:1:11: there is no layer 'transformer'. " + known},
      {"layers = [3]",
       "m.toml:1:11: a layer is a string, a table or a list, got an integer. Write \"relu\" or { dense = 10 "
       "}."},
      {"layers = [[\"rleu\"]]", "m.toml:1:12: there is no layer 'rleu'. Did you mean 'relu'? " + known},
      {"layers = [{ dense = 3, relu = {} }]",
       "m.toml:1:11: the table of a layer has one key, its kind; got 2 keys. " + table},
      {"layers = [{}]", "m.toml:1:11: the table of a layer has one key, its kind; got 0 keys. " + table},
      {"layers = [{ relu = 3 }]",
       "m.toml:1:20: relu takes no value of its own, got the integer 3. Write \"relu\"."},
      {"layers = [\"dense\"]",
       "m.toml:1:11: dense needs units: number of outputs. Write { dense = { units = ... } }."},
      {"layers = [{ dense = 0 }]", "m.toml:1:21: dense: units must be at least 1, got 0."},
      {"layers = [{ dense = -5 }]", "m.toml:1:21: dense: units must be at least 1, got -5."},
      {"layers = [{ dense = 99999999999 }]",
       "m.toml:1:21: dense: units must be at most 16777216, got 99999999999."},
      {"layers = [{ dense = 99999999999999999999 }]",
       "m.toml:1:41: this is no valid TOML: Error while parsing decimal integer: '99999999999999999999' is "
       "not "
       "representable in 64 bits."},
      {"layers = [{ dense = 1.5 }]", "m.toml:1:21: dense: units must be an integer, got the number 1.5."},
      {"layers = [{ dense = \"ten\" }]",
       "m.toml:1:21: dense: units must be an integer, got the string \"ten\"."},
      {"layers = [{ dense = [3] }]", "m.toml:1:21: dense: units must be an integer, got a list of integers."},
      {"layers = [{ dense = { units = 3, baias = false } }]",
       "m.toml:1:34: dense has no option 'baias'. Did you mean 'bias'? Known are units, bias, init, freeze, "
       "lr."},
      {"layers = [{ dense = { units = 3, bias = 1 } }]",
       "m.toml:1:34: dense: bias must be true or false, got the integer 1."},
      {"layers = [{ dense = { units = 3, init = \"he\" } }]",
       "m.toml:1:34: dense: initializer 'he': there is no such initializer. Known are zeros, constant, "
       "uniform, "
       "normal, uniform_fan_in, glorot_uniform, glorot_normal, he_uniform, he_normal, lecun_uniform, "
       "lecun_normal, orthogonal."},
      {"layers = [{ dense = { units = 3, init = false } }]",
       "m.toml:1:34: dense: init must be a string, got false."},
      {"layers = [{ dense = { units = 3, lr = -1 } }]", "m.toml:1:34: dense: lr must be at least 0, got -1."},
      {"layers = [{ dense = { units = 3, lr = inf } }]", "m.toml:1:34: dense: lr must be finite, got inf."},
      {"layers = [{ relu = { units = 3 } }]",
       "m.toml:1:22: relu has no option 'units'. Known are freeze, lr."},
      {"layers = [{ relu = { freeze = \"yes\" } }]",
       "m.toml:1:22: relu: freeze must be true or false, got the string \"yes\"."},
      {"layers = [{ reshape = [2, 0.5] }]",
       "m.toml:1:27: reshape must hold integers only, it holds a number."},
      {"layers = [{ reshape = [2, -3] }]", "m.toml:1:23: reshape: shape must be at least -1, got -3."},
      {"layers = [{ sequential = 3 }]",
       "m.toml:1:26: sequential: layers must be a list of layers, got the integer 3."},
      {"layers = [{ sequential = [\"relu\",\n\"tahn\"] }]",
       "m.toml:2:1: there is no layer 'tahn'. Did you mean 'tanh'? " + known},
      {"layers = [{ dense = 1979-05-27 }]", "m.toml:1:21: dense cannot be a date or time."},
      {"layers = [{ softplus = 0 }]", "m.toml:1:24: softplus: beta must be at least 1e-06, got 0."},
      {"input = 784\nlayers = [\"relu\"]",
       "m.toml:1:9: input must be a list of integers, got an integer. Write input = [1, 28, 28]."},
      {"input = [28, 0]\nlayers = [\"relu\"]", "m.toml:1:9: the extents of input must be at least 1, got 0."},
      {"input = [28, \"x\"]\nlayers = [\"relu\"]",
       "m.toml:1:14: input must hold integers only, it holds a string."},
      {"input = []\nlayers = [\"relu\"]", "m.toml:1:9: input must have 1 to 7 extents, got 0."},
      {"input = [1, 1, 1, 1, 1, 1, 1, 1]\nlayers = [\"relu\"]",
       "m.toml:1:9: input must have 1 to 7 extents, got 8."},
      {"input = [4000000000, 4000000000, 4000000000]\nlayers = [\"relu\"]",
       "m.toml:1:9: input has 6.4e+28 elements; 16777216 are the limit."},
  };
  for (const Bad& bad : cases) {
    SCOPED_TRACE(bad.text);
    expect_error([&] { parse_model(bad.text, "m.toml"); }, Fault::model, bad.message);
  }
}

}  // namespace
}  // namespace gradus::nn
