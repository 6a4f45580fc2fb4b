#include "train/health/monitor.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "train/health/rules.h"
#include "train/health/update_norms.h"
#include "train/prepare.h"

namespace gradus::train {

namespace {

constexpr std::int64_t kAtLeast = 150, kLooks = 200;  // steps between looks; looks in a run
// Beside its passes: gathering the numbers and writing their line; and what a step takes at the very least.
constexpr double kLookSeconds = 40e-6, kStepSeconds = 1.5e-6, kFlopsPerSecond = 2e11;
constexpr double kShare = 0.01;  // of the steps' time for that fixed part

std::int64_t rows_of_rank(std::int64_t batch, const Communicator* ranks) {
  if (ranks == nullptr) return batch;
  const std::int64_t size = ranks->size(), rank = ranks->rank();
  return data::part_begin(batch, rank + 1, size) - data::part_begin(batch, rank, size);
}

}  // namespace

std::int64_t health_interval(std::int64_t total_steps, std::int64_t flops_per_step) {
  const double step = kStepSeconds + static_cast<double>(flops_per_step) / kFlopsPerSecond;
  const auto fixed = static_cast<std::int64_t>(kLookSeconds / kShare / step);
  return std::max({kAtLeast, fixed, (total_steps + kLooks - 1) / kLooks});
}

HealthMonitor::HealthMonitor(const Prepared& run, const Communicator* ranks)
    : facts_(health_facts(run)),
      look_(run, rows_of_rank(batch_size(run), ranks)),
      asked_every_(run.config.health_every),
      batches_per_epoch_((run.parts.train.size() + batch_size(run) - 1) / batch_size(run)),
      accumulate_(run.config.accumulate),
      threads_(static_cast<int>(run.config.threads)),
      has_short_batch_(run.parts.train.size() % batch_size(run) != 0) {}

void HealthMonitor::open(const Stepper& stepper) {
  look_.open(stepper.workspace());
  every_ = asked_every_.value_or(health_interval(stepper.total_steps(), stepper.flops()));
}

bool HealthMonitor::starts_short(std::int64_t step) const {
  return has_short_batch_ && step % facts_.steps_per_epoch * accumulate_ == batches_per_epoch_ - 1;
}

// A step that begins with the short batch hands its turn on to the next one, which begins an epoch.
bool HealthMonitor::due(std::int64_t step) const {
  const std::int64_t since = step % every_;
  if (since > 1) return false;
  if (since == 0) return !starts_short(step);
  return step > 0 && starts_short(step - 1) && !starts_short(step);
}

void HealthMonitor::look(const Stepper& stepper, std::int64_t step, const data::Batch& batch) {
  event_ = look_.look(batch, stepper.counter().value());
  event_.step = step;
}

const HealthEvent& HealthMonitor::complete(const Stepper& stepper, const StepResult& done,
                                           std::optional<double> smoothed) {
  event_.lr = done.lr;
  event_.smoothed_loss = smoothed;
  measure_updates(event_.parameters, stepper.guarded(), threads_);
  course_.add(event_, facts_);
  return event_;
}

std::vector<Finding> HealthMonitor::after_look() { return find(rules_of_looks()); }

std::vector<Finding> HealthMonitor::after_epoch(const EpochEvent& event) {
  course_.add(event);
  return find(rules_of_epochs());
}

std::vector<Finding> HealthMonitor::find(std::span<const HealthRule> rules) {
  std::vector<Finding> found;
  for (const HealthRule rule : rules) {
    if (std::optional<Finding> finding = rule(course_, facts_))
      for (Finding& fresh : untold({*std::move(finding)})) found.push_back(std::move(fresh));
  }
  return found;
}

std::vector<Finding> HealthMonitor::untold(const std::vector<Finding>& found) {
  std::vector<Finding> fresh;
  for (const Finding& finding : found) {
    if (course_.told(finding.rule)) continue;
    course_.findings.push_back(finding);
    fresh.push_back(finding);
  }
  return fresh;
}

}  // namespace gradus::train
