// Small models, written as ONNX's messages.
#pragma once

#include <onnx/onnx_pb.h>

#include <initializer_list>
#include <string>
#include <vector>

#include "gradus/error.h"
#include "gradus/onnx.h"

namespace gradus::io::onnx {

// A graph under construction; inputs and outputs are floats.
class ModelText {
 public:
  ModelText() {
    message.set_ir_version(8);
    auto* set = message.add_opset_import();
    set->set_version(17);
    message.mutable_graph()->set_name("g");
  }

  ModelText& input(const std::string& name, const std::vector<std::int64_t>& extents, int element = 1) {
    port(message.mutable_graph()->add_input(), name, extents, element);
    return *this;
  }
  ModelText& output(const std::string& name) {
    port(message.mutable_graph()->add_output(), name, {}, 1);
    message.mutable_graph()->mutable_output()->rbegin()->mutable_type()->mutable_tensor_type()->clear_shape();
    return *this;
  }
  ::onnx::NodeProto& node(const std::string& op, const std::vector<std::string>& inputs,
                          const std::vector<std::string>& outputs) {
    auto* made = message.mutable_graph()->add_node();
    made->set_op_type(op);
    for (const std::string& name : inputs) made->add_input(name);
    for (const std::string& name : outputs) made->add_output(name);
    return *made;
  }
  ::onnx::TensorProto& initializer(const std::string& name, const std::vector<std::int64_t>& extents,
                                   int element) {
    auto* tensor = message.mutable_graph()->add_initializer();
    tensor->set_name(name);
    tensor->set_data_type(element);
    for (const std::int64_t extent : extents) tensor->add_dims(extent);
    return *tensor;
  }
  ModelText& integers(const std::string& name, const std::vector<std::int64_t>& list) {
    auto& tensor = initializer(name, {static_cast<std::int64_t>(list.size())}, 7);
    for (const std::int64_t number : list) tensor.add_int64_data(number);
    return *this;
  }

  std::string bytes() const { return message.SerializeAsString(); }
  Model read() const {
    const std::string text = bytes();
    return parse(std::as_bytes(std::span(text)), "m.onnx");
  }
  Graph build(const std::vector<Tensor>& inputs) const { return onnx::build(read(), inputs); }

  ::onnx::ModelProto message;

 private:
  static void port(::onnx::ValueInfoProto* info, const std::string& name,
                   const std::vector<std::int64_t>& extents, int element) {
    info->set_name(name);
    auto* tensor = info->mutable_type()->mutable_tensor_type();
    tensor->set_elem_type(element);
    for (const std::int64_t extent : extents) {
      auto* dim = tensor->mutable_shape()->add_dim();
      if (extent < 0)
        dim->set_dim_param("n");
      else
        dim->set_dim_value(extent);
    }
  }
};

inline void set_attribute(::onnx::NodeProto& node, const std::string& name, std::int64_t value) {
  auto* attribute = node.add_attribute();
  attribute->set_name(name);
  attribute->set_type(::onnx::AttributeProto::INT);
  attribute->set_i(value);
}

}  // namespace gradus::io::onnx
