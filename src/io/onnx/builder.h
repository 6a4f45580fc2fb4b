// From a model and its inputs to a graph.
#pragma once

#include <map>
#include <span>
#include <string>

#include "gradus/onnx.h"
#include "io/onnx/constants.h"

namespace gradus::io::onnx {

// The values made so far, by name: those of a body, and of the bodies around it.
struct Names {
  const Names* outer = nullptr;
  std::map<std::string, Value> own = {};

  const Value* find(const std::string& name) const;  // null where there is none
  const Value& at(const std::string& name) const;
};

class Builder {
 public:
  explicit Builder(const Model& model) : model_(model) {}

  Graph& graph() { return graph_; }
  Constants& constants() { return constants_; }
  std::int64_t opset(const std::string& domain) const;

  // Adds the body's nodes; gives its outputs. `inputs` are those without an initializer.
  Values convert(const Body& body, const Values& inputs, const Names* outer, const std::string& where);
  Graph finish(const Values& outputs);

 private:
  void convert(const NodeInfo& node, Names& names);
  void check_size();

  const Model& model_;
  Graph graph_;
  Constants constants_;
  std::size_t checked_ = 0;  // nodes whose sizes were looked at
  int depth_ = 0;
};

}  // namespace gradus::io::onnx
