// residual, dense_block, transition, parallel: names, shapes, formulas, refusals.
#include <gtest/gtest.h>

#include <cmath>

#include "gradus/check.h"
#include "nn/support.h"
#include "support/evaluate.h"
#include "support/expect_error.h"

namespace gradus::nn {
namespace {

using Names = std::vector<std::string>;

constexpr const char* kBody =
    R"([{ conv2d = { filters = 4, kernel = 3, padding = 1, stride = 2, bias = false } },
                                  "batch_norm"])";

Network residual(const std::string& options, const Shape& input) {
  return test::from("layers = [\"relu\", { residual = { layers = " + std::string(kBody) + options + " } }]",
                    input);
}

Names names(const Network& network) {
  Names list;
  for (const std::string& text : test::described(network.parameters())) list.push_back(text);
  return list;
}

TEST(Residual, NamesItsLayersThenTheProjection) {
  const Names body = {"layers.1.0.weight f32[4, 2, 3, 3]", "layers.1.1.weight f32[4]",
                      "layers.1.1.bias f32[4]"};
  const auto with = [&](const Names& more) {
    Names list = body;
    list.insert(list.end(), more.begin(), more.end());
    return list;
  };
  EXPECT_EQ(names(residual("", {2, 7, 8})),
            with({"layers.1.2.weight f32[4, 2, 1, 1]", "layers.1.2.bias f32[4]"}));
  EXPECT_EQ(names(residual(", bias = false", {2, 7, 8})), with({"layers.1.2.weight f32[4, 2, 1, 1]"}));
  EXPECT_EQ(names(residual(", shortcut = \"projection_norm\"", {2, 7, 8})),
            with({"layers.1.2.0.weight f32[4, 2, 1, 1]", "layers.1.2.1.weight f32[4]",
                  "layers.1.2.1.bias f32[4]"}));
  EXPECT_EQ(names(residual(", shortcut = \"zero_pad\"", {2, 7, 8})), body);
  EXPECT_EQ(residual("", {2, 7, 8}).output, (Shape{4, 4, 4}));
}

TEST(Residual, ProjectsWhereShapesDifferOrAlways) {
  const std::string body = "layers = [{ dense = 3 }, \"tanh\"]";
  const auto entry = [&](const std::string& shortcut, const Shape& input) {
    return names(test::from("layers = [{ residual = { " + body + shortcut + " } }]", input)).size();
  };
  EXPECT_EQ(entry("", {3}), 2u);
  EXPECT_EQ(entry(", shortcut = \"projection_norm\"", {3}), 2u);
  EXPECT_EQ(entry(", shortcut = \"projection\"", {3}), 4u);
  EXPECT_EQ(entry("", {5}), 4u);
  EXPECT_EQ(entry(", shortcut = \"zero_pad\"", {2}), 2u);
  EXPECT_EQ(
      test::from(
          "layers = [{ residual = [{ conv1d = { filters = 3, kernel = 3, padding = 1, stride = 2 } }] }]",
          {2, 9})
          .parameters()[2]
          .type()
          .shape,
      (Shape{3, 2, 1}));
}

std::vector<double> applied(const std::string& text, const Tensor& x) {
  const Network network = test::from("layers = [" + text + "]", x.shape().without(0), {.dtype = DType::f64});
  Graph graph;
  return numbers(evaluate(network(constant(graph, x), {.training = false})));
}

TEST(Residual, AddsXAndThenActivates) {
  const Tensor x = Tensor::of<double>({1, 3}, {-2, 0.5, 3});
  EXPECT_EQ(applied("{ residual = [\"relu\"] }", x), (std::vector<double>{-2, 1, 6}));
  EXPECT_EQ(applied("{ residual = { layers = [\"relu\"], activation = \"relu\" } }", x),
            (std::vector<double>{0, 1, 6}));
  EXPECT_EQ(applied("{ residual = [] }", x), (std::vector<double>{-4, 1, 6}));
}

TEST(Residual, ZeroPadTakesEveryOtherPixelAndAddsChannels) {
  const Tensor x = Tensor::of<double>({1, 1, 3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9});
  const std::vector<double> y = applied(
      "{ residual = { shortcut = \"zero_pad\", layers = [{ conv2d = { filters = 2, kernel = 3, padding = 1, "
      "stride "
      "= 2, bias = false, init = \"zeros\" } }] } }",
      x);
  EXPECT_EQ(y, (std::vector<double>{1, 3, 7, 9, 0, 0, 0, 0}));
}

TEST(Residual, Refusals) {
  expect_error(
      [] {
        test::from("layers = [{ residual = [{ conv2d = { filters = 2, kernel = 2 } }] }]", {2, 5, 5});
      },
      Fault::model,
      "m.toml:1:11: layers.0 (residual): its layers take [2, 5, 5] to [2, 4, 4]: no stride of a shortcut "
      "does "
      "the same. Let them shrink the image by a whole factor, with padding = \"same\".");
  expect_error(
      [] {
        test::from("layers = [{ residual = [\"flatten\"] }]", {2, 5, 5});
      },
      Fault::model,
      "m.toml:1:11: layers.0 (residual): its layers take [2, 5, 5] to [50], which no shortcut can follow. "
      "Let "
      "them keep the number of axes (1 to 3).");
  expect_error(
      [] {
        test::from("layers = [{ residual = { layers = [{ dense = 2 }], shortcut = \"zero_pad\" } }]", {3});
      },
      Fault::model,
      "m.toml:1:11: layers.0 (residual): its layers take [3] to [2]: zero_pad cannot take channels away. Use "
      "shortcut "
      "= \"projection\".");
  expect_error(
      [] { parse_model("layers = [{ residual = { layers = [], shortcut = \"projecton\" } }]", "m"); },
      Fault::model,
      "m:1:39: residual: there is no shortcut 'projecton'. Did you mean 'projection'? Known are auto, "
      "projection, projection_norm, zero_pad.");
  expect_error(
      [] { parse_model("layers = [{ residual = { layers = [], activation = \"rleu\" } }]", "m"); },
      Fault::model,
      "m:1:39: residual: there is no activation 'rleu'. Did you mean 'relu'? Known are elu, gelu, identity, "
      "leaky_relu, relu, selu, sigmoid, silu, softplus, tanh.");
  expect_error(
      [] {
        test::from("layers = [{ residual = [\"relu\",\n{ conv2d = { filters = 2, kernel = 9 } }] }]",
                   {2, 5, 5});
      },
      Fault::model,
      "m.toml:2:1: layers.0.1 (conv2d): its window reaches over 9 elements, x has 5 and 0 of padding along "
      "that axis. Use a smaller kernel, padding = \"same\", or fewer steps that shrink the image before it.");
  Graph graph;
  const Value x = input(graph, {DType::f32, {2, 3}});
  const Residual residual({.layers = {std::make_shared<Dense>(DenseOptions{.in = 3, .out = 2})}});
  expect_error(
      [&] { residual(x); }, Fault::model,
      "residual: its layers give [2, 2], its shortcut [2, 3]. Give ResidualOptions.projection a layer that "
      "brings x to their shape.");
}

TEST(DenseBlock, NamesAndChannelsOfTheThreeJoins) {
  const auto block = [](const std::string& options) {
    return test::from("layers = [\"relu\", { dense_block = { layers = 2, growth = 3" + options + " } }]",
                      {4, 5, 5});
  };
  const Network concatenate = block("");
  EXPECT_EQ(concatenate.output, (Shape{10, 5, 5}));
  EXPECT_EQ(
      test::described(concatenate.variables()),
      (Names{"layers.1.0.0.weight f32[4]", "layers.1.0.0.bias f32[4]", "layers.1.0.0.running_mean f32[4]",
             "layers.1.0.0.running_var f32[4]", "layers.1.0.2.weight f32[3, 4, 3, 3]",
             "layers.1.1.0.weight f32[7]", "layers.1.1.0.bias f32[7]", "layers.1.1.0.running_mean f32[7]",
             "layers.1.1.0.running_var f32[7]", "layers.1.1.2.weight f32[3, 7, 3, 3]"}));
  const Network product = block(", join = \"product\"");
  EXPECT_EQ(product.output, (Shape{4, 5, 5}));
  EXPECT_EQ(product.parameters()[2].type().shape, (Shape{4, 4, 3, 3}));
  const Network branch = block(", join = \"branch\"");
  EXPECT_EQ(branch.output, (Shape{10, 5, 5}));
  EXPECT_EQ(branch.parameters()[5].type().shape, (Shape{3, 4, 3, 3}));
  const Network bottleneck = block(", bottleneck = true");
  EXPECT_EQ(bottleneck.output, (Shape{10, 5, 5}));
  EXPECT_EQ(names(bottleneck)[2], "layers.1.0.2.weight f32[12, 4, 1, 1]");
  EXPECT_EQ(names(bottleneck)[5], "layers.1.0.5.weight f32[3, 12, 3, 3]");
}

// What H gives is taken from the graph: the block's output is checked to join those values as it should.
TEST(DenseBlock, JoinsAsItsFormulaSays) {
  for (const std::string join : {"concatenate", "product", "branch"}) {
    const Network network =
        test::from("layers = [{ dense_block = { layers = 2, growth = 2, join = \"" + join + "\" } }]",
                   {2, 3, 3}, {.dtype = DType::f64});
    Graph graph;
    const Value x = input(graph, {DType::f64, {2, 2, 3, 3}});
    Values h;
    const Value y = network(x, {.watch = [&](const Layer& layer, const Value& value) {
                              if (layer.kind() == "sequential" && layer.path() != "layers")
                                h.push_back(value);
                            }});
    ASSERT_EQ(h.size(), 2u);
    const Value expected = join == "product" ? x * h[0] * h[1] : concat({x, h[0], h[1]}, {.axis = 1});
    const std::vector<Tensor> in = {random_tensor(x.type(), 1)};
    EXPECT_EQ(numbers(evaluate(y, in)), numbers(evaluate(expected, in))) << join;
  }
}

TEST(DenseBlock, Refusals) {
  expect_error([] { test::from("layers = [{ dense_block = 2 }]", {4}); }, Fault::model,
               "m.toml:1:11: layers.0 (dense_block): it takes images [C, H, W], its input is [4]. Put { "
               "reshape = [1, 2, "
               "2] } before it.");
  expect_error([] { parse_model("layers = [{ dense_block = { layers = 2, join = \"add\" } }]", "m"); },
               Fault::model,
               "m:1:41: dense_block: there is no join 'add'. Known are branch, concatenate, product.");
  expect_error([] { parse_model("layers = [{ dense_block = { growth = 2 } }]", "m"); }, Fault::model,
               "m:1:11: dense_block needs layers: how many H. Write { dense_block = { layers = ... } }.");
}

TEST(Transition, CompressesAndHalves) {
  const Network network = test::from("layers = [{ transition = 0.5 }, \"transition\"]", {7, 8, 10});
  EXPECT_EQ(network.output, (Shape{3, 2, 2}));
  EXPECT_EQ(names(network), (Names{"layers.0.0.weight f32[7]", "layers.0.0.bias f32[7]",
                                   "layers.0.2.weight f32[3, 7, 1, 1]", "layers.1.0.weight f32[3]",
                                   "layers.1.0.bias f32[3]", "layers.1.2.weight f32[3, 3, 1, 1]"}));
  expect_error(
      [] {
        test::from("layers = [{ transition = 0.1 }]", {7, 8, 10});
      },
      Fault::model, "m.toml:1:11: layers.0 (transition): compression 0.1 leaves nothing of 7 channels.");
}

TEST(Parallel, JoinsItsBranches) {
  const Tensor x = Tensor::of<double>({1, 2}, {-1, 3});
  const std::string branches = "branches = [\"relu\", [\"relu\", \"identity\"], \"identity\"]";
  EXPECT_EQ(applied("{ parallel = { " + branches + " } }", x), (std::vector<double>{0, 3, 0, 3, -1, 3}));
  EXPECT_EQ(applied("{ parallel = { " + branches + ", join = \"add\" } }", x), (std::vector<double>{-1, 9}));
  EXPECT_EQ(applied("{ parallel = { " + branches + ", join = \"product\" } }", x),
            (std::vector<double>{0, 27}));
  EXPECT_EQ(names(test::from("layers = [{ parallel = [[\"relu\", { dense = 2 }], { dense = 3 }] }]", {4})),
            (Names{"layers.0.0.1.weight f32[2, 4]", "layers.0.0.1.bias f32[2]", "layers.0.1.weight f32[3, 4]",
                   "layers.0.1.bias f32[3]"}));
}

TEST(Parallel, Refusals) {
  expect_error(
      [] {
        test::from("layers = [{ parallel = { branches = [{ dense = 2 }, { dense = 3 }], join = \"add\" } }]",
                   {4});
      },
      Fault::model,
      "m.toml:1:11: layers.0 (parallel): branches give [1, 2] and [1, 3]; their shapes must be equal.");
  expect_error(
      [] {
        test::from("layers = [{ parallel = [\"flatten\", \"relu\"] }]", {2, 3});
      },
      Fault::model,
      "m.toml:1:11: layers.0 (parallel): branches give [1, 6] and [1, 2, 3]; they must agree but for the "
      "channels, axis 1.");
  expect_error(
      [] {
        test::from("layers = [{ parallel = [] }]", {2, 3});
      },
      Fault::model, "m.toml:1:11: layers.0 (parallel): it needs at least one branch.");
}

double largest(const Variable& weight) {
  double result = 0;
  for (const double x : numbers(weight.value())) result = std::max(result, std::abs(x));
  return result;
}

// He's bound sqrt(6 / fan_in) where a rectifier follows, through normalization and out of nested layers.
TEST(Initialization, LooksThroughLayersThatPassOn) {
  const auto he = [](const Variable& weight) {
    const Shape& shape = weight.type().shape;
    const double fan_in = static_cast<double>(shape.size() / shape[0]),
                 fan_out = static_cast<double>(shape.size() / shape[1]);
    const double bound = std::sqrt(6 / fan_in), glorot = std::sqrt(6 / (fan_in + fan_out));
    EXPECT_GT(largest(weight), 0.9 * glorot);
    EXPECT_LT(largest(weight), bound);
    return largest(weight) > glorot;
  };
  const std::string conv = "{ conv2d = { filters = 16, kernel = 3, padding = 1, bias = false } }";
  const auto first = [&](const std::string& rest) {
    return he(test::from("layers = [" + conv + rest + "]", {16, 8, 8}).parameters()[0]);
  };
  EXPECT_TRUE(first(", \"batch_norm\", \"relu\""));
  EXPECT_TRUE(first(", \"batch_norm\", { max_pool2d = 2 }, { dropout = 0.5 }, \"relu\""));
  EXPECT_FALSE(first(", \"batch_norm\", \"tanh\""));
  EXPECT_FALSE(first(", \"batch_norm\""));
  EXPECT_TRUE(first(", { residual = [\"batch_norm\", \"relu\"] }"));
  EXPECT_FALSE(first(", { residual = [\"tanh\"] }"));
  EXPECT_TRUE(first(", { dense_block = 1 }"));
  EXPECT_TRUE(first(", \"transition\""));
  // The last convolution of a residual counts on what follows the sum.
  const auto inner = [&](const std::string& options, const std::string& rest) {
    return he(test::from("layers = [{ residual = { layers = [" + conv + ", \"batch_norm\"]" + options +
                             " } }" + rest + "]",
                         {16, 8, 8})
                  .parameters()[0]);
  };
  EXPECT_TRUE(inner(", activation = \"relu\"", ""));
  EXPECT_TRUE(inner("", ", \"relu\""));
  EXPECT_FALSE(inner("", ""));
  EXPECT_FALSE(inner(", activation = \"tanh\"", ", \"relu\""));
}

TEST(CompositeLayers, GradientsOfWholeNetworks) {
  const std::vector<std::string> networks = {
      R"({ residual = { activation = "tanh", layers = [
           { conv2d = { filters = 2, kernel = 3, padding = 1, bias = false } }, "batch_norm", "tanh",
           { conv2d = { filters = 2, kernel = 3, padding = 1 } }] } })",
      R"({ residual = { shortcut = "projection_norm", layers = [
           "batch_norm", "tanh", { conv2d = { filters = 4, kernel = 3, padding = 1, stride = 2 } }] } })",
      R"({ residual = { shortcut = "zero_pad", layers = [
           { conv2d = { filters = 4, kernel = 3, padding = 1, stride = 2 } }] } })",
      R"({ dense_block = { layers = 2, growth = 2 } })",
      R"({ dense_block = { layers = 2, join = "product" } })",
      R"({ dense_block = { layers = 2, growth = 2, join = "branch", bottleneck = true } })",
      R"("transition")",
      R"({ parallel = { join = "product", branches = [
           ["tanh", { conv2d = { filters = 2, kernel = 1 } }], "batch_norm"] } })",
  };
  for (const std::string& text : networks) {
    const Network network = test::from("layers = [{ conv2d = { filters = 2, kernel = 3 } }, " + text +
                                           ", \"global_avg_pool2d\", { dense = 2 }]",
                                       {1, 6, 6}, {.dtype = DType::f64});
    Graph graph;
    const Value x = input(graph, {DType::f64, {3, 1, 6, 6}});
    const Value loss = mean(square(network(x)));
    Values xs = {x};
    for (const Variable& parameter : network.parameters()) xs.push_back(read(graph, parameter));
    const auto check = check_gradients(loss, xs, std::vector{random_tensor(x.type(), 2)});
    EXPECT_TRUE(check.passed()) << text << ": " << check.summary();
  }
}

}  // namespace
}  // namespace gradus::nn
