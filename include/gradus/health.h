// Gradient health: what a sampled step shows of each layer, and what is found to go wrong.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#pragma GCC visibility push(default)  // what the shared library exports
namespace gradus::train {

// A layer on the batch of one step, in training mode; dL/dy is of the loss with its penalties.
struct LayerHealth {
  std::string path, kind;
  double mean = 0, std = 0;         // of all elements of its output y
  double gradient_norm = 0;         // Euclidean, of dL/dy
  std::int64_t units = 0;           // its second axis: units, channels
  std::optional<double> dead;       // relu: the share of units (channels) that gave 0 for the whole batch
  std::optional<double> saturated;  // sigmoid, tanh: the share of outputs whose slope is below 4 % of the
                                    // steepest
  bool finite = true;               // neither y nor dL/dy holds a NaN or an infinity
};
// A parameter that is trained.
struct ParameterHealth {
  std::string name;
  double norm = 0, gradient_norm = 0;  // Euclidean, before the update
  double update_norm = 0;              // of what the update added to it

  // The usual size is about 1e-3 (Karpathy, CS231n).
  double update_ratio() const {
    return norm > 0 ? update_norm / norm : std::numeric_limits<double>::quiet_NaN();
  }
};
// Update number `step` (0: the first) on its first batch.
struct HealthEvent {
  std::int64_t step = 0;
  double loss = 0;                      // of that batch
  std::optional<double> smoothed_loss;  // of the steps before, as StepEvent has it; none before the first
  double lr = 0;
  std::vector<LayerHealth> layers;          // in the order they are built, inner ones first
  std::vector<ParameterHealth> parameters;  // in the network's order
};

// Names and values, as text shows them: {"percent", "62"}.
using FindingValues = std::vector<std::pair<std::string, std::string>>;

// Something that goes wrong, in plain words.
struct Finding {
  std::string rule;       // "dying_units"
  std::string place;      // "layers.3 (relu)"; "" where it is about the whole run
  std::int64_t step = 0;  // at which it was found; 0: before the first
  std::string evidence;   // what was seen, with the numbers
  std::string remedy;     // what to do
  // For other languages: which of the rule's sentences these are ("exploding_gradients.grown"), and what they
  // are filled in with.
  std::string wording = {};
  FindingValues values = {};

  // "layers.3 (relu): EVIDENCE. Remedy: REMEDY."
  std::string str() const;
};

}  // namespace gradus::train
#pragma GCC visibility pop
