// How batch normalization cuts its data: into groups, whose sums are added in order, so that the results do
// not depend on the number of threads.
#pragma once

#include <cstddef>
#include <cstdint>

#include "gradus/ops.h"

namespace gradus::simd {

// A part of x. Either `rows` rows of `width` = repeat * channels elements: a few narrow rows side by side
// make one that fills vectors. Or, where channels come first, one element of the batch: a line for each
// channel.
struct BatchGroup {
  std::size_t first;  // element
  std::size_t rows;   // elements that one partial sum covers
  std::size_t repeat;
};

class BatchCut {
 public:
  BatchCut(const BatchNormOptions& options, const Shape& x);

  bool lines() const { return inner_ > 1; }
  std::size_t channels() const { return channels_; }
  double count() const { return static_cast<double>(outer_ * inner_); }  // elements of a channel
  std::size_t width() const { return repeat_ * channels_; }              // of the widest group
  std::size_t groups() const { return groups_; }
  BatchGroup group(std::size_t number) const;
  // Pieces that threads take one by one: groups, or single lines.
  std::size_t pieces() const { return lines() ? groups_ * channels_ : groups_; }

 private:
  std::size_t outer_, channels_, inner_;
  std::size_t repeat_ = 1;
  std::size_t chunk_ = 1;  // wide rows of a group
  std::size_t wide_rows_ = 0;
  std::size_t left_ = 0;  // narrow rows behind the wide ones
  std::size_t groups_;
};

}  // namespace gradus::simd
