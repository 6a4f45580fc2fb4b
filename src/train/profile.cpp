// Where the time of a run's training step goes.
#include "train/profile.h"

#include <algorithm>
#include <chrono>

#include "base/check.h"
#include "gradus/bench.h"
#include "train/precision.h"
#include "train/prepare.h"

namespace gradus::train {

StepProfile summary(const Program& program, const Profile& profile, std::int64_t batch, double step_ms) {
  return {.batch = batch,
          .steps = profile.runs,
          .step_ms = step_ms,
          .by_kernel = profile_by_kernel(program, profile),
          .by_instruction = profile_by_instruction(program, profile),
          .trace = chrome_trace(program, profile)};
}

StepProfile profile_step(const RunConfig& config, std::int64_t steps) {
  require(Fault::usage, steps >= 1, "profile: at least 1 step was needed, got {}.", steps);
  const Prepared run = prepare(config);
  const data::Dataset train = training_part(run);
  const std::int64_t batch = train::batch_size(run);
  const StepGraph step = training_step(run, batch);
  Session session(compile(step.graph, compile_options(run.config.precision, run.config.threads)));
  data::Loader loader(train, {.batch_size = batch,
                              .shuffle = false,
                              .dtype = run.model.network.dtype,
                              .augmentation = training_augmentation(run.config),
                              .prefetch = 0});
  const data::Batch& given = loader.next();
  session.feed(0, given.x);
  session.feed(1, given.y);
  if (given.weight.defined()) session.feed(2, given.weight);
  session.run();  // first touch of all memory
  Profile profile;
  for (std::int64_t i = 0; i < steps; ++i) session.run(profile);
  double seconds = 0;
  for (const double each : profile.seconds) seconds += each;
  return summary(session.program(), profile, batch, 1e3 * seconds / static_cast<double>(steps));
}

}  // namespace gradus::train
