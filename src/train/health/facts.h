// What rules know of a run besides its history.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gradus/train.h"

namespace gradus::train {

struct HealthFacts {
  std::string loss;
  std::int64_t batch_size = 0, steps_per_epoch = 0;
  std::vector<std::string> weights;   // names of the trained parameters of two axes or more
  std::vector<std::string> weighted;  // paths of the layers that have them, in order
  std::string last;                   // the path of the layer that gives the network's output
  std::optional<double> chance_loss;  // of the best answer that does not look at the inputs
};
HealthFacts health_facts(const Prepared& run);

// The layer that gives the network's output: behind it are only layers that pass values on (flatten,
// dropout). None for an empty network.
const nn::Layer* last_layer(const nn::Network& network);

// Of the run's targets, where the loss is a plain mean: the entropy of the classes, the variance of numbers.
std::optional<double> chance_loss(const Prepared& run);

}  // namespace gradus::train
