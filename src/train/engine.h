// What carries out the batches of a training step.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "gradus/compile.h"
#include "gradus/data.h"

namespace gradus::train {

// What a batch came to, over all ranks.
struct BatchResult {
  double loss = 0;    // its mean loss times `weight`
  double weight = 0;  // what that mean is a mean over
  std::int64_t correct = 0, examples = 0;
};

// A step is begin(), then run() for each of its batches, then update(). The counter of random numbers is set
// before each batch. After construction nothing is allocated.
class Engine {
 public:
  virtual ~Engine() = default;

  virtual void begin() = 0;
  virtual BatchResult run(const data::Batch& batch) = 0;
  virtual void update(double weight) = 0;  // of all batches together
  // The same, looking at every result: the first node that made a NaN or an infinity, where the step ends.
  virtual std::optional<std::string> run_checked(const data::Batch& batch, BatchResult& result) = 0;
  virtual std::optional<std::string> update_checked(double weight) = 0;

  // Has the loader make its batches where they are read, if that can be.
  virtual void take_from(data::Loader&) {}

  // Memory of its sessions that others may use between batches.
  virtual const Workspace& workspace() const = 0;
  virtual std::size_t memory_bytes() const = 0;  // besides the variables of model and optimizer
  virtual std::int64_t flops() const = 0;        // of a full batch, on all ranks
  virtual bool counts_correct() const = 0;
  virtual std::int64_t predictions_per_example() const = 0;
};

// The sum of its examples' weights, or their number.
double weight_of(const data::Batch& batch);

}  // namespace gradus::train
