#include "train/listener.h"

#include <fmt/core.h>

namespace gradus::train {

std::string NotFiniteEvent::str() const {
  const std::string text =
      fmt::format("step {} was left out: the first NaN or infinity came from {}", step, cause);
  if (did != "rollback") return text;
  return fmt::format("{}; back to the weights after step {}, learning rate {}", text, back_to, lr);
}

void Caller::start(const StartEvent& event) {
  if (events_.start) events_.start(event);
}

bool Caller::wants_step(std::int64_t /*step*/, bool last) const {
  if (!events_.step) return false;
  if (last || !told_) return true;
  const std::chrono::duration<double, std::milli> since = Clock::now() - *told_;
  return since.count() >= events_.step_interval_ms;
}

void Caller::step(const StepEvent& event) {
  told_ = Clock::now();
  events_.step(event);
}

void Caller::epoch(const EpochEvent& event) {
  if (events_.epoch) events_.epoch(event);
}

void Caller::probe(const ProbeEvent& event) {
  if (events_.probe) events_.probe(event);
}

void Caller::health(const HealthEvent& event) {
  if (events_.health) events_.health(event);
}

void Caller::finding(const Finding& finding) {
  if (events_.finding) events_.finding(finding);
}

void Caller::order(const OrderEvent& event) {
  if (events_.order) events_.order(event);
}

void Caller::not_finite(const NotFiniteEvent& event) {
  if (events_.not_finite) events_.not_finite(event);
}

void Caller::checkpoint(const std::filesystem::path& file) {
  if (events_.checkpoint) events_.checkpoint(file);
}

void Caller::warning(const std::string& text) {
  if (events_.warning) events_.warning(text);
}

}  // namespace gradus::train
