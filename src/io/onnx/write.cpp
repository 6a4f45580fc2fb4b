#include "io/onnx/write.h"

#include <fmt/format.h>

#include "base/check.h"

namespace gradus::io::onnx {
namespace {

using Message = ::onnx::AttributeProto;

struct SetAttribute {
  Message& message;
  void operator()(std::int64_t number) const {
    message.set_type(Message::INT);
    message.set_i(number);
  }
  void operator()(double number) const {
    message.set_type(Message::FLOAT);
    message.set_f(static_cast<float>(number));
  }
  void operator()(const std::vector<std::int64_t>& list) const {
    message.set_type(Message::INTS);
    message.mutable_ints()->Add(list.begin(), list.end());
  }
};

}  // namespace

std::string GraphWriter::unused(const std::string& name) {
  std::string candidate = name;
  for (int i = 1; !names_.insert(candidate).second; ++i) candidate = fmt::format("{}_{}", name, i);
  return candidate;
}

void GraphWriter::describe(::onnx::ValueInfoProto& info, const nn::OnnxValue& value) const {
  info.set_name(value.name);
  auto& tensor = *info.mutable_type()->mutable_tensor_type();
  tensor.set_elem_type(::onnx::TensorProto::FLOAT);
  tensor.mutable_shape()->add_dim()->set_dim_param("N");
  for (const std::int64_t extent : value.example) tensor.mutable_shape()->add_dim()->set_dim_value(extent);
}

nn::OnnxValue GraphWriter::add(const nn::OnnxNode& node, const Shape& example) {
  auto& message = *graph_.add_node();
  message.set_name(unused(fmt::format("{}/{}", path(), node.op)));
  message.set_op_type(node.op);
  for (const std::string& input : node.inputs) message.add_input(input);
  message.add_output(message.name());
  for (const auto& [name, value] : node.attributes) {
    auto& attribute = *message.add_attribute();
    attribute.set_name(name);
    std::visit(SetAttribute{attribute}, value);
  }
  nn::OnnxValue made{message.name(), example};
  describe(*graph_.add_value_info(), made);
  return made;
}

std::string GraphWriter::fix(const std::string& name, const Tensor& value) {
  const bool integers = value.dtype() == DType::i64;
  const Tensor held = integers ? value : value.cast(DType::f32);
  auto& message = *graph_.add_initializer();
  message.set_name(unused(name));
  message.set_data_type(integers ? ::onnx::TensorProto::INT64 : ::onnx::TensorProto::FLOAT);
  for (const std::int64_t extent : held.shape()) message.add_dims(extent);
  message.set_raw_data(held.data(), held.byte_size());
  return message.name();
}

nn::OnnxValue GraphWriter::input(const std::string& name, const Shape& example) {
  nn::OnnxValue value{unused(name), example};
  describe(*graph_.add_input(), value);
  return value;
}

// The value is renamed where a node makes it and where others read it; one that no node makes gets a node.
void GraphWriter::output(const std::string& name, const nn::OnnxValue& value) {
  const bool is_input = graph_.node_size() == 0 || value.name == graph_.input(0).name();
  const std::string before =
      is_input ? add({.op = "Identity", .inputs = {value.name}}, value.example).name : value.name;
  const nn::OnnxValue result{unused(name), value.example};
  for (auto& node : *graph_.mutable_node()) {
    for (std::string& input : *node.mutable_input())
      if (input == before) input = result.name;
    for (std::string& output : *node.mutable_output())
      if (output == before) output = result.name;
  }
  auto& infos = *graph_.mutable_value_info();
  for (int i = 0; i < infos.size(); ++i)
    if (infos[i].name() == before) infos.DeleteSubrange(i--, 1);
  describe(*graph_.add_output(), result);
}

}  // namespace gradus::io::onnx
