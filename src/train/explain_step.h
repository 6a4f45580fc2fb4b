// The graph of one training step, and the values in it that are worth showing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gradus/compile.h"
#include "train/checkpoint.h"
#include "train/explain.h"
#include "train/programs.h"

namespace gradus::train {

// A batch to look at: an example alone, or the first batch as the run trains it.
struct LookedBatch {
  Tensor x, y, weight;
  std::int64_t examples = 0;
  std::int64_t count = 0;  // of batches the run took before: which random numbers its layers draw
};
// That example alone, or the first batch of step 0, 1, ...; with the step's random numbers. Fault::usage:
// `row` is none of the training part's.
LookedBatch batch_to_look_at(const Prepared& run, std::optional<std::int64_t> row, std::int64_t step = 0);
// One example of any part of the run's data. Fault::usage: no such row.
LookedBatch example_to_look_at(const Prepared& run, const data::Dataset& part, std::int64_t row);
// The (first) batch of step 0, 1, ... of the run.
LookedBatch batch_of_step(const Prepared& run, std::int64_t step);

// As the options of explain() say.
LookedBatch batch_to_explain(const Prepared& run, const ExplainOptions& options);

// What makes new weights in the first step of the run, with that step's learning rate. With `from`, in the
// one after that checkpoint, whose values the variables of network and optimizer take. Fault::usage:
// least_squares, which takes no steps. Fault::model: a checkpoint of another run.
Update update_to_explain(const Prepared& run, const Checkpoint* from = nullptr);

// A layer, or a part of one, whose output is a value of its own.
struct LookedLayer {
  std::string path, kind;
  Value y;
  std::vector<Variable> parameters;
};

// How layers behave: as while training (batch statistics, dropout), or as predictions have them.
enum class LookMode { training, inference };

// Forward pass, loss, gradients of all layers' outputs and of all parameters, appended to a graph of its own.
class LookedStep {
 public:
  LookedStep(const Prepared& run, const LookedBatch& batch, LookMode mode = LookMode::training);
  // For batches of this size as the run trains them, and with its layers in the order it takes them.
  LookedStep(const Prepared& run, std::int64_t batch_size);

  // The layers that a value is made of directly, by their places in `layers`; -1: the batch.
  std::vector<std::int64_t> reads_of(const Value& value) const;

  Graph graph;
  BatchInputs in;
  std::vector<LookedLayer> layers;  // in the order they are built, inner ones first
  Objective objective;
  std::vector<Variable> parameters;
  Values dy, dw;  // dL/d(output) of each layer; dL/d(parameter) of each parameter; L is objective.total
  Variable counter;

 private:
  explicit LookedStep(const Prepared& run);
  void build(const Prepared& run, nn::Pass pass);  // onto `in`
};

// A session of the step's program that gives `wanted` as its last outputs, the batch fed, and changes no
// variable.
Session session_of(Graph& graph, const Values& wanted, const Prepared& run, const LookedBatch& batch);

// The values of `wanted` on that batch, from such a session. The tensors share the program's buffers; those
// of parameters are the variables'.
std::vector<Tensor> values_of(Graph& graph, const Values& wanted, const Prepared& run,
                              const LookedBatch& batch);

}  // namespace gradus::train
