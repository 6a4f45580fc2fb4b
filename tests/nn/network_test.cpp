// Networks from descriptions: shapes, options, named models, the summary.
#include <gtest/gtest.h>

#include <cmath>

#include "gradus/nn.h"
#include "gradus/op_def.h"
#include "kernels/reference/run.h"
#include "nn/support.h"
#include "support/expect_error.h"

namespace gradus::nn {
namespace {

using test::described;
using test::from;
using Names = std::vector<std::string>;

TEST(Build, FindsInputSizesFromTheLayersBefore) {
  const Network net =
      from(R"(layers = ["flatten", { dense = 5 }, "relu", { sequential = [{ dense = 4 }] }, { dense = 3 }])",
           {2, 3});
  EXPECT_EQ(described(net.parameters()),
            (Names{"layers.1.weight f32[5, 6]", "layers.1.bias f32[5]", "layers.3.0.weight f32[4, 5]",
                   "layers.3.0.bias f32[4]", "layers.4.weight f32[3, 4]", "layers.4.bias f32[3]"}));
  EXPECT_EQ(net.input, (Shape{2, 3}));
  EXPECT_EQ(net.output, (Shape{3}));
  EXPECT_EQ(net.spec.input, net.input);
}

TEST(Build, HonoursSeedDtypeAndOptions) {
  const std::string text =
      R"(layers = [{ dense = { units = 3, bias = false, freeze = true, init = "constant:value=2" } },
                   { sequential = { layers = [{ dense = { units = 2, lr = 3 } }], lr = 0.5 } }])";
  const Network net = from(text, {4}, {.seed = 5, .dtype = DType::f64});
  EXPECT_EQ(described(net.parameters()),
            (Names{"layers.0.weight f64[3, 4]", "layers.1.0.weight f64[2, 3]", "layers.1.0.bias f64[2]"}));
  const auto p = net.parameters();
  EXPECT_FALSE(p[0].trainable());
  EXPECT_TRUE(p[1].trainable());
  EXPECT_EQ(p[0].lr_scale(), 1);
  EXPECT_EQ(p[1].lr_scale(), 1.5);
  EXPECT_EQ(p[2].lr_scale(), 1.5);
  EXPECT_EQ(p[0].value().at(7), 2);
  const Tensor expected(DType::f64, {2, 3});
  Initializer::glorot_uniform().fill(expected, 5, 1);
  EXPECT_TRUE(p[1].value().same_bits(expected));
}

TEST(Build, IsTheNetworkWrittenInCode) {
  const Network net = from(R"(layers = [{ dense = 5 }, "relu", { dense = 3 }])", {4});
  const Sequential code(Dense({.in = 4, .out = 5}), Relu(), Dense({.in = 5, .out = 3}));
  for (std::size_t i = 0; i < code.parameters().size(); ++i) {
    EXPECT_EQ(code.parameters()[i].name(), net.parameters()[i].name());
    EXPECT_TRUE(code.parameters()[i].value().same_bits(net.parameters()[i].value())) << i;
  }
}

TEST(Build, InputOfTheFileShapesTheData) {
  const Network net = from("input = [2, 6]\nlayers = [\"flatten\", { dense = 3 }]", {3, 4});
  Graph graph;
  const Value y = net(input(graph, {DType::f32, {7, 3, 4}}));
  EXPECT_EQ(y.shape(), (Shape{7, 3}));
  EXPECT_EQ(net.input, (Shape{2, 6}));
  expect_error(
      [&] {
        net(input(graph, {DType::f32, {7, 3}}));
      },
      Fault::model, "network: x must be [7, 2, 6] for examples of [2, 6], it is [7, 3].");
}

TEST(Build, NamesTheLayerThatDoesNotFit) {
  expect_error(
      [] {
        from("layers = [\n  { dense = 10 },\n]", {1, 28, 28});
      },
      Fault::model,
      "m.toml:2:3: layers.0 (dense): it takes examples of one axis, its input is [1, 28, 28]. Put "
      "\"flatten\" before it.");
  expect_error([] { from("layers = [\"relu\", { sequential = [\"relu\", { reshape = [5] }] }]", {4}); },
               Fault::model,
               "m.toml:1:43: reshape in layers.1.1 (reshape): x [1, 4] has 4 elements, [1, 5] would have 5.");
  expect_error([] { from("layers = [{ dense = 1000000 }, { dense = 1000000 }]", {4}); }, Fault::model,
               "m.toml:1:32: layers.1 (dense): a weight [1000000, 1000000] is too large; 2^31 elements are "
               "the limit.");
  expect_error([] { from("layers = [{ softmax = 3 }]", {4}); }, Fault::model,
               "m.toml:1:11: softmax in layers.0 (softmax): there is no axis 3 in x [1, 4].");
  expect_error(
      [] {
        from("input = [784]\nlayers = [\"relu\"]", {28, 29});
      },
      Fault::model,
      "m.toml: input is [784], 784 elements, the data's examples are [28, 29], 812 elements. They must be "
      "equal.");
  expect_error(
      [] { from("layers = [{ dense = 5 }]", {4}, {.outputs = 10}); }, Fault::model,
      "m.toml: the network ends in 5 units, 10 are needed (output [5]). End it with { dense = 10 }.");
  expect_error(
      [] { build({.layers = {{.kind = "dens"}}}, {4}); }, Fault::model,
      "model: there is no layer 'dens'. Did you mean 'dense'? Known are " + test::layer_kinds() + ".");
}

TEST(Summary, HasARowPerLayer) {
  const Network net =
      from(R"(layers = ["flatten", { dense = 5 }, { sequential = ["relu", { dense = 3 }] }])", {2, 3});
  const auto rows = summary(net, 8);
  Names lines;
  for (const SummaryRow& row : rows) {
    lines.push_back(row.path + " " + row.kind + " " + row.output.str() + " " +
                    std::to_string(row.parameters) + " " + std::to_string(row.flops));
  }
  EXPECT_EQ(lines, (Names{"layers.0 flatten [8, 6] 0 0", "layers.1 dense [8, 5] 35 480",
                          "layers.2.0 relu [8, 5] 0 0", "layers.2.1 dense [8, 3] 18 240"}));
}

}  // namespace
}  // namespace gradus::nn
