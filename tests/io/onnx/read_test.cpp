#include <gtest/gtest.h>

#include "io/onnx/models.h"
#include "support/expect_error.h"

namespace gradus::io::onnx {
namespace {

std::string message_of(const ModelText& model) {
  try {
    model.read();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::model);
    return error.what();
  }
  return "";
}

TEST(OnnxRead, TellsWhatTheFileSays) {
  ModelText text;
  text.input("x", {2, -1}).input("w", {3}).output("y");
  text.initializer("w", {3}, 1).set_raw_data(std::string(12, '\0'));
  auto& node = text.node("Gemm", {"x", "w"}, {"y"});
  node.set_name("layer");
  set_attribute(node, "transB", 1);
  auto* entry = text.message.add_metadata_props();
  entry->set_key("made by");
  entry->set_value("a test");

  const Model model = text.read();
  EXPECT_EQ(model.where, "m.onnx");
  EXPECT_EQ(model.ir_version, 8);
  EXPECT_EQ(model.opsets.at(""), 17);
  EXPECT_EQ(model.metadata.at("made by"), "a test");
  ASSERT_EQ(model.wanted().size(), 1u);  // w has an initializer
  EXPECT_EQ(model.wanted()[0].name, "x");
  EXPECT_EQ(*model.wanted()[0].extents, (std::vector<std::int64_t>{2, -1}));
  ASSERT_EQ(model.graph.nodes.size(), 1u);
  EXPECT_EQ(model.graph.nodes[0].op, "Gemm");
  EXPECT_EQ(model.graph.nodes[0].name, "layer");
  EXPECT_EQ(std::get<std::int64_t>(model.graph.nodes[0].attributes[0].value), 1);
}

// Each element type, in the field that holds it: the numbers 1 and 2.
TEST(OnnxRead, HoldsEveryElementType) {
  struct Case {
    int number;
    DType held;
    void (*fill)(::onnx::TensorProto&);
  };
  const auto whole = [](::onnx::TensorProto& t) {
    t.add_int32_data(1);
    t.add_int32_data(2);
  };
  const Case cases[] = {
      {1, DType::f32, [](auto& t) { t.add_float_data(1), t.add_float_data(2); }},
      {11, DType::f64, [](auto& t) { t.add_double_data(1), t.add_double_data(2); }},
      {2, DType::u8, whole},
      {3, DType::i32, whole},
      {4, DType::i32, whole},
      {5, DType::i32, whole},
      {6, DType::i32, whole},
      {7, DType::i64, [](auto& t) { t.add_int64_data(1), t.add_int64_data(2); }},
      {12, DType::i64, [](auto& t) { t.add_uint64_data(1), t.add_uint64_data(2); }},
      {13, DType::i64, [](auto& t) { t.add_uint64_data(1), t.add_uint64_data(2); }},
      {10, DType::f32, [](auto& t) { t.add_int32_data(0x3c00), t.add_int32_data(0x4000); }},
      {16, DType::f32, [](auto& t) { t.set_raw_data(std::string("\x80\x3f\x00\x40", 4)); }},
  };
  for (const Case& one : cases) {
    ::onnx::TensorProto tensor;
    tensor.set_data_type(one.number);
    tensor.add_dims(2);
    one.fill(tensor);
    const std::string bytes = tensor.SerializeAsString();
    const Array array = parse_tensor(std::as_bytes(std::span(bytes)), "t.pb");
    EXPECT_EQ(array.value.dtype(), one.held) << name(array.element);
    EXPECT_EQ(array.value.at(0), 1) << name(array.element);
    EXPECT_EQ(array.value.at(1), 2) << name(array.element);
    EXPECT_EQ(held_as(array.element), one.held) << name(array.element);
  }
}

TEST(OnnxRead, RefusesTensors) {
  struct Case {
    void (*spoil)(::onnx::TensorProto&);
    const char* message;
  };
  const Case cases[] = {
      {[](auto& t) { t.set_data_location(::onnx::TensorProto::EXTERNAL); },
       "m.onnx: tensor 'w': its data lies in another file. Save the model with its data inside."},
      {[](auto& t) { t.add_external_data()->set_key("location"); },
       "m.onnx: tensor 'w': its data lies in another file. Save the model with its data inside."},
      {[](auto& t) { t.set_dims(0, -1); },
       "m.onnx: tensor 'w': an axis has -1 elements. Extents are 0 or more."},
      {[](auto& t) { t.set_dims(0, std::int64_t{1} << 40); },
       "m.onnx: tensor 'w': float [1099511627776, 2] needs 2199023255552 elements of 4 bytes, 16 bytes are "
       "there."},
      {[](auto& t) { t.set_raw_data("abc"); },
       "m.onnx: tensor 'w': float [2, 2] needs 4 elements of 4 bytes, 3 bytes are there."},
      {[](auto& t) { t.set_data_type(8); },
       "m.onnx: tensor 'w': elements of type string (8) are not supported."},
      {[](auto& t) { t.set_data_type(99); },
       "m.onnx: tensor 'w': elements of type undefined (99) are not supported."},
      {[](auto& t) { t.mutable_segment()->set_begin(1); },
       "m.onnx: tensor 'w': it is a part of a tensor. Save it whole."},
  };
  for (const Case& one : cases) {
    ModelText text;
    auto& tensor = text.initializer("w", {2, 2}, 1);
    tensor.set_raw_data(std::string(16, '\0'));
    one.spoil(tensor);
    EXPECT_EQ(message_of(text), one.message);
  }
}

TEST(OnnxRead, RefusesNamesThatMakeNoSense) {
  ModelText unmade;
  unmade.input("x", {2}).output("y");
  unmade.node("Relu", {"z"}, {"y"}).set_name("r\x1b");
  EXPECT_EQ(message_of(unmade),
            "m.onnx: node 0 'r?' (Relu): its input 'z' is made by no input, initializer or node before it.");

  ModelText late;
  late.input("x", {2}).output("y");
  late.node("Relu", {"h"}, {"y"});
  late.node("Relu", {"x"}, {"h"});
  EXPECT_EQ(message_of(late),
            "m.onnx: node 0 (Relu): its input 'h' is made by no input, initializer or node before it.");

  ModelText twice;
  twice.input("x", {2}).output("y");
  twice.node("Relu", {"x"}, {"y"});
  twice.node("Abs", {"x"}, {"y"});
  EXPECT_EQ(message_of(twice), "m.onnx: node 1 (Abs): its output 'y' is made twice.");

  ModelText nothing;
  nothing.input("x", {2}).output("y");
  EXPECT_EQ(message_of(nothing), "m.onnx: nothing makes the output 'y'.");

  ModelText attribute;
  attribute.input("x", {2}).output("y");
  auto& node = attribute.node("Relu", {"x"}, {"y"});
  set_attribute(node, "a", 1);
  set_attribute(node, "a", 2);
  EXPECT_EQ(message_of(attribute), "m.onnx: node 0 (Relu): attribute 'a' is given twice.");
}

// Names inside a body are looked up around it; it cannot see what comes later.
TEST(OnnxRead, ChecksBodies) {
  ModelText text;
  text.input("c", {}, 9).input("x", {2}).output("y");
  auto& node = text.node("If", {"c"}, {"y"});
  for (const char* branch : {"then_branch", "else_branch"}) {
    auto* attribute = node.add_attribute();
    attribute->set_name(branch);
    attribute->set_type(::onnx::AttributeProto::GRAPH);
    auto* inner = attribute->mutable_g()->add_node();
    inner->set_op_type("Relu");
    inner->add_input("x");
    inner->add_output("inner");
    attribute->mutable_g()->add_output()->set_name("inner");
  }
  EXPECT_EQ(message_of(text), "");
  node.mutable_attribute(1)->mutable_g()->mutable_node(0)->set_input(0, "y");
  EXPECT_EQ(
      message_of(text),
      "m.onnx: node 0 (If): 'else_branch': node 0 (Relu): its input 'y' is made by no input, initializer "
      "or node before it.");
}

TEST(OnnxRead, RefusesWhatIsNoModel) {
  const std::string text = "solid name\n facet normal 0 0 1\n";
  expect_error([&] { parse(std::as_bytes(std::span(text)), "a.onnx"); }, Fault::model,
               "a.onnx: it is no ONNX model: the bytes do not make up its messages.");
  expect_error([&] { parse({}, "a.onnx"); }, Fault::model, "a.onnx: it is no ONNX model: it holds no graph.");
}

}  // namespace
}  // namespace gradus::io::onnx
