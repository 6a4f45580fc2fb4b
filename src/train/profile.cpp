// Where the time of a run's training step goes.
#include <algorithm>
#include <chrono>

#include "base/check.h"
#include "gradus/bench.h"
#include "train/prepare.h"

namespace gradus::train {

StepProfile profile_step(const RunConfig& config, std::int64_t steps) {
  require(Fault::usage, steps >= 1, "profile: at least 1 step was needed, got {}.", steps);
  const Prepared run = prepare(config);
  const data::Dataset train = training_part(run);
  const std::int64_t asked = run.config.batch_size.value_or(kFullBatch);
  const std::int64_t batch_size = asked == kFullBatch ? train.size() : std::min(asked, train.size());
  const StepGraph step = training_step(run, batch_size);
  Session session(compile(step.graph, {.threads = static_cast<int>(run.config.threads)}));
  data::Loader loader(train, {.batch_size = batch_size,
                              .shuffle = false,
                              .dtype = run.model.network.dtype,
                              .augmentation = training_augmentation(run.config),
                              .prefetch = 0});
  const data::Batch& batch = loader.next();
  session.feed(0, batch.x);
  session.feed(1, batch.y);
  if (batch.weight.defined()) session.feed(2, batch.weight);
  session.run();  // first touch of all memory
  Profile profile;
  for (std::int64_t i = 0; i < steps; ++i) session.run(profile);
  StepProfile result{.batch = batch_size, .steps = steps};
  for (const double seconds : profile.seconds) result.step_ms += 1e3 * seconds / static_cast<double>(steps);
  result.by_kernel = profile_by_kernel(session.program(), profile);
  result.by_instruction = profile_by_instruction(session.program(), profile);
  result.trace = chrome_trace(session.program(), profile);
  return result;
}

}  // namespace gradus::train
