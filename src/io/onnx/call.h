// What a converter sees of a node, and the table of converters.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "gradus/onnx.h"
#include "gradus/ops.h"

namespace gradus::io::onnx {

class Builder;
struct Names;

// A node being converted. Errors thrown meanwhile get the file, the node and its op in front.
class Call {
 public:
  Call(Builder& builder, const NodeInfo& node, Names& names)
      : builder_(builder), node_(node), names_(names) {}

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
  std::vector<std::int64_t> integers(std::size_t i) const;

  // Attributes; Error where one has another kind of value. One that no one asks for is refused at the end.
  bool given(std::string_view name) const { return find(name) != nullptr; }
  std::int64_t integer(std::string_view name, std::int64_t preset) const;
  std::int64_t integer(std::string_view name) const;  // must be given
  double real(std::string_view name, double preset) const;
  std::string text(std::string_view name, const std::string& preset) const;
  std::vector<std::int64_t> integers(std::string_view name, std::vector<std::int64_t> preset = {}) const;
  std::vector<double> reals(std::string_view name, std::vector<double> preset = {}) const;
  std::vector<std::string> texts(std::string_view name, std::vector<std::string> preset = {}) const;
  const Array* array(std::string_view name) const;  // null where not given
  const Body& body(std::string_view name) const;
  DType dtype(std::string_view name, Element preset) const;  // of an attribute that is a type's number
  void ignore(std::string_view name) const { find(name); }
  void refuse_unread() const;

  // The outputs of a body (of If, Loop, Scan) for these inputs.
  Values run(const Body& body, const Values& inputs) const;

 private:
  const Attribute* find(std::string_view name) const;
  template <class T>
  const T* get(std::string_view name) const;

  Builder& builder_;
  const NodeInfo& node_;
  Names& names_;
  mutable std::set<std::string, std::less<>> read_;
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
