// Schedules against PyTorch's, their texts, and what is refused.
#include <algorithm>
#include <cmath>

#include "gradus/error.h"
#include "gradus/optim.h"
#include "support/expect_error.h"
#include "support/golden.h"

namespace gradus::optim {
namespace {

struct GoldenCase {
  std::string name, text;
};

TEST(Schedule, CurvesAreTorchs) {
  const std::vector<GoldenCase> cases = {{"step", "step:every=3,factor=0.5"},
                                         {"exponential", "exponential:decay=0.9"},
                                         {"steps", "steps:at=3|4|11,factor=0.3"},
                                         {"cosine", "cosine:min=0.01"},
                                         {"cosine_restarts", "cosine_restarts:period=2,growth=2,min=0.01"},
                                         {"one_cycle", "one_cycle"},
                                         {"plateau", "plateau:factor=0.5,patience=2,min=0.02"}};
  for (const auto& [name, text] : cases) {
    const std::vector<double> expected = golden::read("schedule_" + name);
    ASSERT_EQ(expected.size(), 60u);
    Schedule schedule = Schedule::parse(text);
    for (std::int64_t step = 0; step < 60; ++step) {
      const double lr = schedule.lr(0.1, {.step = step, .steps_per_epoch = 4, .total_steps = 60});
      EXPECT_NEAR(lr, expected[static_cast<std::size_t>(step)], 1e-14) << name << ", step " << step;
      const auto epoch = static_cast<double>(step / 4);
      if (step % 4 == 3) schedule.observe(std::max(1.0 - 0.2 * epoch, 0.2));
    }
  }
}

TEST(Schedule, ConstantKeepsTheRate) {
  EXPECT_EQ(Schedule().lr(0.3, {.step = 1000, .total_steps = 10}), 0.3);
  EXPECT_EQ(Schedule::parse("constant").lr(0, {.step = 3}), 0);
}

TEST(Schedule, WarmupRisesPerStepAndTheRestCountsFromItsEnd) {
  const Schedule schedule = Schedule::parse("warmup:steps=4+cosine");
  const auto lr = [&](std::int64_t step) {
    return schedule.lr(1.0, {.step = step, .steps_per_epoch = 5, .total_steps = 14});
  };
  EXPECT_DOUBLE_EQ(lr(0), 0.25);
  EXPECT_DOUBLE_EQ(lr(3), 1.0);
  EXPECT_DOUBLE_EQ(lr(4), 1.0);
  EXPECT_DOUBLE_EQ(lr(9), 0.5);
  EXPECT_NEAR(lr(14), 0.0, 1e-15);
  const Schedule alone = Schedule::parse("warmup:steps=2");
  EXPECT_DOUBLE_EQ(alone.lr(1.0, {.step = 0}), 0.5);
  EXPECT_DOUBLE_EQ(alone.lr(1.0, {.step = 100}), 1.0);
}

TEST(Schedule, WarmupCountsEpochs) {
  const Schedule schedule = Schedule::parse("warmup:epochs=1.5+constant");
  EXPECT_DOUBLE_EQ(schedule.lr(1, {.step = 2, .steps_per_epoch = 4, .total_steps = 40}), 0.5);
  EXPECT_DOUBLE_EQ(schedule.lr(1, {.step = 6, .steps_per_epoch = 4, .total_steps = 40}), 1);
}

TEST(Schedule, PlacesOfStepsCountFromTheRunsStart) {
  const auto changes = [](const char* text) {
    const Schedule schedule = Schedule::parse(text);
    std::vector<std::int64_t> steps;
    double before = 0;
    for (std::int64_t step = 0; step < 40; ++step) {
      const double lr = schedule.lr(1, {.step = step, .steps_per_epoch = 4, .total_steps = 40});
      if (lr < before) steps.push_back(step);
      before = lr;
    }
    return steps;
  };
  using Steps = std::vector<std::int64_t>;
  EXPECT_EQ(changes("steps:at=2|5"), (Steps{8, 20}));
  EXPECT_EQ(changes("steps:at=2.5"), (Steps{10}));
  EXPECT_EQ(changes("steps:at=7|30,unit=step"), (Steps{7, 30}));
  EXPECT_EQ(changes("steps:at=0.1|0.5|0.75,unit=share"), (Steps{4, 20, 30}));
  EXPECT_EQ(changes("warmup:steps=3+steps:at=2|5"), (Steps{8, 20}));
}

TEST(Schedule, RestartsOfEqualPeriodsRepeat) {
  const Schedule schedule = Schedule::parse("cosine_restarts:period=10,unit=step");
  for (const std::int64_t step : {0, 3, 9}) {
    const double first = schedule.lr(1, {.step = step, .total_steps = 100});
    EXPECT_DOUBLE_EQ(schedule.lr(1, {.step = step + 70, .total_steps = 100}), first);
  }
  EXPECT_DOUBLE_EQ(schedule.lr(1, {.step = 5, .total_steps = 100}), 0.5);
}

TEST(Schedule, OneCycleFillsAnyRun) {
  for (const char* text :
       {"one_cycle", "one_cycle:rise=0", "one_cycle:rise=1", "one_cycle:div=1,final_div=1"}) {
    const Schedule schedule = Schedule::parse(text);
    for (const std::int64_t total : {1, 2, 3, 4, 1000}) {
      double most = 0;
      for (std::int64_t step = 0; step <= total; ++step) {
        const double lr = schedule.lr(1, {.step = step, .total_steps = total});
        EXPECT_TRUE(lr > 0 && lr <= 1) << text << ", step " << step << " of " << total << ": " << lr;
        most = std::max(most, lr);
      }
      EXPECT_GT(most, total == 1 || total == 1000 ? 0.9999 : 0.0) << text << ", " << total;
    }
  }
}

TEST(Schedule, UnitStepCountsSteps) {
  const Schedule per_step = Schedule::parse("step:every=3,factor=0.5,unit=step");
  EXPECT_DOUBLE_EQ(per_step.lr(1, {.step = 5, .steps_per_epoch = 100}), 0.5);
  const Schedule decay = Schedule::parse("exponential:decay=0.5,unit=step");
  EXPECT_DOUBLE_EQ(decay.lr(1, {.step = 3, .steps_per_epoch = 100}), 0.125);
}

TEST(Schedule, PlateauGoesOnFromItsState) {
  Schedule first = Schedule::parse("plateau:factor=0.5,patience=1");
  for (const double loss : {1.0, 1.0, std::nan("")}) first.observe(loss);
  EXPECT_DOUBLE_EQ(first.lr(1, {}), 0.5);
  first.observe(2.0);
  Schedule second = Schedule::parse("plateau:factor=0.5,patience=1");
  second.restore(first.state());
  second.observe(2.0);
  EXPECT_DOUBLE_EQ(second.lr(1, {}), 0.25);
  // Within the threshold is no gain, beyond it is.
  second.observe(0.99995);
  second.observe(0.5);
  EXPECT_EQ(second.state(), (std::vector<double>{0.5, 2, 0}));
  expect_error([&] { second.restore({1}); }, Fault::model,
               "schedule: its state has 3 numbers, 1 were given.");
}

TEST(Schedule, TextsInFullReadBack) {
  for (const auto& [text, full] : std::vector<std::pair<std::string, std::string>>{
           {"constant", "constant"},
           {"step:every=30", "step:every=30,factor=0.1,unit=epoch"},
           {"exponential:unit=step", "exponential:decay=0.95,unit=step"},
           {"steps:at=0.5|0.75,unit=share", "steps:at=0.5|0.75,factor=0.1,unit=share"},
           {"cosine", "cosine:min=0"},
           {"cosine_restarts:period=5", "cosine_restarts:period=5,growth=1,min=0,unit=epoch"},
           {"one_cycle:rise=0.4", "one_cycle:rise=0.4,div=25,final_div=10000"},
           {"warmup:epochs=5+steps:at=80", "warmup:epochs=5+steps:at=80,factor=0.1,unit=epoch"},
           {"plateau:patience=5", "plateau:factor=0.1,patience=5,threshold=0.0001,min=0"},
           {"warmup:steps=1e+2", "warmup:steps=100+constant"},
           {"warmup:steps=500+cosine:min=1e-05", "warmup:steps=500+cosine:min=1e-05"}}) {
    EXPECT_EQ(Schedule::parse(text).str(), full);
    EXPECT_EQ(Schedule::parse(full).str(), full);
  }
}

TEST(Schedule, RefusesOtherTexts) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"cosin",
       "schedule 'cosin': there is no schedule 'cosin'. Did you mean 'cosine'? Known are constant, step, "
       "steps, exponential, cosine, cosine_restarts, one_cycle, plateau, warmup."},
      {"", "schedule '': a name was needed, got nothing."},
      {"step", "schedule 'step': step needs every=NUMBER."},
      {"warmup", "schedule 'warmup': warmup needs steps=NUMBER or epochs=NUMBER."},
      {"warmup:steps=1,epochs=2",
       "schedule 'warmup:steps=1,epochs=2': steps and epochs were both given. Give one of them."},
      {"steps", "schedule 'steps': steps needs at=PLACE|PLACE."},
      {"steps:at=3|2", "schedule 'steps:at=3|2': at must be in ascending order, got 3|2."},
      {"steps:at=3|", "schedule 'steps:at=3|': at must be a number, got ''."},
      {"steps:at=2,unit=share", "schedule 'steps:at=2,unit=share': at must be at most 1, got 2."},
      {"steps:at=2,unit=day",
       "schedule 'steps:at=2,unit=day': unit must be epoch or step or share, got 'day'."},
      {"step:evry=3",
       "schedule 'step:evry=3': step takes no 'evry'. Did you mean 'every'? It takes every, factor, unit."},
      {"constant:a=1", "schedule 'constant:a=1': constant takes no 'a'."},
      {"step:every=0", "schedule 'step:every=0': every must be at least 1, got 0."},
      {"step:every=x", "schedule 'step:every=x': every must be a number, got 'x'."},
      {"cosine:min=nan", "schedule 'cosine:min=nan': min must be a number, got 'nan'."},
      {"cosine:min=-1", "schedule 'cosine:min=-1': min must be at least 0, got -1."},
      {"cosine:min",
       "schedule 'cosine:min': key=value was needed, got 'min'. Write cosine:key=value,key=value."},
      {"cosine:min=1,min=2", "schedule 'cosine:min=1,min=2': 'min' is given twice. Leave one out."},
      {"plateau:factor=2", "schedule 'plateau:factor=2': factor must be at most 1, got 2."},
      {"plateau:patience=1.5", "schedule 'plateau:patience=1.5': patience must be a whole number, got 1.5."},
      {"step:every=2,unit=day", "schedule 'step:every=2,unit=day': unit must be epoch or step, got 'day'."},
      {"cosine+step:every=2",
       "schedule 'cosine+step:every=2': only warmup can have another schedule after it. Write "
       "warmup:steps=N+cosine."},
      {"warmup:steps=2+warmup:steps=3",
       "schedule 'warmup:steps=2+warmup:steps=3': warmup is given twice. Leave one out."},
      {"warmup:steps=2+", "schedule 'warmup:steps=2+': a name was needed, got nothing."},
  };
  for (const auto& [text, message] : cases)
    expect_error([&, t = text] { Schedule::parse(t); }, Fault::usage, message);
}

}  // namespace
}  // namespace gradus::optim
