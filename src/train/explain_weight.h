// The derivative of the loss with respect to one weight, as the chain rule's sum over paths.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "train/explain.h"

namespace gradus::train {

struct PathFactor {
  std::string unit;  // where the factor leads: "layers.2[5]", at last "L"
  double value = 0;  // d(unit) / d(unit before it, at first the weight), all other units held
};
struct WeightPath {
  std::vector<PathFactor> factors;
  double product = 0;
};
struct WeightExplanation {
  std::string weight;  // "layers.0.weight[3,7]"
  double value = 0;
  std::string precision;  // of `gradient`
  bool grouped = false;   // see explain_weight()
  double paths = 0;       // with a product other than 0
  std::vector<WeightPath> largest;
  double shown = 0, sum = 0;                  // of the products: those of `largest`, all
  double shown_magnitude = 0, magnitude = 0;  // of their magnitudes
  double gradient = 0;                        // the engine's dL/dw, in the precision of the run
  double difference = 0;                      // (L(w + h) - L(w - h)) / 2h, h = 1e-6 max(1, |w|)
  double difference_change = 0;               // by halving h: large where relu or max has a kink that near
};

// A unit is an element of a layer's output (one of each example, in a batch of several). A path leads from
// the weight to the loss by way of units, each of which reads the one before it; its product is that of the
// partial derivatives on the way, and dL/dw is the sum of the products of all paths. Partial derivatives come
// from the layers' own gradient rules, each layer taken alone; everything but `gradient` is computed in f64,
// on a copy of the network. Where the Jacobians of the layers behind the weight would hold more than
// kMaxPathEntries numbers (convolutions, large batches) paths are grouped by their first unit: each term is
// d(unit)/dw times dL/d(unit), which is the sum over all paths that go on from there.
// `weight` names a parameter and an index: "layers.0.weight[3,7]". Fault::usage: another form, no such
// parameter, index or row.
WeightExplanation explain_weight(const Prepared& run, const std::string& weight,
                                 const ExplainOptions& options = {}, std::size_t count = 10);

inline constexpr std::int64_t kMaxPathEntries = std::int64_t{1} << 22;

}  // namespace gradus::train
