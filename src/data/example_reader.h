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
  // Large batches are read by up to `threads` threads together; their number changes no bit.
  ExampleReader(const Dataset& data, DType dtype, const Augmentation& augmentation, std::uint64_t seed,
                int threads = 1);

  // Fills x, y and weight of a batch with these rows, as epoch number `epoch` sees them.
  void read(std::int64_t epoch, std::span<const std::int64_t> rows, Batch& batch);

 private:
  // What a thread needs for itself.
  struct Scratch {
    Tensor moved;  // a channel
    Tensor other;  // an example to mix in
  };

  // Row number i of the batch is that of the data set in rows[i]; a thread fills a part of it, from `first`
  // on.
  void read_part(Scratch& scratch, std::int64_t epoch, std::span<const std::int64_t> rows, std::int64_t first,
                 Batch& batch) const;
  void prefetch_example(std::int64_t row) const;
  template <class To>
  void read_x(Scratch& scratch, std::int64_t epoch, std::int64_t row, To* to) const;
  template <class To>
  void mix(Scratch& scratch, std::int64_t epoch, std::span<const std::int64_t> rows, std::int64_t first,
           Batch& batch) const;

  const Dataset& data_;
  DType dtype_;
  Augmentation augmentation_;
  std::uint64_t seed_;
  bool plain_;                                          // x is only copied or cast
  std::int64_t channels_ = 1, height_ = 1, width_ = 1;  // of an example; [C, 1, D] where rows do not matter
  std::int64_t example_bytes_ = 0;                      // in the data set
  std::vector<double> scale_, shift_;  // of each channel: x becomes scale x + shift; empty: nothing does
  std::vector<Scratch> scratch_;       // of each thread
};

}  // namespace gradus::data
