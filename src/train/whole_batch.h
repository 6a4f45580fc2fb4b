// A step whose batches are computed in one piece.
#pragma once

#include <optional>
#include <vector>

#include "train/engine.h"
#include "train/programs.h"

namespace gradus::train {

// Without accumulation one program does everything, the update too; run() is the step. With it, programs up
// to the gradients add to sums, and update() makes an update of them.
class WholeBatch final : public Engine {
 public:
  WholeBatch(const Prepared& run, const Update& update, const Variable& counter, std::size_t workspace_bytes);

  void begin() override;
  BatchResult run(const data::Batch& batch) override;
  void update(double weight) override;
  std::optional<std::string> run_checked(const data::Batch& batch, BatchResult& result) override;
  std::optional<std::string> update_checked(double weight) override;
  void take_from(data::Loader& loader) override;

  const Workspace& workspace() const override { return *workspace_; }
  std::size_t memory_bytes() const override;
  std::int64_t flops() const override { return flops_; }
  bool counts_correct() const override { return places_.correct >= 0; }
  std::int64_t predictions_per_example() const override { return places_.predictions_per_example; }

 private:
  Session& feed(const data::Batch& batch);
  BatchResult result_of(const Session& session, const data::Batch& batch) const;

  std::int64_t batch_size_, flops_ = 0;
  StepOutputs places_;
  std::optional<Workspace> workspace_;  // of all sessions
  std::vector<Session> sessions_;       // of full batches, and of the short one
  // With accumulation, where sessions_ go up to the gradients:
  std::optional<GradientSums> sums_;
  std::optional<Session> update_session_;
};

}  // namespace gradus::train
