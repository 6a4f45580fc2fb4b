// Those whom a run tells what it does: its own files, and the caller's functions.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gradus/train.h"
#include "train/circumstances.h"

namespace gradus::train {

// dL/dw of each trained parameter, at a look at the network's health.
struct LookedGradients {
  std::int64_t step = 0;  // whose update they make
  std::vector<std::pair<std::string, Tensor>> gradients;
};

// Calls come from the thread that trains. What a listener leaves out it does not hear of.
class Listener {
 public:
  virtual ~Listener() = default;

  virtual void start(const StartEvent&) {}
  // Whether to hear of the step just done. Asked after every step, so it only compares.
  virtual bool wants_step(std::int64_t /*step*/, bool /*last*/) const { return false; }
  virtual void step(const StepEvent&) {}
  virtual void epoch(const EpochEvent&) {}
  virtual bool wants_probes() const { return false; }
  virtual void probe(const ProbeEvent&) {}
  // Before the update, with tensors that it overwrites; only with RunConfig::tensorboard.
  virtual void gradients(const LookedGradients&) {}
  virtual void health(const HealthEvent&) {}
  virtual void finding(const Finding&) {}
  virtual void order(const OrderEvent&) {}
  virtual void not_finite(const NotFiniteEvent&) {}
  virtual void checkpoint(const std::filesystem::path&) {}
  virtual void warning(const std::string&) {}
  // At the end of a run that got there, or of one that did not.
  virtual void finish(const TrainResult&) {}
  virtual void end(const RunEnd&) {}
};

// The functions of Events, but trained and finish: those come when the memory of training is free again.
class Caller final : public Listener {
 public:
  explicit Caller(const Events& events) : events_(events) {}

  void start(const StartEvent& event) override;
  bool wants_step(std::int64_t step, bool last) const override;
  void step(const StepEvent& event) override;
  void epoch(const EpochEvent& event) override;
  bool wants_probes() const override { return events_.probe != nullptr; }
  void probe(const ProbeEvent& event) override;
  void health(const HealthEvent& event) override;
  void finding(const Finding& finding) override;
  void order(const OrderEvent& event) override;
  void not_finite(const NotFiniteEvent& event) override;
  void checkpoint(const std::filesystem::path& file) override;
  void warning(const std::string& text) override;

 private:
  using Clock = std::chrono::steady_clock;

  const Events& events_;
  std::optional<Clock::time_point> told_;  // of a step
};

// Tells each of them, in order.
class Listeners {
 public:
  explicit Listeners(std::vector<Listener*> list) : list_(std::move(list)) {}

  template <class Event>
  void tell(void (Listener::*what)(const Event&), const Event& event) const {
    for (Listener* listener : list_) (listener->*what)(event);
  }
  // The event is made only if somebody wants it.
  template <class MakeEvent>
  void tell_step(std::int64_t step, bool last, const MakeEvent& make_event) const {
    std::optional<StepEvent> event;
    for (Listener* listener : list_) {
      if (!listener->wants_step(step, last)) continue;
      if (!event) event = make_event();
      listener->step(*event);
    }
  }
  bool want_probes() const {
    return std::any_of(list_.begin(), list_.end(), [](const Listener* l) { return l->wants_probes(); });
  }

 private:
  std::vector<Listener*> list_;
};

}  // namespace gradus::train
