// How layers write themselves in ONNX's operators (github.com/onnx/onnx, docs/Operators.md, opset 17).
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "gradus/value.h"

#pragma GCC visibility push(default)  // what the shared library exports
namespace gradus::nn {

// A value of an ONNX graph: f32 [N, example...]; how many examples N there are is left open.
struct OnnxValue {
  std::string name;
  Shape example;
};

// An INT, FLOAT or INTS attribute.
using OnnxAttribute = std::variant<std::int64_t, double, std::vector<std::int64_t>>;

// An operator with what it reads.
struct OnnxNode {
  std::string op;                   // "Gemm"
  std::vector<std::string> inputs;  // names of values, variables and constants
  std::vector<std::pair<std::string, OnnxAttribute>> attributes = {};
};

// Takes down what layers say. Nodes and constants are named by the layer that is being written.
class OnnxWriter {
 public:
  virtual ~OnnxWriter() = default;
  // Appends a node with one output.
  virtual OnnxValue add(const OnnxNode& node, const Shape& example) = 0;
  // Puts numbers (floats as f32, or i64) into the file. Gives their name: `name`, or another if that is
  // taken.
  virtual std::string fix(const std::string& name, const Tensor& value) = 0;

  // A variable under its own name, and under another shape of as many elements.
  std::string variable(const Variable& variable);
  std::string variable(const Variable& variable, const Shape& shape);
  // Numbers that belong to the layer: PATH.label.
  std::string constant(const std::string& label, const Tensor& value);
  std::string number(const std::string& label, double value);
  std::string integers(const std::string& label, const std::vector<std::int64_t>& list);

  // The path of the layer that is being written. enter() gives the one before.
  const std::string& path() const { return path_; }
  std::string enter(std::string path);

 private:
  std::string path_;
};

}  // namespace gradus::nn
#pragma GCC visibility pop
