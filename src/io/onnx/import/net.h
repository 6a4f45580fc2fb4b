// A model's nodes as an importer reads them: who makes and who reads a value, and what is known beforehand.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "gradus/onnx.h"

namespace gradus::io::onnx {

class Net {
 public:
  // Folds what torch writes to keep the batch axis open: Shape(x)[0] becomes the 0 by which Reshape takes an
  // extent over. Concatenations of many parts become chains of those before, where there are such; zeros put
  // around images become the padding of the windows behind them.
  explicit Net(const Model& model);

  const Model& model() const { return model_; }
  const std::vector<NodeInfo>& nodes() const { return nodes_; }
  std::string place(int node) const;  // "FILE: node 3 'x' (Conv)"
  std::int64_t opset() const;

  const Tensor* constant(const std::string& value) const;           // null where it depends on the input
  const std::vector<int>& readers(const std::string& value) const;  // each node once
  // The value whose Shape this is, where only Reshapes read it; else null.
  const std::string* shape_of(const std::string& value) const;
  int maker(const std::string& value) const;  // -1: none

 private:
  void fold();
  bool fold(const NodeInfo& node);
  void merge_pads();
  bool is_output(const std::string& value) const;
  void index();

  const Model& model_;
  std::vector<NodeInfo> nodes_;
  std::vector<std::size_t> numbers_;  // of the nodes in the file
  std::map<std::string, Tensor> constants_;
  std::map<std::string, std::string> shapes_of_;
  std::map<std::string, std::vector<int>> readers_;
  std::map<std::string, int> makers_;
};

}  // namespace gradus::io::onnx
