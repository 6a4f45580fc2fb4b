// One training step written out: forward pass, loss, backward pass and update with the engine's own numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gradus/train.h"

namespace gradus::train {

struct Checkpoint;
class Stepper;

struct ExplainOptions {
  // The step that the run takes next from there, with the checkpoint's weights, statistics, averages and
  // count of steps; none: its first one.
  const Checkpoint* from = nullptr;
  // The example of the training part to take alone; none: the step's (first) batch.
  std::optional<std::int64_t> row = {};
  std::int64_t full_size = 24;  // elements up to which an array is given in full
  std::int64_t first = 6;       // elements of larger ones
};

// An array of the step.
struct ArrayView {
  std::string symbol;   // as formulas call it: "W2"
  std::string name;     // what it is: "layers.2.weight"
  std::string formula;  // what it is made of, read off the graph; "" for what a step begins with
  Type type;
  double mean = 0, std = 0, min = 0, max = 0, norm = 0;  // of the finite elements
  std::int64_t not_finite = 0;                           // how many are NaN or infinite
  std::vector<double> values;                            // all, or the first ones
  bool complete = false;                                 // all
};

struct ExplainStep {
  enum Stage { forward, loss, backward, update };
  Stage stage = forward;
  std::int64_t number = 0;               // of the steps, from 1
  std::string path, kind;                // "layers.2", "dense"; of an update the parameter and ""
  std::vector<ArrayView> arrays;         // what it reads that no step before made, then what it makes
  std::vector<std::int64_t> reads = {};  // forward and loss: layers whose outputs it reads, -1 the batch
};

struct Explanation {
  std::int64_t examples = 0;              // in the batch
  std::optional<std::int64_t> row = {};   // that it is
  std::optional<std::int64_t> from = {};  // the step of the checkpoint that it goes on from
  std::string loss_name, optimizer, precision;
  double lr = 0, loss = 0;
  std::vector<ArrayView> batch;    // x, t, and the weights of examples if there are some
  std::vector<ExplainStep> steps;  // in order; layer k of the formulas is forward step k
};

// What one training step makes of a batch and, though the update is the engine's own, changes no variable;
// with options.from they have the checkpoint's values afterwards. Without, the optimizer stands as at the
// beginning of a run: its averages are 0, its step is the first. Symbols: x
// and t are the batch, y2 the output of the second layer shown, W2 and b2 its parameters, L the loss, dy2 =
// dL/dy2; a mark as in W2' means after the update. Fault::usage: no such row; an optimizer that takes no
// steps.
Explanation explain(const Prepared& run, const ExplainOptions& options = {});
// The same of the update that `next`, a stepper of the run without `accumulate`, would make next: with its
// batch, variables, averages, learning rate and random numbers. options.row is left aside.
Explanation explain(const Prepared& run, const Stepper& next, const ExplainOptions& options = {});

// Of the steps, those of these layers and what they hold, and of the update those of their parameters:
// "layers.2" takes "layers.2", "layers.2.0" and "layers.2.weight". Fault::usage: there is no such layer.
Explanation only(Explanation explanation, const std::vector<std::string>& layers);

// The graph of that step, for Graphviz.
std::string explain_dot(const Prepared& run, const ExplainOptions& options = {});

// A network to look at without data or files: 2-2-1 units of sigmoids in f64, one example x = (1, 0.5),
// t = 1, mean squared error, plain gradient descent with learning rate 0.5. Its weights are fixed.
Prepared built_in_run();

}  // namespace gradus::train
