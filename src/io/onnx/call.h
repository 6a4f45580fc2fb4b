// What a converter sees of a node, and the table of converters.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "gradus/onnx.h"
#include "gradus/ops.h"
#include "io/onnx/attributes.h"

namespace gradus::io::onnx {

class Builder;
struct Names;

// A node being converted. Errors thrown meanwhile get the file, the node and its op in front.
class Call : public Attributes {
 public:
  Call(Builder& builder, const NodeInfo& node, Names& names)
      : Attributes(node), builder_(builder), node_(node), names_(names) {}

  Graph& graph() const;
  std::int64_t opset() const;  // the version of the node's domain that the model asks for
  const NodeInfo& node() const { return node_; }

  // Inputs and outputs by place. in() refuses what is left out.
  std::size_t inputs() const { return node_.inputs.size(); }
  bool has(std::size_t i) const { return i < node_.inputs.size() && !node_.inputs[i].empty(); }
  Value in(std::size_t i) const;
  Value named(const std::string& name) const;  // a value made before; Error where there is none
  std::size_t outputs() const { return node_.outputs.size(); }
  bool wants(std::size_t i) const { return i < node_.outputs.size() && !node_.outputs[i].empty(); }

  // The elements of a value: for what shapes depend on. Whatever graph inputs it depends on are constants of
  // this call.
  Tensor known(const Value& value) const;
  Tensor known(std::size_t i) const { return known(in(i)); }
  using Attributes::integers;
  std::vector<std::int64_t> integers(std::size_t i) const;

  // The outputs of a body (of If, Loop, Scan) for these inputs.
  Values run(const Body& body, const Values& inputs) const;

 private:
  Builder& builder_;
  const NodeInfo& node_;
  Names& names_;
};

// Adds nodes for one ONNX node; gives its outputs, as many as the node names at least.
using Convert = Values (*)(const Call&);
struct Converter {
  std::string_view op;
  Convert convert;
  std::string_view domain = "";
};

// Null for ops that have none.
const Converter* find_converter(std::string_view op, std::string_view domain);
// Every op that has a converter, sorted by domain and name.
std::vector<const Converter*> all_converters();

}  // namespace gradus::io::onnx
