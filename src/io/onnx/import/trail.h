// A path through an ONNX graph, and the layers that are recognised along it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gradus/nn.h"
#include "io/onnx/attributes.h"
#include "io/onnx/import/net.h"

namespace gradus::io::onnx {

// A node on the path.
struct Step {
  const Net* net;
  int index;
  Attributes attributes;

  const NodeInfo& node() const { return net->nodes()[static_cast<std::size_t>(index)]; }
  bool has(std::size_t i) const { return i < node().inputs.size() && !node().inputs[i].empty(); }
  // Input i where it is known beforehand, else null.
  const Tensor* constant(std::size_t i) const { return has(i) ? net->constant(node().inputs[i]) : nullptr; }
  // Error: an input that must be known is not. f32 or f64 as f32; of Gradus's types else.
  Tensor numbers(std::size_t i, const char* what) const;
  std::vector<std::int64_t> integers(std::size_t i, const char* what) const;
};

// A place on the path: a value, and what it holds for one example.
struct Trail {
  const Net* net;
  const std::vector<bool>* region;  // the nodes of the path
  std::string value;
  Shape example;

  std::vector<int> readers() const;  // those of the path
  // The only reader, and only once, if it is such a node; as its first input unless `place` is another.
  std::optional<Step> only(std::string_view op, std::size_t place = 0) const;
  // The same for a node of two inputs, the other one known beforehand, in either order.
  struct WithConstant;
  std::optional<WithConstant> only_with_constant(std::string_view op) const;
  // A reader among others.
  std::optional<Step> among(std::string_view op) const;
  // Behind the step: its output. Refuses attributes that no one asked for, and further outputs that are read.
  Trail after(const Step& step) const;
};

struct Trail::WithConstant {
  Step step;
  Tensor constant;
};

// A layer that was recognised, and its variables in the order of Layer::variables().
struct Piece {
  nn::LayerSpec spec;
  std::vector<Tensor> weights;
  std::string value;  // it ends in
};

// Layers by the op whose node reads the value first. Gives none where more than that op was needed and is not
// there; Errors say what of the node is not supported, without its place.
struct Recogniser {
  const char* op;
  std::optional<Piece> (*match)(const Trail& at);
};
// In the order they are tried.
const std::vector<Recogniser>& recognisers();
std::vector<Recogniser> dense_recognisers();
std::vector<Recogniser> window_recognisers();
std::vector<Recogniser> normalization_recognisers();
std::vector<Recogniser> activation_recognisers();
std::vector<Recogniser> shape_recognisers();

// The number as people write it: 1e-5 for the f32 next to it.
double as_written(double number);
bool is_number(const Tensor& tensor, double number);  // one element, up to f32's rounding

}  // namespace gradus::io::onnx
