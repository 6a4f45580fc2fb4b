// An ONNX file as plain structs.
#include <algorithm>

#include "base/check.h"
#include "base/file.h"
#include "io/bytes.h"
#include "io/onnx/check.h"
#include "io/onnx/element.h"
#include "io/onnx/messages.h"
#include "io/onnx/parse.h"

namespace gradus::io::onnx {
namespace {

using Kind = ::onnx::AttributeProto;

Port port_of(const ::onnx::ValueInfoProto& message) {
  Port port;
  port.name = message.name();
  if (!message.type().has_tensor_type()) return port;
  const auto& tensor = message.type().tensor_type();
  port.element = element_of(tensor.elem_type());
  if (!tensor.has_shape()) return port;
  port.extents.emplace();
  for (const auto& dim : tensor.shape().dim()) {
    port.extents->push_back(dim.has_dim_value() && dim.dim_value() >= 0 ? dim.dim_value() : -1);
  }
  return port;
}

// Files of IR version 1 leave the kind out.
Kind::AttributeType kind_of(const Kind& message) {
  if (message.type() != Kind::UNDEFINED) return message.type();
  if (message.has_f()) return Kind::FLOAT;
  if (message.has_i()) return Kind::INT;
  if (message.has_s()) return Kind::STRING;
  if (message.has_t()) return Kind::TENSOR;
  if (message.has_g()) return Kind::GRAPH;
  if (message.floats_size() > 0) return Kind::FLOATS;
  if (message.ints_size() > 0) return Kind::INTS;
  if (message.strings_size() > 0) return Kind::STRINGS;
  return Kind::UNDEFINED;
}

Attribute attribute_of(const Kind& message, const std::string& place) {
  const std::string where = fmt::format("{}: attribute {}", place, in_quotes(message.name()));
  Attribute attribute{.name = message.name(), .value = {}};
  switch (kind_of(message)) {
    case Kind::INT:
      attribute.value = message.i();
      break;
    case Kind::FLOAT:
      attribute.value = static_cast<double>(message.f());
      break;
    case Kind::STRING:
      attribute.value = message.s();
      break;
    case Kind::TENSOR:
      attribute.value = array_of(message.t(), where);
      break;
    case Kind::GRAPH:
      attribute.value = std::make_shared<const Body>(body_of(message.g(), where));
      break;
    case Kind::INTS:
      attribute.value = std::vector<std::int64_t>(message.ints().begin(), message.ints().end());
      break;
    case Kind::FLOATS:
      attribute.value = std::vector<double>(message.floats().begin(), message.floats().end());
      break;
    case Kind::STRINGS:
      attribute.value = std::vector<std::string>(message.strings().begin(), message.strings().end());
      break;
    default:
      fail(Fault::model, "{}: values of kind {} are not supported.", where, static_cast<int>(message.type()));
  }
  return attribute;
}

NodeInfo node_of(const ::onnx::NodeProto& message, int number, const std::string& where) {
  NodeInfo node;
  node.op = message.op_type();
  node.domain = message.domain() == "ai.onnx" ? "" : message.domain();
  node.name = message.name();
  node.inputs.assign(message.input().begin(), message.input().end());
  node.outputs.assign(message.output().begin(), message.output().end());
  const std::string place = place_of(node, static_cast<std::size_t>(number), where);
  for (const auto& attribute : message.attribute()) {
    const auto is_same = [&](const Attribute& other) { return other.name == attribute.name(); };
    require(Fault::model, std::none_of(node.attributes.begin(), node.attributes.end(), is_same),
            "{}: attribute {} is given twice.", place, in_quotes(attribute.name()));
    node.attributes.push_back(attribute_of(attribute, place));
  }
  return node;
}

}  // namespace

Body body_of(const ::onnx::GraphProto& message, const std::string& where) {
  require(Fault::model, message.sparse_initializer().empty(),
          "{}: its sparse tensors are not supported. Save them dense.", where);
  Body body;
  body.name = message.name();
  for (const auto& port : message.input()) body.inputs.push_back(port_of(port));
  for (const auto& port : message.output()) body.outputs.push_back(port_of(port));
  for (const auto& tensor : message.initializer()) body.initializers.push_back(array_of(tensor, where));
  for (int i = 0; i < message.node_size(); ++i) body.nodes.push_back(node_of(message.node(i), i, where));
  return body;
}

Model parse(std::span<const std::byte> bytes, const std::string& where) {
  const auto message = parsed<::onnx::ModelProto>(bytes, where, "model");
  require(Fault::model, message.has_graph(), "{}: it is no ONNX model: it holds no graph.", where);
  Model model;
  model.where = where;
  model.ir_version = message.ir_version();
  for (const auto& set : message.opset_import()) {
    model.opsets[set.domain() == "ai.onnx" ? "" : set.domain()] = set.version();
  }
  for (const auto& entry : message.metadata_props()) model.metadata[entry.key()] = entry.value();
  model.graph = body_of(message.graph(), where);
  check(model);
  return model;
}

Model read(const std::filesystem::path& path) { return parse(read_file(path, Fault::model), path.string()); }

std::vector<Port> Model::wanted() const {
  std::vector<Port> ports;
  for (const Port& port : graph.inputs) {
    const auto is_same = [&](const Array& array) { return array.name == port.name; };
    if (std::none_of(graph.initializers.begin(), graph.initializers.end(), is_same)) ports.push_back(port);
  }
  return ports;
}

}  // namespace gradus::io::onnx
