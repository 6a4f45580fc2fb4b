#include "io/onnx/check.h"

#include <set>

#include "base/check.h"
#include "io/bytes.h"

namespace gradus::io::onnx {
namespace {

// The names made so far: those of a body, and of the bodies around it.
struct Names {
  const Names* outer = nullptr;
  std::set<std::string> own = {};

  bool has(const std::string& name) const {
    return own.count(name) > 0 || (outer != nullptr && outer->has(name));
  }
};

void check(const Body& body, const Names* outer, const std::string& where);

void check(const NodeInfo& node, const Names& names, const std::string& place) {
  for (const std::string& input : node.inputs) {
    require(Fault::model, input.empty() || names.has(input),
            "{}: its input {} is made by no input, initializer or node before it.", place, in_quotes(input));
  }
  for (const Attribute& attribute : node.attributes) {
    if (const auto* body = std::get_if<std::shared_ptr<const Body>>(&attribute.value)) {
      check(**body, &names, fmt::format("{}: {}", place, in_quotes(attribute.name)));
    }
  }
}

void check(const Body& body, const Names* outer, const std::string& where) {
  Names names{.outer = outer};
  for (const Port& port : body.inputs) {
    require(Fault::model, !port.name.empty() && names.own.insert(port.name).second,
            "{}: the input {} is nameless, or there twice.", where, in_quotes(port.name));
  }
  std::set<std::string> initializers;
  for (const Array& array : body.initializers) {
    require(Fault::model, !array.name.empty() && initializers.insert(array.name).second,
            "{}: the initializer {} is nameless, or there twice.", where, in_quotes(array.name));
    names.own.insert(array.name);  // it may stand for an input
  }
  for (std::size_t i = 0; i < body.nodes.size(); ++i) {
    const NodeInfo& node = body.nodes[i];
    const std::string place = place_of(node, i, where);
    check(node, names, place);
    for (const std::string& output : node.outputs) {
      require(Fault::model, output.empty() || names.own.insert(output).second,
              "{}: its output {} is made twice.", place, in_quotes(output));
    }
  }
  for (const Port& port : body.outputs) {
    require(Fault::model, names.has(port.name), "{}: nothing makes the output {}.", where,
            in_quotes(port.name));
  }
}

}  // namespace

std::string place_of(const NodeInfo& node, std::size_t number, const std::string& where) {
  return fmt::format("{}: node {}{} ({})", where, number,
                     node.name.empty() ? "" : fmt::format(" {}", in_quotes(node.name)),
                     node.op.empty() ? "no op" : node.op);
}

void check(const Model& model) { check(model.graph, nullptr, model.where); }

}  // namespace gradus::io::onnx
