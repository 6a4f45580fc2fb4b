#include <gtest/gtest.h>

#include "base/file.h"
#include "io/onnx/call.h"
#include "io/onnx/models.h"
#include "support/evaluate.h"
#include "support/expect_error.h"

namespace gradus::io::onnx {
namespace {

void expect_refusal(const ModelText& text, const std::vector<Tensor>& inputs, const std::string& message,
                    Fault fault = Fault::model) {
  expect_error([&] { text.build(inputs); }, fault, message);
}

std::vector<double> first_output(const ModelText& text, const std::vector<Tensor>& inputs) {
  const Graph graph = text.build(inputs);
  return numbers(evaluate(graph.outputs()[0].second, inputs));
}

const Tensor kTwo = Tensor::of<float>({2}, {-1, 2});

TEST(OnnxBuild, MakesAGraphWithTheModelsNames) {
  ModelText text;
  text.input("x", {-1}).output("y");
  text.node("Relu", {"x"}, {"y"}).set_name("first");
  const Graph graph = text.build({kTwo});
  EXPECT_EQ(graph.outputs()[0].first, "y");
  EXPECT_EQ(graph.outputs()[0].second.node().scope, "first");
  EXPECT_EQ(graph.inputs()[0].node().name, "x");
  EXPECT_EQ(first_output(text, {kTwo}), (std::vector<double>{0, 2}));
}

TEST(OnnxBuild, RefusesInputsThatDoNotFit) {
  ModelText text;
  text.input("x", {2, -1}).output("y");
  text.node("Relu", {"x"}, {"y"});
  expect_refusal(text, {}, "m.onnx: it takes 1 input ('x'), 0 were given.", Fault::usage);
  expect_refusal(text, {kTwo},
                 "m.onnx: the input 'x' takes float [2, any], f32[2] was given. Convert the array.",
                 Fault::data);
  expect_refusal(text, {Tensor(DType::f64, {2, 3})},
                 "m.onnx: the input 'x' takes float [2, any], f64[2, 3] was given. Convert the array.",
                 Fault::data);
}

// Integers that hold every number of the declared type are taken.
TEST(OnnxBuild, WidensIntegers) {
  ModelText text;
  text.input("x", {1}, 7).output("y");
  text.node("Neg", {"x"}, {"y"});
  const Graph graph = text.build({Tensor::of<std::int32_t>({1}, {3})});
  EXPECT_EQ(graph.inputs()[0].dtype(), DType::i64);
}

TEST(OnnxBuild, NamesFileNodeAndOp) {
  ModelText unknown;
  unknown.input("x", {2}).output("y");
  unknown.node("Rellu", {"x"}, {"y"}).set_name("n");
  expect_refusal(
      unknown, {kTwo},
      "m.onnx: node 0 'n' (Rellu): there is no op 'Rellu' of domain 'ai.onnx' in this version. Did you "
      "mean 'Relu'?");

  ModelText shapes;
  shapes.input("x", {2}).input("z", {3}).output("y");
  shapes.node("Add", {"x", "z"}, {"y"});
  expect_refusal(shapes, {kTwo, Tensor(DType::f32, {3})},
                 "m.onnx: node 0 (Add): add in Add: shapes [2] and [3] do not broadcast: axis -1 has 2 and 3 "
                 "elements; they must be equal, or one of them 1.");

  ModelText attribute;
  attribute.input("x", {2}).output("y");
  set_attribute(attribute.node("Relu", {"x"}, {"y"}), "slope", 1);
  expect_refusal(attribute, {kTwo}, "m.onnx: node 0 (Relu): its attribute 'slope' is not supported.");

  ModelText kind;
  kind.input("x", {2}).output("y");
  set_attribute(kind.node("LeakyRelu", {"x"}, {"y"}), "alpha", 1);
  expect_refusal(kind, {kTwo},
                 "m.onnx: node 0 (LeakyRelu): its attribute 'alpha' has the wrong kind of value.");

  ModelText missing;
  missing.input("x", {2}).output("y");
  missing.node("Add", {"x", ""}, {"y"});
  expect_refusal(missing, {kTwo}, "m.onnx: node 0 (Add): its input 1 is needed and left out.");
}

// What shapes depend on is computed before the run: here the shape of x, from x's own extents.
TEST(OnnxBuild, FoldsShapes) {
  ModelText text;
  text.input("x", {-1, -1}).output("y");
  text.integers("one", {1}).integers("minus", {-1});
  text.node("Shape", {"x"}, {"shape"});
  text.node("Gather", {"shape", "one"}, {"columns"});
  text.node("Concat", {"columns", "minus"}, {"wanted"}).add_attribute();
  auto* axis = text.message.mutable_graph()->mutable_node(2)->mutable_attribute(0);
  axis->set_name("axis");
  axis->set_type(::onnx::AttributeProto::INT);
  axis->set_i(0);
  text.node("Reshape", {"x", "wanted"}, {"y"});
  const Graph graph = text.build({Tensor(DType::f32, {4, 3})});
  EXPECT_EQ(graph.outputs()[0].second.shape(), (Shape{3, 4}));
}

// A small file may not ask for endless work or memory.
TEST(OnnxBuild, BoundsWhatAFileCanAskFor) {
  const std::int64_t huge = std::int64_t{1} << 40;
  ModelText memory;
  memory.integers("shape", {huge}).output("y");
  memory.node("ConstantOfShape", {"shape"}, {"y"});
  expect_refusal(
      memory, {},
      "m.onnx: node 0 (ConstantOfShape): it makes an array f32[1099511627776], of more than 64.0 GiB.");

  ModelText known;
  known.integers("shape", {huge / 256}).output("y");
  known.node("ConstantOfShape", {"shape"}, {"zeros"});
  known.node("NonZero", {"zeros"}, {"y"});
  expect_refusal(known, {},
                 "m.onnx: node 1 (NonZero): what must be known before the run takes more than 1.0 GiB, "
                 "f32[4294967296] among it.");

  ModelText loop;
  loop.integers("n", {huge}).input("x", {2}).output("y");
  auto& node = loop.node("Loop", {"n", "", "x"}, {"y"});
  auto* attribute = node.add_attribute();
  attribute->set_name("body");
  attribute->set_type(::onnx::AttributeProto::GRAPH);
  auto* body = attribute->mutable_g();
  for (const char* input : {"i", "c", "x_in"}) body->add_input()->set_name(input);
  for (const char* output : {"c", "x_in"}) body->add_output()->set_name(output);
  expect_refusal(loop, {kTwo}, "m.onnx: node 0 (Loop): the graph grows beyond 200000 nodes.");
}

TEST(OnnxBuild, ChoosesABranch) {
  ModelText text;
  text.input("c", {}, 9).input("x", {2}).output("y");
  auto& node = text.node("If", {"c"}, {"y"});
  for (const auto& [branch, op] : {std::pair{"then_branch", "Relu"}, std::pair{"else_branch", "Neg"}}) {
    auto* attribute = node.add_attribute();
    attribute->set_name(branch);
    attribute->set_type(::onnx::AttributeProto::GRAPH);
    auto* inner = attribute->mutable_g()->add_node();
    inner->set_op_type(op);
    inner->add_input("x");
    inner->add_output("inner");
    attribute->mutable_g()->add_output()->set_name("inner");
  }
  EXPECT_EQ(first_output(text, {Tensor::scalar(1, DType::boolean), kTwo}), (std::vector<double>{0, 2}));
  EXPECT_EQ(first_output(text, {Tensor::scalar(0, DType::boolean), kTwo}), (std::vector<double>{1, -2}));
}

TEST(OnnxBuild, EveryOpIsDocumented) {
  const std::vector<std::byte> bytes = read_file(GRADUS_DOCS "/onnx.md", Fault::data);
  const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  for (const Converter* converter : all_converters()) {
    EXPECT_NE(text.find("`" + std::string(converter->op) + "`"), std::string::npos) << converter->op;
  }
}

TEST(OnnxBuild, ConvertersAreDistinct) {
  const auto all = all_converters();
  for (std::size_t i = 1; i < all.size(); ++i) {
    EXPECT_FALSE(all[i]->op == all[i - 1]->op && all[i]->domain == all[i - 1]->domain) << all[i]->op;
  }
}

}  // namespace
}  // namespace gradus::io::onnx
