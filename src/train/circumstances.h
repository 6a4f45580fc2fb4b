// Where a run was trained, and what ended it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/machine.h"
#include "gradus/train.h"
#include "kernels/backends.h"

namespace gradus::train {

struct Environment {
  std::string version, compiler;  // of Gradus; what built it
  Machine machine;
  std::vector<Backend> libraries;
  std::int64_t threads = 0;  // used
  std::string precision;
  std::int64_t from_step = 0;  // of the run

  // "Intel Xeon, 2 of 4 threads, f32; Gradus 0.3.0, built by g++ 12.2.0"
  std::string str() const;
};
// Of this process, with the settings of a run.
Environment environment_of(const RunConfig& config);

// Where numbers stopped being finite.
struct Divergence {
  std::int64_t step = 0;       // done before
  std::string node, variable;  // which one made, or is, the first NaN or infinity; neither: the loss is

  // "the first NaN or infinity came from NODE", "'NAME' is NaN or infinite", "the loss is NaN or infinite"
  std::string cause() const;
};

struct RunEnd {
  enum Cause { finished, stopped_early, interrupted, ordered, diverged };
  Cause cause = finished;
  std::int64_t step = 0;  // done before
  std::string what;       // of diverged: Divergence::cause()

  // "It was interrupted after step 40."
  std::string str() const;
};

}  // namespace gradus::train
