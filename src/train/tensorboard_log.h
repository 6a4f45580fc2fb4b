// A run's progress for TensorBoard, in the folder "tensorboard" of the run.
#pragma once

#include <filesystem>
#include <vector>

#include "gradus/io.h"
#include "gradus/train.h"

namespace gradus::train {

class TensorBoardLog {
 public:
  TensorBoardLog(const std::filesystem::path& run, std::vector<Variable> parameters);

  void step(const StepEvent& event);    // loss/step, run/lr, run/samples_per_s
  void epoch(const EpochEvent& event);  // loss and accuracy of train and val; a histogram of each parameter
  void probe(const ProbeEvent& event);  // norms of parameters and of their gradients
  // Per layer mean, spread, gradient norm and what its kind has of dead and saturated; norms of parameters,
  // gradients and updates.
  void health(const HealthEvent& event);

 private:
  void scores(const std::string& part, const Scores& scores, std::int64_t step);

  std::vector<Variable> parameters_;
  io::EventFile file_;
};

}  // namespace gradus::train
