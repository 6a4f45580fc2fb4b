// A network looked at from outside: its layers as a graph, and what a batch makes of each of them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "train/explain_step.h"
#include "train/histogram.h"

namespace gradus::train {

// A layer, or a layer that holds others. Those that give what they were given, or what their last layer gave,
// have no output of their own.
struct LayerNode {
  std::string path, kind;
  std::int64_t parent = -1;  // place of the layer that holds it
  bool holds_others = false;
  bool has_output = false, has_output_in_inference = false;
  Shape output = {};                 // of one example, with the batch axis; where it has one
  std::vector<Variable> parameters;  // its own
  std::vector<std::int64_t> reads;   // places of the layers whose outputs it is made of; -1: the examples
};

struct LayerGraph {
  std::vector<LayerNode> layers;  // a layer before those it holds, else in the order they are built
  std::vector<std::int64_t> loss_reads;
  std::int64_t elements = 0;  // of all outputs together, for one example
};
LayerGraph layer_graph(const Prepared& run);

struct LayerLook {
  std::string path;
  Histogram output, gradient;  // y, dL/dy
  Tensor y, dy;                // if they were to be kept
};
struct ParameterLook {
  Variable parameter;
  Histogram values, gradient;  // w, dL/dw
};
struct NetworkLook {
  std::int64_t examples = 0;
  double loss = 0;  // L, with its penalties
  Tensor output;    // of the network
  std::vector<LayerLook> layers;
  std::vector<ParameterLook> parameters;
};
struct LookOptions {
  LookMode mode = LookMode::training;
  bool keep_arrays = false;
};
// Forward and backward on that batch; changes no variable.
NetworkLook look_at(const Prepared& run, const LookedBatch& batch, const LookOptions& options = {});

// The run's first batch, cut to as many examples as keep all outputs and their gradients within
// `most_elements`; one at least.
LookedBatch small_batch(const Prepared& run, const LayerGraph& graph, std::int64_t most_elements);

}  // namespace gradus::train
