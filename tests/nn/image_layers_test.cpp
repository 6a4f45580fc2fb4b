// Convolution, pooling and normalization as entries of a model: shapes, variables, FLOPs, refusals.
#include <gtest/gtest.h>

#include <cmath>

#include "gradus/grad.h"
#include "nn/support.h"
#include "support/evaluate.h"
#include "support/expect_error.h"

namespace gradus::nn {
namespace {

using Names = std::vector<std::string>;

struct Case {
  std::string layer;
  Shape input, output;
  Names variables = {};
};

std::vector<Case> cases() {
  return {
      {"{ conv2d = { filters = 8, kernel = 3 } }",
       {3, 9, 7},
       {8, 7, 5},
       {"weight f32[8, 3, 3, 3]", "bias f32[8]"}},
      {"{ conv2d = { filters = 8, kernel = 3, padding = \"same\" } }",
       {3, 9, 7},
       {8, 9, 7},
       {"weight f32[8, 3, 3, 3]", "bias f32[8]"}},
      {"{ conv2d = { filters = 8, kernel = 3, padding = \"same\", stride = 2, bias = false } }",
       {3, 9, 6},
       {8, 5, 3},
       {"weight f32[8, 3, 3, 3]"}},
      {"{ conv2d = { filters = 4, kernel = [5, 2], padding = [2, 0], stride = [1, 2] } }",
       {1, 6, 6},
       {4, 6, 3},
       {"weight f32[4, 1, 5, 2]", "bias f32[4]"}},
      {"{ conv2d = { filters = 6, kernel = 3, padding = 1, groups = 6 } }",
       {6, 4, 4},
       {6, 4, 4},
       {"weight f32[6, 1, 3, 3]", "bias f32[6]"}},
      {"{ conv2d = { filters = 2, kernel = 3, dilation = 2 } }",
       {1, 5, 8},
       {2, 1, 4},
       {"weight f32[2, 1, 3, 3]", "bias f32[2]"}},
      {"{ conv2d = { filters = 2, kernel = 5, padding = \"same\" } }",
       {1, 2, 3},
       {2, 2, 3},
       {"weight f32[2, 1, 5, 5]", "bias f32[2]"}},
      {"{ conv1d = { filters = 4, kernel = 3, padding = \"same\", stride = 2 } }",
       {2, 9},
       {4, 5},
       {"weight f32[4, 2, 3]", "bias f32[4]"}},
      {"{ conv1d = { filters = 4, kernel = 2, dilation = 3, groups = 2, bias = false } }",
       {2, 9},
       {4, 6},
       {"weight f32[4, 1, 2]"}},
      {"{ conv_transpose2d = { filters = 8, kernel = 3, stride = 2 } }",
       {3, 5, 4},
       {8, 11, 9},
       {"weight f32[3, 8, 3, 3]", "bias f32[8]"}},
      {"{ conv_transpose2d = { filters = 8, kernel = 3, stride = 2, padding = 1, output_padding = 1 } }",
       {3, 5, 4},
       {8, 10, 8},
       {"weight f32[3, 8, 3, 3]", "bias f32[8]"}},
      {"{ conv_transpose2d = { filters = 4, kernel = 3, stride = [2, 1], padding = \"same\", groups = 2 } }",
       {2, 5, 4},
       {4, 10, 4},
       {"weight f32[2, 2, 3, 3]", "bias f32[4]"}},
      {"{ max_pool2d = 2 }", {3, 7, 8}, {3, 3, 4}},
      {"{ max_pool2d = { kernel = 3, stride = 2, padding = 1 } }", {3, 7, 8}, {3, 4, 4}},
      {"{ avg_pool2d = [1, 3] }", {3, 7, 8}, {3, 7, 2}},
      {"{ avg_pool2d = { kernel = 3, stride = 1, padding = \"same\", count_padding = false } }",
       {2, 4, 5},
       {2, 4, 5}},
      {"\"global_avg_pool2d\"", {5, 7, 8}, {5}},
      {"{ adaptive_avg_pool2d = [2, 3] }", {5, 7, 8}, {5, 2, 3}},
      {"{ adaptive_avg_pool2d = 1 }", {5, 7, 8}, {5, 1, 1}},
      {"\"batch_norm\"",
       {5, 7, 8},
       {5, 7, 8},
       {"weight f32[5]", "bias f32[5]", "running_mean f32[5]", "running_var f32[5]"}},
      {"{ batch_norm = { momentum = 0.01, epsilon = 1e-3 } }",
       {5},
       {5},
       {"weight f32[5]", "bias f32[5]", "running_mean f32[5]", "running_var f32[5]"}},
      {"\"layer_norm\"", {5, 7, 8}, {5, 7, 8}, {"weight f32[5, 7, 8]", "bias f32[5, 7, 8]"}},
      {"\"layer_norm\"", {7, 8}, {7, 8}, {"weight f32[8]", "bias f32[8]"}},
      {"{ layer_norm = 2 }", {5, 7, 8}, {5, 7, 8}, {"weight f32[7, 8]", "bias f32[7, 8]"}},
      {"{ group_norm = 2 }", {6, 4, 4}, {6, 4, 4}, {"weight f32[6]", "bias f32[6]"}},
  };
}

TEST(ImageLayers, HaveTheShapesTheirOptionsSay) {
  for (const Case& c : cases()) {
    const Network network = test::from("layers = [" + c.layer + "]", c.input);
    EXPECT_EQ(network.output, c.output) << c.layer;
    Names variables = test::described(network.variables());
    for (std::string& variable : variables) variable.erase(0, std::string("layers.0.").size());
    EXPECT_EQ(variables, c.variables) << c.layer;
    EXPECT_EQ(parse_model(to_toml(network.spec), "again"), network.spec) << c.layer;
  }
}

// The reference executor runs each of them, in both passes and precisions.
TEST(ImageLayers, GiveFiniteNumbersOfTheirShape) {
  for (const Case& c : cases()) {
    for (const DType dtype : {DType::f32, DType::f64}) {
      const Network network = test::from("layers = [" + c.layer + "]", c.input, {.dtype = dtype});
      for (const bool training : {false, true}) {
        Graph graph;
        std::vector<std::int64_t> extents = {3};
        extents.insert(extents.end(), c.input.begin(), c.input.end());
        const Value x = input(graph, {dtype, Shape(extents)});
        const Value y = network(x, {.training = training});
        const Tensor result = evaluate(y, {random_tensor(x.type(), 1)});
        EXPECT_EQ(result.type(), y.type());
        for (const double number : numbers(result)) ASSERT_TRUE(std::isfinite(number)) << c.layer;
      }
    }
  }
}

TEST(ImageLayers, BiasesAndNormalizationDoNotDecay) {
  const Network network =
      test::from(R"(layers = [{ conv2d = { filters = 4, kernel = 1 } }, "batch_norm", "layer_norm",
                    { group_norm = 2 }])",
                 {2, 3, 3});
  for (const Variable& variable : network.parameters())
    EXPECT_EQ(variable.decays(), variable.name() == "layers.0.weight") << variable.name();
}

TEST(ImageLayers, FlopsAreThoseOfTheProducts) {
  const auto rows =
      summary(test::from(R"(layers = [{ conv2d = { filters = 8, kernel = 3, padding = "same" } },
      { conv2d = { filters = 8, kernel = 3, groups = 8, padding = "same", bias = false } }])",
                         {3, 10, 12}));
  ASSERT_EQ(rows.size(), 2u);
  // Multiply-adds count two, and the bias may add one an element.
  const std::int64_t products = 2 * 8 * 10 * 12 * 3 * 9;
  EXPECT_GE(rows[0].flops, products);
  EXPECT_LE(rows[0].flops, products + 8 * 10 * 12);
  EXPECT_EQ(rows[0].parameters, 8 * 3 * 9 + 8);
  EXPECT_EQ(rows[1].flops, 2 * 8 * 10 * 12 * 9);
}

struct Bad {
  std::string layer;
  Shape input;
  std::string message;
};

TEST(ImageLayers, Refuse) {
  const std::vector<Bad> cases = {
      {"{ conv2d = { filters = 8, kernel = 3 } }",
       {784},
       "it takes images [C, H, W], its input is [784]. Put { reshape = [1, 28, 28] } before it."},
      {"{ conv2d = { filters = 8, kernel = 3 } }",
       {28, 30},
       "it takes images [C, H, W], its input is [28, 30]. Put { reshape = [1, 28, 30] } before it."},
      {"{ conv2d = { filters = 8, kernel = 3 } }",
       {7},
       "it takes images [C, H, W], its input is [7]. Put { reshape = [C, H, W] } before it."},
      {"{ conv1d = { filters = 8, kernel = 3 } }",
       {7},
       "it takes sequences [C, L], its input is [7]. Put { reshape = [1, 7] } before it."},
      {"{ max_pool2d = 2 }",
       {784},
       "it takes images [C, H, W], its input is [784]. Put { reshape = [1, 28, 28] } before it."},
      {"\"global_avg_pool2d\"",
       {5},
       "it takes images [C, H, W], its input is [5]. Put { reshape = [C, H, W] } before it."},
      {"{ conv2d = { filters = 8, kernel = [3, 3, 3] } }", {1, 9, 9}, "kernel takes one number or 2, got 3."},
      {"{ conv2d = { filters = 8, kernel = 3, padding = [1, 2, 3] } }",
       {1, 9, 9},
       "padding takes one number or 2, got 3."},
      {"{ conv2d = { filters = 8, kernel = 3, groups = 2 } }",
       {3, 9, 9},
       "groups must divide the channels of input and output: 2 groups, 3 and 8 channels."},
      {"{ conv2d = { filters = 8, kernel = 5 } }",
       {3, 9, 4},
       "its window reaches over 5 elements, x has 4 and 0 of padding along that axis. Use a smaller kernel, "
       "padding = \"same\", or fewer steps that shrink the image before it."},
      {"{ max_pool2d = 3 }",
       {3, 2, 9},
       "its window reaches over 3 elements, x has 2 and 0 of padding along that axis. Use a smaller kernel, "
       "padding = \"same\", or fewer steps that shrink the image before it."},
      {"{ conv_transpose2d = { filters = 8, kernel = 3, output_padding = 1 } }",
       {3, 9, 4},
       "output_padding must be below the stride (or the dilation), got 1 with stride 1."},
      {"{ conv_transpose2d = { filters = 8, kernel = 3, stride = 2, output_padding = 1, padding = \"same\" } "
       "}",
       {3, 9, 4},
       "padding = \"same\" gives stride times the size, output_padding has no meaning. Leave it out."},
      {"{ conv_transpose2d = { filters = 8, kernel = 1, padding = 2 } }",
       {3, 9, 4},
       "the padding 2 leaves nothing of the result along an axis where x has 4."},
      {"{ group_norm = 4 }", {6, 2, 2}, "groups must divide the channels: 4 groups, 6 channels."},
      {"{ layer_norm = 3 }", {6, 2}, "it has no 3 axes to normalize over, its input is [6, 2]."},
  };
  for (const Bad& bad : cases) {
    const std::string text = "layers = [" + bad.layer + "]";
    std::string kind = bad.layer.substr(bad.layer.find_first_not_of("{ \""));
    kind = kind.substr(0, kind.find_first_of(" \""));
    expect_error([&] { test::from(text, bad.input); }, Fault::model,
                 "m.toml:1:11: layers.0 (" + kind + "): " + bad.message);
  }
}

// A chain may take the largest before the relu; who watches sees it the other way round.
TEST(ImageLayers, ReluAndMaxPoolMayChangePlaces) {
  const Sequential chain(Conv2d({.in = 2, .out = 3, .kernel = {3}}), Relu(),
                         MaxPool2d({.kernel = {3}, .stride = {2}, .padding = {.zeros = {1}}}));
  std::vector<Tensor> results[2];
  std::vector<std::string> kinds[2];
  for (const bool watched : {false, true}) {
    Graph graph;
    const Value x = input(graph, {DType::f32, {5, 2, 9, 8}});
    Pass pass;
    if (watched) pass.watch = [](const Layer&, const Value&) {};
    const Value y = chain(x, pass);
    for (const Node& node : graph.nodes())
      if (node.op->name == "relu" || node.op->name == "max_pool2d") kinds[watched].push_back(node.op->name);
    Values wanted = {y, gradients(sum(square(y)), Values{x})[0]};
    for (const Value& gradient : gradients(sum(square(y)), chain.parameters())) wanted.push_back(gradient);
    Tensor images = random_tensor(x.type(), 1);
    for (std::int64_t i = 0; i < 40; ++i) images.set(i, 0);  // windows of equals
    results[watched] = reference::run(graph, wanted, reference::feed_inputs(graph, std::span(&images, 1)));
  }
  EXPECT_EQ(kinds[false], (std::vector<std::string>{"max_pool2d", "relu"}));
  EXPECT_EQ(kinds[true], (std::vector<std::string>{"relu", "max_pool2d"}));
  for (std::size_t i = 0; i < results[0].size(); ++i)
    EXPECT_TRUE(results[0][i].same_bits(results[1][i])) << i;
}

TEST(ImageLayers, RefuseInCodeToo) {
  expect_error([] { Conv2d({.in = 3, .out = 4, .groups = 2}); }, Fault::model,
               "conv2d: groups must divide the channels of input and output: 2 groups, 3 and 4 channels.");
  expect_error([] { Conv2d({.in = 3, .out = 4, .kernel = {0}}); }, Fault::model,
               "conv2d: kernel must be at least 1, got 0.");
  expect_error([] { Conv2d({.in = 3, .out = 4, .dtype = DType::i32}); }, Fault::model,
               "conv2d: dtype must be f32 or f64, got i32.");
  expect_error([] { BatchNorm({.channels = 3, .momentum = 2}); }, Fault::model,
               "batch_norm: momentum must be 0 to 1, got 2.");
  expect_error([] { MaxPool2d({.kernel = {2}, .padding = {.zeros = {-1}}}); }, Fault::model,
               "max_pool2d: padding must be at least 0, got -1.");
  Graph graph;
  const Value x = input(graph, {DType::f32, {2, 5, 4, 4}});
  expect_error([&] { Conv2d({.in = 3, .out = 4})(x); }, Fault::model,
               "conv2d: x must have 3 channels along axis 1, it is [2, 5, 4, 4].");
  expect_error([&] { Conv1d({.in = 5, .out = 4})(x); }, Fault::model,
               "conv1d: x must be [N, C, L], it is [2, 5, 4, 4].");
  expect_error([&] { BatchNorm({.channels = 3})(x); }, Fault::model,
               "batch_norm: x must be [N, 3, ...], it is [2, 5, 4, 4].");
  expect_error([&] { LayerNorm({.shape = {3}})(x); }, Fault::model,
               "layer_norm: x must end in the axes [3], it is [2, 5, 4, 4].");
}

TEST(ImageLayers, OptionsOutOfRange) {
  const auto parsed = [](const std::string& layer) { parse_model("layers = [" + layer + "]", "m.toml"); };
  expect_error([&] { parsed("{ conv2d = { filters = 8, kernel = 0 } }"); }, Fault::model,
               "m.toml:1:37: conv2d: kernel must be at least 1, got 0.");
  expect_error(
      [&] { parsed("{ conv2d = { filters = 8 } }"); }, Fault::model,
      "m.toml:1:11: conv2d needs kernel: rows and columns of the kernel. Write { conv2d = { kernel = "
      "... } }.");
  expect_error(
      [&] { parsed("{ conv2d = { filters = 8, kernel = 3, padding = \"smae\" } }"); }, Fault::model,
      "m.toml:1:49: conv2d: padding must be \"valid\", \"same\" or integers, got the string \"smae\".");
  expect_error([&] { parsed("{ conv2d = { filters = 8, kernel = 3, padding = -1 } }"); }, Fault::model,
               "m.toml:1:49: conv2d: padding must be at least 0, got -1.");
  expect_error([&] { parsed("{ conv2d = { filters = 8, kernel = 3, padding = 1.5 } }"); }, Fault::model,
               "m.toml:1:49: conv2d: padding must be \"valid\", \"same\" or integers, got the number 1.5.");
  expect_error([&] { parsed("{ batch_norm = { momentum = 1.5 } }"); }, Fault::model,
               "m.toml:1:28: batch_norm: momentum must be at most 1, got 1.5.");
  expect_error(
      [&] { parsed("{ batch_norm = 0.1 }"); }, Fault::model,
      "m.toml:1:26: batch_norm takes no value of its own, got the number 0.1. Write \"batch_norm\".");
}

}  // namespace
}  // namespace gradus::nn
