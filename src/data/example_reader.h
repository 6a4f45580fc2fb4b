// Examples of a data set as they stand in a batch: converted, normalized, augmented.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "gradus/data.h"

namespace gradus::data {

// Reading takes no memory.
class ExampleReader {
 public:
  ExampleReader(const Dataset& data, DType dtype, const Augmentation& augmentation, std::uint64_t seed);

  // Fills x, y and weight of a batch with these rows, as epoch number `epoch` sees them.
  void read(std::int64_t epoch, std::span<const std::int64_t> rows, Batch& batch);

 private:
  template <class To>
  void read_x(std::int64_t epoch, std::int64_t row, To* to);
  template <class To>
  void mix(std::int64_t epoch, std::span<const std::int64_t> rows, Batch& batch);

  const Dataset& data_;
  DType dtype_;
  Augmentation augmentation_;
  std::uint64_t seed_;
  bool plain_;                                          // x is only copied or cast
  std::int64_t channels_ = 1, height_ = 1, width_ = 1;  // of an example; [C, 1, D] where rows do not matter
  std::vector<double> scale_, shift_;  // of each channel: x becomes scale x + shift; empty: nothing does
  Tensor moved_;                       // a channel
  Tensor other_;                       // an example to mix in
};

}  // namespace gradus::data
