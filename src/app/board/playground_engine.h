// The playground's run: training steps, and looks at the network between them. Every number comes from the
// library's own programs.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "app/board/playground_settings.h"
#include "train/evaluator.h"
#include "train/explain.h"
#include "train/explain_step.h"
#include "train/stepper.h"

namespace gradus::board {

// A batch of the run as the next step will meet it, kept compiled: outputs of all layers, and the gradients
// of them and of all parameters.
struct StepLook {
  StepLook(const train::Prepared& run, const train::LookedBatch& batch);
  void look(const train::LookedBatch& batch, std::int64_t step);

  train::LookedStep step;
  Session session;
  std::vector<Tensor> y, dy, dw;  // of step.layers and step.parameters; y and dy are [batch, units]
};

// What the network says about points of the plane.
struct PlaneView {
  std::int64_t size = 0;                  // points along each axis
  double x0 = 0, x1 = 0, y0 = 0, y1 = 0;  // the plane's edges, in the units the network is fed
  std::vector<double> values;  // [size, size] rows from y0 up: the likeliest class's probability, or output 0
  std::vector<std::int64_t> classes;  // that class; empty for numbers
};

class PlaygroundEngine {
 public:
  // Errors: all that settings, data and model can have.
  explicit PlaygroundEngine(const PlaygroundSettings& settings);

  const train::Prepared& run() const { return run_; }
  std::int64_t position() const { return stepper_->position(); }
  const train::Stepper& stepper() const { return *stepper_; }
  // Fault::diverged: a loss that is not finite; the run can only start anew then.
  void step();
  // The batch that the next step takes, and the network on it.
  const train::LookedBatch& batch();
  StepLook& look();
  train::Scores scores(const data::Dataset& part) { return scorer_->scores(part); }
  const PlaneView& plane();
  // The whole of the next step, every array in full.
  train::Explanation explain() const;

 private:
  void make_plane();

  train::Prepared run_;
  std::unique_ptr<train::Stepper> stepper_;
  std::optional<train::Evaluator> scorer_, viewer_;  // with targets, without
  std::map<std::int64_t, StepLook> looks_;           // by the batch's size
  std::optional<train::LookedBatch> batch_;
  std::int64_t looked_at_ = -1;  // the step that batch_ and its look belong to
  data::Dataset plane_points_;
  PlaneView plane_;
  std::int64_t plane_at_ = -1;
};

}  // namespace gradus::board
