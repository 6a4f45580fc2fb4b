// The graphs of a run: one training step, and scoring a batch.
#pragma once

#include "gradus/train.h"
#include "train/share.h"

namespace gradus::train {

// Where the outputs of a training step are; -1: it has none such.
struct StepOutputs {
  std::int64_t predictions_per_example = 1;  // that "correct" counts
  int loss = 0, correct = -1;
};

// The inputs of a batch, in the order sessions are fed: x, y, weights (if the data has them).
struct BatchInputs {
  Value x, y, weight;
};
BatchInputs training_inputs(Graph& graph, const Prepared& run, std::int64_t batch);

// The output of a network like the run's, its loss on the batch, and what is minimized: the loss with its
// penalties.
struct Objective {
  Value output, loss, total;
};
Objective build_objective(Graph& graph, const nn::Network& network, const Prepared& run,
                          const BatchInputs& in, const nn::Pass& pass);

// What makes new weights of gradients.
struct Update {
  std::vector<std::size_t> own;                 // of trainable_parameters(): those that are updated
  std::unique_ptr<optim::Optimizer> optimizer;  // of them
  std::optional<optim::MovingAverage> average;

  std::vector<Variable> state() const;
};
Update make_update(const Prepared& run);
// Of this rank's share of the parameters.
Update make_update(const Prepared& run, const Share& share);

// Appends what follows the gradients of the trainable parameters, given in their order: clipping, new
// weights, their averages.
void apply_update(Graph& graph, const Prepared& run, Values gradients, const Update& update);
// The parameters that take part in it.
std::vector<Variable> trainable_parameters(const Prepared& run);

// Appends a whole training step for `batch` examples to an empty graph.
StepOutputs build_step(Graph& graph, const Prepared& run, std::int64_t batch, const Update& update,
                       const Variable& counter);

// Sums of gradients over several batches, each weighted by what its mean loss is a mean over.
struct GradientSums {
  std::vector<Variable> sums;  // one for each trainable parameter; zeroed before an update
  Variable weight;             // f64 scalar, Role::control: of the batch to add
  Variable scale;              // f64 scalar, Role::control: 1 / sum of the weights of an update
};
GradientSums make_sums(const Prepared& run);
// The two halves of a step: adds the gradients of a batch to the sums; makes an update of them.
StepOutputs build_gradients(Graph& graph, const Prepared& run, std::int64_t batch, const GradientSums& sums,
                            const Variable& counter);
void build_update(Graph& graph, const Prepared& run, const GradientSums& sums, const Update& update);

// A part of a batch, `rows` examples, up to the gradients; it changes no variable. Its inputs are those of a
// batch, and then the weight of the part and the number of examples in the whole batch (scalars of the
// network's type), and i64 [3] = (seed, step, its first row). Behind the outputs of a step come, from `sums`
// on, the gradients of the trainable parameters, and then what moving_statistics() would become, both times
// the weight.
struct PartGraph {
  Graph graph;
  StepOutputs places;
  std::size_t sums = 0;
};
PartGraph build_part(const Prepared& run, std::int64_t rows);
// The statistics that training moves.
std::vector<Variable> moving_statistics(const Prepared& run);

// The graph without its state writes: a step of it changes no variable, and an output that was assigned shows
// what would have been.
Graph without_writes(const Graph& graph);

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

// Multiply-adds of the contractions that its outputs and state writes need, counted twice.
std::int64_t contraction_flops(const Graph& graph);

}  // namespace gradus::train
