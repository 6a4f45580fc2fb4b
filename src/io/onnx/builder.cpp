#include "io/onnx/builder.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "base/suggest.h"
#include "base/text.h"
#include "gradus/op_def.h"
#include "gradus/ops.h"
#include "io/bytes.h"
#include "io/onnx/call.h"
#include "io/onnx/check.h"

namespace gradus::io::onnx {
namespace {

// A small file can ask for endless loops and arrays: these stop it long before memory does.
constexpr std::size_t kMostNodes = 200'000;
constexpr std::size_t kMostBytes = std::size_t{1} << 36;
constexpr int kDeepest = 32;

std::string unknown_op(const NodeInfo& node) {
  std::vector<std::string> known;
  for (const Converter* converter : all_converters()) {
    if (converter->domain == node.domain) known.emplace_back(converter->op);
  }
  return fmt::format("there is no op {} of domain {} in this version.{}", in_quotes(node.op),
                     in_quotes(node.domain.empty() ? "ai.onnx" : node.domain), did_you_mean(node.op, known));
}

bool fits(const Port& port, const Tensor& tensor) {
  if (!port.extents) return true;
  const Shape& shape = tensor.shape();
  if (port.extents->size() != static_cast<std::size_t>(shape.rank())) return false;
  return std::equal(shape.begin(), shape.end(), port.extents->begin(),
                    [](std::int64_t has, std::int64_t wanted) { return wanted == -1 || has == wanted; });
}

std::string shape_text(const Port& port) {
  if (!port.extents) return "[...]";
  std::string text = "[";
  for (const std::int64_t extent : *port.extents) {
    text += text.size() > 1 ? ", " : "";
    text += extent < 0 ? "any" : std::to_string(extent);
  }
  return text + "]";
}

// Exact conversions are made, others refused.
Tensor as_declared(const Port& port, const Tensor& given, const std::string& where) {
  const std::optional<DType> wanted = held_as(port.element);
  require(Fault::model, port.element == Element::undefined || wanted.has_value(),
          "{}: the input {} is of type {}, which is not supported.", where, in_quotes(port.name),
          name(port.element));
  const DType dtype = wanted.value_or(given.dtype());
  const bool converts = given.dtype() == dtype || (given.dtype() == DType::i32 && dtype == DType::i64) ||
                        (given.dtype() == DType::u8 && (dtype == DType::i32 || dtype == DType::i64));
  require(Fault::data, converts && fits(port, given),
          "{}: the input {} takes {} {}, {} was given. Convert the array.", where, in_quotes(port.name),
          name(port.element), shape_text(port), given.type().str());
  return given.cast(dtype);
}

}  // namespace

const Value* Names::find(const std::string& name) const {
  const auto found = own.find(name);
  if (found != own.end()) return &found->second;
  return outer != nullptr ? outer->find(name) : nullptr;
}

const Value& Names::at(const std::string& name) const {
  const Value* value = find(name);
  GRADUS_CHECK(value != nullptr);  // check() has seen every name
  return *value;
}

std::int64_t Builder::opset(const std::string& domain) const {
  const auto found = model_.opsets.find(domain);
  return found == model_.opsets.end() ? 1 : found->second;
}

Values Builder::convert(const Body& body, const Values& inputs, const Names* outer,
                        const std::string& where) {
  require(depth_ < kDeepest, "{}: bodies are nested more than {} deep.", where, kDeepest);
  ++depth_;
  check_size();
  Names names{.outer = outer};
  for (const Array& array : body.initializers) names.own[array.name] = constant(graph_, array.value);
  std::size_t next = 0;
  for (const Port& port : body.inputs) {
    if (names.own.contains(port.name)) continue;
    require(next < inputs.size(), "{}: it takes more than the {} given.", where,
            counted(static_cast<std::int64_t>(inputs.size()), "input"));
    names.own[port.name] = inputs[next++];
  }
  require(next == inputs.size(), "{}: it takes {}, {} were given.", where,
          counted(static_cast<std::int64_t>(next), "input"), inputs.size());
  for (std::size_t i = 0; i < body.nodes.size(); ++i) {
    try {
      convert(body.nodes[i], names);
    } catch (const Error& error) {
      throw Error(fmt::format("{}: {}", place_of(body.nodes[i], i, where), error.what()), error.fault());
    }
  }
  Values outputs;
  for (const Port& port : body.outputs) outputs.push_back(names.at(port.name));
  --depth_;
  return outputs;
}

void Builder::convert(const NodeInfo& node, Names& names) {
  const Converter* converter = find_converter(node.op, node.domain);
  require(converter != nullptr, "{}", converter ? "" : unknown_op(node));
  const Graph::Scope scope(graph_, node.name.empty() ? node.op : node.name);
  const Call call(*this, node, names);
  const Values outputs = converter->convert(call);
  call.refuse_unread();
  check_size();
  for (std::size_t i = 0; i < node.outputs.size(); ++i) {
    if (node.outputs[i].empty()) continue;
    require(i < outputs.size() && outputs[i], "its output {} is not supported.", i);
    names.own[node.outputs[i]] = outputs[i];
  }
}

void Builder::check_size() {
  const auto& nodes = graph_.nodes();
  require(nodes.size() <= kMostNodes, "the graph grows beyond {} nodes.", kMostNodes);
  for (; checked_ < nodes.size(); ++checked_) {
    for (const Type& type : nodes[checked_].out) {
      require(type.shape.size() <= static_cast<std::int64_t>(kMostBytes / size_of(type.dtype)),
              "it makes an array {}, of more than {}.", type.str(), bytes_text(kMostBytes));
    }
  }
}

Graph Builder::finish(const Values& outputs) {
  for (std::size_t i = 0; i < outputs.size(); ++i) graph_.output(outputs[i], model_.graph.outputs[i].name);
  return std::move(graph_);
}

Graph build(const Model& model, std::span<const Tensor> inputs) {
  const std::vector<Port> ports = model.wanted();
  std::vector<std::string> names;
  for (const Port& port : ports) names.push_back(in_quotes(port.name));
  require(Fault::usage, inputs.size() == ports.size(), "{}: it takes {} ({}), {} were given.", model.where,
          counted(static_cast<std::int64_t>(ports.size()), "input"), fmt::join(names, ", "), inputs.size());
  Builder builder(model);
  Values values;
  for (std::size_t i = 0; i < ports.size(); ++i) {
    const Tensor tensor = as_declared(ports[i], inputs[i], model.where);
    values.push_back(input(builder.graph(), tensor.type(), ports[i].name));
    builder.constants().give(values.back(), tensor);
  }
  return builder.finish(builder.convert(model.graph, values, nullptr, model.where));
}

}  // namespace gradus::io::onnx
