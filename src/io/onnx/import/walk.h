// From an ONNX graph to layers: along a path, and through paths that part and meet again.
#pragma once

#include <string>
#include <vector>

#include "io/onnx/import/trail.h"

namespace gradus::io::onnx {

// Layers one after the other, their variables in order, and the shape they end in.
struct Chain {
  std::vector<nn::LayerSpec> layers = {};
  std::vector<Tensor> weights = {};
  Shape example = {};
};

// The layers between two values. Error (Fault::model), naming file, node and op: what no layer does.
Chain walk(const Net& net, const std::string& from, const Shape& example, const std::string& to);

// The nodes through which `from` leads to `to`; Error where they read other values of the graph's input.
std::vector<bool> region_between(const Net& net, const std::string& from, const std::string& to);
// The same within paths that are already known, `depth` of them inside each other.
Chain walk(Trail at, const std::string& to, int depth);

// The paths that part at `at`, as one layer.
Piece branches(const Trail& at, const std::string& to, int depth);

// The shape behind a layer; Error where it does not fit.
Shape shape_behind(const nn::LayerSpec& spec, const Shape& example);

// Layers as people write them: dense_block for its parallel paths, a residual with its activation. Their
// variables stay in the same order.
std::vector<nn::LayerSpec> tidied(std::vector<nn::LayerSpec> layers);

}  // namespace gradus::io::onnx
