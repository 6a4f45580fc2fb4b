// Forward and backward pass of a step whose results are statistics of the layers only.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gradus/compile.h"
#include "gradus/health.h"
#include "gradus/train.h"

namespace gradus::train {

// Compiled when made; it changes no variable. Sums are taken in the compiled graph, so that a look costs
// little more than forward and backward pass.
class HealthLook {
 public:
  HealthLook(const Prepared& run, std::int64_t batch_size);
  std::size_t workspace_bytes() const { return arena_bytes(*program_); }
  // Before the first look.
  void open(const Workspace& workspace);

  // The batch, with the random numbers of `counter`. Without updates, smoothed loss and learning rate.
  HealthEvent look(const data::Batch& batch, const Tensor& counter);
  // Of each trained parameter, at the last look: views that the next run in the same workspace overwrites.
  // None unless RunConfig::tensorboard is set.
  std::vector<std::pair<std::string, Tensor>> gradients() const;

 private:
  struct LayerPlaces {
    std::string path, kind;
    std::int64_t elements = 0;
    std::size_t sum = 0, squares = 0, gradient = 0;  // outputs of the program
    std::optional<std::size_t> saturated;
  };
  LayerHealth layer_health(const LayerPlaces& layer) const;

  std::vector<LayerPlaces> layers_;
  std::vector<Variable> parameters_;
  std::vector<std::size_t> squares_;    // of the gradient of each parameter, added up
  std::vector<std::size_t> gradients_;  // of each parameter, or none
  std::size_t loss_ = 0;
  Variable counter_;
  std::shared_ptr<const Program> program_;
  std::optional<Session> session_;
};

}  // namespace gradus::train
