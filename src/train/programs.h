// The graphs of a run: one training step, and scoring a batch.
#pragma once

#include "gradus/train.h"

namespace gradus::train {

// Where the outputs of a training step are; -1: it has none such.
struct StepOutputs {
  std::int64_t predictions_per_example = 1;  // that "correct" counts
  int loss = 0, correct = -1, gradient_norm = -1;
};

// The inputs of a batch, in the order sessions are fed: x, y, weights (if the data has them).
struct BatchInputs {
  Value x, y, weight;
};
BatchInputs training_inputs(Graph& graph, const Prepared& run, std::int64_t batch);

// The network's output, its loss on the batch, and what is minimized: the loss with its penalties.
struct Objective {
  Value output, loss, total;
};
Objective build_objective(Graph& graph, const Prepared& run, const BatchInputs& in, const nn::Pass& pass);

// Appends a whole training step for `batch` examples to an empty graph.
StepOutputs build_step(Graph& graph, const Prepared& run, std::int64_t batch, optim::Optimizer& optimizer,
                       const Variable& counter);

// The run's random counter, i64 [2] = (seed, step).
Variable make_counter(std::uint64_t seed);

// Where the outputs of a scoring graph are; those that are absent: -1.
struct ScoreOutputs {
  std::int64_t predictions_per_example = 1;
  int output = 0, loss = -1, correct = -1;
};

// Appends the forward pass in inference mode for examples like `data`'s, and loss and hits if it has targets.
ScoreOutputs build_scoring(Graph& graph, const Model& model, const data::Dataset& data, std::int64_t batch,
                           const nn::LossSettings& settings);

// Multiply-adds of contractions, counted twice.
std::int64_t contraction_flops(const Graph& graph);

}  // namespace gradus::train
