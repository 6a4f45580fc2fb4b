// An ONNX model taken down node by node.
#pragma once

#include <onnx/onnx_pb.h>

#include <map>
#include <set>
#include <string>

#include "gradus/onnx_form.h"

namespace gradus::io::onnx {

// Fills a graph. Nodes are named PATH/OP, each value as the node that makes it.
class GraphWriter : public nn::OnnxWriter {
 public:
  explicit GraphWriter(::onnx::GraphProto& graph) : graph_(graph) {}

  nn::OnnxValue add(const nn::OnnxNode& node, const Shape& example) override;
  std::string fix(const std::string& name, const Tensor& value) override;

  nn::OnnxValue input(const std::string& name, const Shape& example);
  void output(const std::string& name, const nn::OnnxValue& value);

 private:
  std::string unused(const std::string& name);
  void describe(::onnx::ValueInfoProto& info, const nn::OnnxValue& value) const;

  ::onnx::GraphProto& graph_;
  std::set<std::string> names_;
};

}  // namespace gradus::io::onnx
