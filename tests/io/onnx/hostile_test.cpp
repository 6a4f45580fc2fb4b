// Files damaged at every place: they may be refused, and nothing else.
#include <gtest/gtest.h>

#include "io/onnx/models.h"

namespace gradus::io::onnx {
namespace {

// A network with most kinds of what a file can hold.
ModelText network() {
  ModelText text;
  text.input("x", {1, 1, 4, 4}).output("y");
  text.initializer("w", {2, 1, 3, 3}, 1).set_raw_data(std::string(72, '\1'));
  text.integers("shape", {0, -1});
  auto& conv = text.node("Conv", {"x", "w"}, {"c"});
  auto* pads = conv.add_attribute();
  pads->set_name("pads");
  pads->set_type(::onnx::AttributeProto::INTS);
  for (int i = 0; i < 4; ++i) pads->add_ints(1);
  auto& pool = text.node("MaxPool", {"c"}, {"p"});
  auto* kernel = pool.add_attribute();
  kernel->set_name("kernel_shape");
  kernel->set_type(::onnx::AttributeProto::INTS);
  for (int i = 0; i < 2; ++i) kernel->add_ints(2);
  text.node("Reshape", {"p", "shape"}, {"r"});
  set_attribute(text.node("Softmax", {"r"}, {"y"}), "axis", -1);
  return text;
}

// Whether bytes are refused; anything but an Error escapes and fails the test.
bool is_refused(std::string_view bytes) {
  try {
    build(parse(std::as_bytes(std::span(bytes)), "m.onnx"), std::vector{Tensor(DType::f32, {1, 1, 4, 4})});
  } catch (const Error&) {
    return true;
  }
  return false;
}

TEST(OnnxHostile, CutFiles) {
  const std::string bytes = network().bytes();
  EXPECT_FALSE(is_refused(bytes));
  std::size_t refused = 0;
  for (std::size_t size = 0; size < bytes.size(); ++size) refused += is_refused(bytes.substr(0, size));
  EXPECT_GT(refused, bytes.size() / 2);
}

TEST(OnnxHostile, ChangedBytes) {
  const std::string bytes = network().bytes();
  std::size_t refused = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (const int change : {1, 2, 0x40, 0x80, 0xff}) {
      std::string changed = bytes;
      changed[i] = static_cast<char>(changed[i] ^ change);
      refused += is_refused(changed);
    }
  }
  EXPECT_GT(refused, bytes.size());
}

// Bodies within bodies, deeper than protobuf follows.
TEST(OnnxHostile, DeepNesting) {
  ModelText text;
  text.input("c", {}, 9).output("y");
  ::onnx::GraphProto* graph = text.message.mutable_graph();
  for (int depth = 0; depth < 200; ++depth) {
    auto* node = graph->add_node();
    node->set_op_type("If");
    node->add_input("c");
    node->add_output("y");
    auto* attribute = node->add_attribute();
    attribute->set_name("then_branch");
    attribute->set_type(::onnx::AttributeProto::GRAPH);
    graph = attribute->mutable_g();
    graph->add_output()->set_name("y");
  }
  EXPECT_TRUE(is_refused(text.bytes()));
}

}  // namespace
}  // namespace gradus::io::onnx
