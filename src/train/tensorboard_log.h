// A run's progress for TensorBoard, in the folder "tensorboard" of the run.
#pragma once

#include <filesystem>
#include <vector>

#include "gradus/io.h"
#include "gradus/train.h"
#include "train/listener.h"

namespace gradus::train {

class TensorBoardLog final : public Listener {
 public:
  TensorBoardLog(const std::filesystem::path& run, std::vector<Variable> parameters, std::int64_t log_every);

  bool wants_step(std::int64_t step, bool) const override { return log_every_ > 0 && step % log_every_ == 0; }
  void step(const StepEvent& event) override;  // loss/step, run/lr, run/samples_per_s
  // Loss and accuracy of train and val; a histogram of each parameter.
  void epoch(const EpochEvent& event) override;
  bool wants_probes() const override { return true; }
  void probe(const ProbeEvent& event) override;            // norms of parameters and of their gradients
  void gradients(const LookedGradients& looked) override;  // a histogram of each
  // Per layer mean, spread, gradient norm and what its kind has of dead and saturated; norms of parameters,
  // gradients and updates.
  void health(const HealthEvent& event) override;

 private:
  void scores(const std::string& part, const Scores& scores, std::int64_t step);

  const std::int64_t log_every_;
  std::vector<Variable> parameters_;
  io::EventFile file_;
};

}  // namespace gradus::train
