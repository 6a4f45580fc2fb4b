// The health of a running run: when to look, what was seen, what was found.
#pragma once

#include <optional>
#include <vector>

#include "train/health/facts.h"
#include "train/health/look.h"
#include "train/health/rules.h"
#include "train/stepper.h"

namespace gradus::train {

// Steps between looks where the settings leave it open, so that looks take less than 2 % of the steps' time:
// a look takes about one and a half steps, and a fixed time that counts where steps are very short.
std::int64_t health_interval(std::int64_t total_steps, std::int64_t flops_per_step);

class HealthMonitor {
 public:
  // Of each batch the rank's own part is looked at.
  explicit HealthMonitor(const Prepared& run, const Communicator* ranks = nullptr);
  std::size_t workspace_bytes() const { return look_.workspace_bytes(); }
  // Before the first step: looks share the step's memory.
  void open(const Stepper& stepper);

  // Whether to look at this step: one whose first batch is full.
  bool due(std::int64_t step) const;
  // What earlier processes of the run saw, and found.
  void restore(const HealthRecord& record) { course_ = course_of(record, facts_); }

  // Before the step's update, and after it. `stepper` has guarded the variables as they were before.
  void look(const Stepper& stepper, std::int64_t step, const data::Batch& batch);
  std::vector<std::pair<std::string, Tensor>> gradients() const { return look_.gradients(); }
  const HealthEvent& complete(const Stepper& stepper, const StepResult& done, std::optional<double> smoothed);
  // What the rules find then and did not before.
  std::vector<Finding> after_look();
  std::vector<Finding> after_epoch(const EpochEvent& event);
  // Of a list, what was not told before.
  std::vector<Finding> untold(const std::vector<Finding>& found);

 private:
  std::vector<Finding> find(std::span<const HealthRule> rules);
  bool starts_short(std::int64_t step) const;

  const HealthFacts facts_;
  HealthLook look_;
  std::optional<std::int64_t> asked_every_;
  std::int64_t every_ = 0, batches_per_epoch_ = 0, accumulate_ = 1;
  int threads_ = 1;
  bool has_short_batch_ = false;
  HealthEvent event_;  // begun by look()
  HealthCourse course_;
};

}  // namespace gradus::train
