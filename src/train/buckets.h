// Sums over ranks that begin while gradients are still being made.
#pragma once

#include <cstddef>
#include <vector>

#include "gradus/communicator.h"
#include "train/part_worker.h"

namespace gradus::train {

// A vector cut into ranges of about so many bytes. The backward pass makes the last gradients first, so the
// last range is complete first; ranges begin in that order, which is then the same on all ranks.
class Buckets {
 public:
  static constexpr std::size_t kBytes = std::size_t{128} << 10;

  Buckets(const VectorPlan& plan, std::size_t bytes = kBytes);

  void begin();
  // Piece number `piece` is in the vector: begins the sums that can begin, and helps the others on.
  void made(std::size_t piece, const Tensor& vector, Communicator& ranks);
  void begin_rest(const Tensor& vector, Communicator& ranks);
  std::size_t count() const { return buckets_.size(); }

 private:
  struct Bucket {
    std::size_t first, end;  // elements
    std::size_t pieces;      // how many it has, and how many are still to be made
    std::size_t open;
  };
  void begin_sum(const Bucket& bucket, const Tensor& vector, Communicator& ranks) const;

  std::vector<Bucket> buckets_;         // the last range first
  std::vector<std::size_t> bucket_of_;  // [piece]
  std::size_t begun_ = 0;
};

}  // namespace gradus::train
