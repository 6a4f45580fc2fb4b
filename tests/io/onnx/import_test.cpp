// Networks through ONNX files and back.
#include <gtest/gtest.h>

#include <cmath>

#include "gradus/grad.h"
#include "gradus/onnx_network.h"
#include "networks.h"
#include "support/expect_error.h"

namespace gradus::io::onnx::test {
namespace {

nn::Network again(const nn::Network& network, const ExportOptions& options = {}) {
  const Imported imported = to_network(parse(network_bytes(network, options), "m.onnx"));
  nn::Network back = nn::build(imported.spec, *imported.spec.input);
  set_weights(back, imported);
  return back;
}

void expect_near(const Tensor& a, const Tensor& b) {
  ASSERT_EQ(a.shape(), b.shape());
  double scale = 1;
  for (std::int64_t i = 0; i < a.size(); ++i) scale = std::max(scale, std::abs(a.at(i)));
  for (std::int64_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a.at(i), b.at(i), 1e-5 * scale) << i;
}

TEST(OnnxImport, NetworksComeBackWithTheSameOutputs) {
  for (const Case& one : all_cases()) {
    SCOPED_TRACE(one.name);
    const nn::Network network = built(one.spec);
    const nn::Network back = again(network);
    const Tensor x = examples(network, 2);
    expect_near(output_of(network, x), output_of(back, x));
  }
}

TEST(OnnxImport, FilesRunAsTheyAre) {
  for (const Case& one : layer_cases()) {
    SCOPED_TRACE(one.name);
    const nn::Network network = built(one.spec);
    const Tensor x = examples(network, 3);
    Session session(compile(build(parse(network_bytes(network), "m.onnx"), {{x}}), {.threads = 1}));
    session.feed(0, x);
    session.run();
    expect_near(output_of(network, x), session.output(0));
  }
}

// Names of variables, too, unless a transition became the layers it is made of.
TEST(OnnxImport, TheZooComesBackWithItsNames) {
  for (const Case& one : zoo_cases()) {
    SCOPED_TRACE(one.name);
    const nn::Network network = nn::build(one.spec, *one.spec.input), back = again(network);
    ASSERT_EQ(back.variables().size(), network.variables().size());
    if (nn::to_toml(one.spec).find("transition") != std::string::npos) continue;
    for (std::size_t i = 0; i < back.variables().size(); ++i)
      EXPECT_EQ(back.variables()[i].name(), network.variables()[i].name());
  }
}

// They train on: every parameter gets a gradient.
TEST(OnnxImport, NetworksTrainOn) {
  for (const Case& one : layer_cases()) {
    SCOPED_TRACE(one.name);
    const nn::Network back = again(built(one.spec));
    const Tensor x = examples(back, 4);
    Graph graph;
    const Variable counter("counter", {DType::i64, {2}}, Role::control);
    const Value y = back(input(graph, x.type(), "x"), {.training = true, .counter = counter});
    const Value loss = sum(square(y));
    graph.output(loss, "loss");
    std::vector<Variable> parameters = back.parameters();
    Values reads;
    for (const Variable& parameter : parameters) reads.push_back(read(graph, parameter));
    for (const Value& gradient : gradients(loss, reads)) EXPECT_TRUE(static_cast<bool>(gradient));
  }
}

TEST(OnnxImport, ScalingComesBack) {
  const Case one = from_text("scaled", "input = [3]\nlayers = [{ dense = 2 }]\n");
  const Scaling scaling{Tensor::of<double>({3}, {1990.3, 0, -2e6}), Tensor::of<double>({3}, {5.5, 1, 0.25})};
  const Imported back = to_network(parse(network_bytes(built(one.spec), {.scaling = scaling}), "m.onnx"));
  ASSERT_TRUE(back.scaling.has_value());
  for (int i = 0; i < 3; ++i) {
    EXPECT_NEAR(back.scaling->mean.at(i), scaling.mean.at(i), 1e-9 * std::abs(scaling.mean.at(i)));
    EXPECT_EQ(back.scaling->std.at(i), static_cast<float>(scaling.std.at(i)));
  }
}

TEST(OnnxImport, MetadataComesBack) {
  const Case one = from_text("plain", "input = [3]\nlayers = [\"relu\"]\n");
  const std::map<std::string, std::string> said = {{"a", "1"}, {"b", "\n2"}};
  EXPECT_EQ(to_network(parse(network_bytes(built(one.spec), {.metadata = said}), "m.onnx")).metadata, said);
}

// Whatever a damaged file says: an Error, or a network whose variables fit.
TEST(OnnxImport, DamagedFilesAreRefusedOrFit) {
  std::uint64_t number = 0;
  int refused = 0;
  for (const Case& one : layer_cases()) {
    const std::vector<std::byte> bytes = network_bytes(built(one.spec));
    for (int round = 0; round < 60; ++round) {
      std::vector<std::byte> damaged = bytes;
      const Tensor places = random_tensor({DType::f64, {6}}, ++number);
      for (int i = 0; i < 3; ++i) {
        const double share = std::abs(places.at(i)) - std::floor(std::abs(places.at(i)));
        const auto place = static_cast<std::size_t>(share * static_cast<double>(bytes.size()));
        damaged[place] = static_cast<std::byte>(static_cast<int>(std::abs(places.at(3 + i)) * 100) & 255);
      }
      try {
        const Imported imported = to_network(parse(damaged, "m.onnx"));
        set_weights(nn::build(imported.spec, *imported.spec.input), imported);
      } catch (const Error&) {
        ++refused;
      }
    }
  }
  EXPECT_GT(refused, 100);
}

// ---- Files of others, as plain structs.

Array fixed(const std::string& name, const Tensor& value) {
  return {name, value.dtype() == DType::i64 ? Element::i64 : Element::f32, value};
}

// x [N, 6] through `nodes` to y.
Model model_of(const std::vector<NodeInfo>& nodes, const std::vector<Array>& initializers = {},
               const std::vector<std::int64_t>& extents = {-1, 6}) {
  Model model{.where = "m.onnx", .ir_version = 8, .opsets = {{"", 17}}, .metadata = {}, .graph = {}};
  model.graph.inputs = {{"x", Element::f32, extents}};
  model.graph.outputs = {{"y", Element::f32, {}}};
  model.graph.nodes = nodes;
  model.graph.initializers = initializers;
  return model;
}

NodeInfo node(const std::string& op, const std::vector<std::string>& inputs, const std::string& output,
              const std::vector<Attribute>& attributes = {}) {
  return {op, "", "", inputs, {output}, attributes};
}

std::string layers_of(const Model& model) {
  std::string text;
  for (const nn::LayerSpec& layer : to_network(model).spec.layers)
    text += (text.empty() ? "" : " ") + layer.kind;
  return text;
}

TEST(OnnxImport, MatMulAndAddAreADenseLayer) {
  const Array weight = fixed("w", random_tensor({DType::f32, {6, 3}}, 1));
  const Array bias = fixed("b", random_tensor({DType::f32, {3}}, 2));
  const std::vector<NodeInfo> nodes = {node("MatMul", {"x", "w"}, "m"), node("Add", {"b", "m"}, "y")};
  const Imported imported = to_network(model_of(nodes, {weight, bias}));
  ASSERT_EQ(imported.weights.size(), 2u);
  EXPECT_EQ(imported.weights[0].shape(), (Shape{3, 6}));
  EXPECT_EQ(imported.weights[0].at(1), weight.value.at(3));
}

// x.view(x.size(0), -1) as torch writes it.
TEST(OnnxImport, ABatchThatIsReadFromTheInputStaysOpen) {
  const Array zero = fixed("0", Tensor(DType::i64, {})),
              rest = fixed("-1", Tensor::of<std::int64_t>({1}, {-1}));
  const Array axes = fixed("axes", Tensor(DType::i64, {1}));
  EXPECT_EQ(layers_of(model_of({node("Shape", {"x"}, "s"), node("Gather", {"s", "0"}, "n"),
                                node("Unsqueeze", {"n", "axes"}, "u"),
                                node("Concat", {"u", "-1"}, "shape", {{"axis", std::int64_t{0}}}),
                                node("Reshape", {"x", "shape"}, "y")},
                               {zero, rest, axes}, {-1, 2, 3})),
            "flatten");
}

// As torchvision's DenseNet has it: every concatenation names all parts.
TEST(OnnxImport, ConcatenationsOfAllPartsAreChained) {
  const Attribute channels{"axis", std::int64_t{1}};
  EXPECT_EQ(
      layers_of(model_of({node("Relu", {"x"}, "a"), node("Concat", {"x", "a"}, "xa", {channels}),
                          node("Tanh", {"xa"}, "b"), node("Concat", {"x", "a", "b"}, "y", {channels})})),
      "parallel parallel");
}

TEST(OnnxImport, WhatNoLayerDoesIsNamed) {
  const auto refused = [](const Model& model, const std::string& message) {
    expect_error([&] { to_network(model); }, Fault::model, message);
  };
  refused(
      model_of({node("Relu", {"x"}, "r"), node("Cos", {"r"}, "y")}),
      "m.onnx: node 1 (Cos): no layer of Gradus does this to values [6]. Layers are made of Add, "
      "AveragePool, "
      "BatchNormalization, Concat, Conv, ConvTranspose, Div, Dropout, Elu, Flatten, Gemm, GlobalAveragePool, "
      "Identity, LayerNormalization, LeakyRelu, MatMul, MaxPool, Mul, ReduceMean, Relu, Reshape, Selu, "
      "Sigmoid, "
      "Softmax, Softplus, Sum, Tanh; 'gradus run' takes other nodes, too.");
  refused(model_of({node("Relu", {"x"}, "r"), node("Gemm", {"r", "w"}, "y", {{"transA", std::int64_t{1}}})},
                   {fixed("w", Tensor(DType::f32, {6, 6}))}),
          "m.onnx: node 1 (Gemm): its transA must be 0: rows are examples.");
  refused(model_of({node("Relu", {"x"}, "y")}, {}, {-1, -1}),
          "m.onnx: its input 'x' must be float [N, ...] with every extent but the first one given. Save the "
          "model "
          "with the shape of its examples.");
  refused(
      model_of({node("Relu", {"x"}, "a"), node("Tanh", {"a"}, "b"), node("Sigmoid", {"a"}, "c"),
                node("Add", {"b", "c"}, "d"), node("Mul", {"d", "x"}, "e"), node("Sub", {"e", "x"}, "y")}),
      "m.onnx: node 5 (Sub): no layer of Gradus joins paths by it. Add, Sum, Mul and Concat are supported.");
}

}  // namespace
}  // namespace gradus::io::onnx::test
