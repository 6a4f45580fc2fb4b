// Who is told what a run does, and when.
#include "train/listener.h"

#include <gtest/gtest.h>

namespace gradus::train {
namespace {

struct EveryThird : Listener {
  explicit EveryThird(std::vector<std::int64_t>& steps) : told(steps) {}
  bool wants_step(std::int64_t step, bool last) const override { return step % 3 == 0 || last; }
  void step(const StepEvent& e) override { told.push_back(e.step); }

  std::vector<std::int64_t>& told;
};

TEST(Listeners, AStepIsMadeOnceAndForThoseWhoWantIt) {
  std::vector<std::int64_t> told;
  EveryThird first(told), second(told);
  Listener deaf;
  const Listeners listeners({&first, &deaf, &second});
  std::vector<std::int64_t> made;
  for (std::int64_t step = 1; step <= 7; ++step) {
    listeners.tell_step(step, step == 7, [&] {
      made.push_back(step);
      StepEvent event;
      event.step = step;
      return event;
    });
  }
  EXPECT_EQ(made, (std::vector<std::int64_t>{3, 6, 7}));
  EXPECT_EQ(told, (std::vector<std::int64_t>{3, 3, 6, 6, 7, 7}));
}

TEST(Listeners, TheCallersStepsComeAtMostOnceInTheirTime) {
  std::int64_t told = 0;
  Events events;
  events.step_interval_ms = 1e9;
  events.step = [&](const StepEvent&) { ++told; };
  Caller caller(events);
  const Listeners listeners({&caller});
  for (std::int64_t step = 1; step <= 5; ++step)
    listeners.tell_step(step, step == 5, [] { return StepEvent(); });
  EXPECT_EQ(told, 2);  // the first, as none came before it, and the last
}

TEST(Listeners, ProbesAreTakenOnlyForThoseWhoWantThem) {
  Events events;
  Caller caller(events);
  const Listeners listeners({&caller});
  EXPECT_FALSE(listeners.want_probes());
  events.probe = [](const ProbeEvent&) {};
  EXPECT_TRUE(listeners.want_probes());
}

}  // namespace
}  // namespace gradus::train
