// Looking into the network at chosen steps: what each layer gives, and the gradients that reach it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gradus/compile.h"
#include "gradus/train.h"

namespace gradus::train {

// When to look: steps by number (0 is before the first update), and every so many.
class ProbePlan {
 public:
  // "0,100,1000", "every=50", or both. Fault::usage; `where` opens messages.
  static ProbePlan parse(std::string_view text, const std::string& where);
  bool due(std::int64_t step) const;
  bool empty() const { return steps_.empty() && every_ == 0; }

 private:
  std::vector<std::int64_t> steps_;  // sorted
  std::int64_t every_ = 0;           // 0: never
};

// Forward and backward passes on a batch that change no variable.
class NetworkProbe {
 public:
  NetworkProbe(const Prepared& run, const Variable& counter, std::int64_t batch_size);
  ProbeEvent look(const data::Batch& batch, std::int64_t step);

 private:
  struct LayerPlaces {
    std::string path, kind;
    std::size_t output = 0, gradient = 0;
  };
  std::vector<LayerPlaces> layers_;
  std::vector<Variable> parameters_;
  std::vector<std::size_t> gradients_;  // outputs of the program, one for each parameter
  std::optional<Session> session_;
};

}  // namespace gradus::train
