#include "train/buckets.h"

#include "tensor/dispatch.h"

namespace gradus::train {

Buckets::Buckets(const VectorPlan& plan, std::size_t bytes) : bucket_of_(plan.first.size()) {
  std::size_t end = static_cast<std::size_t>(plan.type.shape.size());
  std::size_t pieces = 0;
  for (std::size_t piece = plan.first.size(); piece-- > 0;) {
    bucket_of_[piece] = buckets_.size();
    ++pieces;
    if (piece > 0 && (end - plan.first[piece]) * size_of(plan.type.dtype) < bytes) continue;
    buckets_.push_back({.first = plan.first[piece], .end = end, .pieces = pieces, .open = pieces});
    end = plan.first[piece];
    pieces = 0;
  }
}

void Buckets::begin() {
  begun_ = 0;
  for (Bucket& bucket : buckets_) bucket.open = bucket.pieces;
}

void Buckets::begin_sum(const Bucket& bucket, const Tensor& vector, Communicator& ranks) const {
  dispatch_float(vector.dtype(), [&](auto zero) {
    ranks.begin_sum(vector.values<decltype(zero)>().subspan(bucket.first, bucket.end - bucket.first));
  });
}

void Buckets::made(std::size_t piece, const Tensor& vector, Communicator& ranks) {
  --buckets_[bucket_of_[piece]].open;
  while (begun_ < buckets_.size() && buckets_[begun_].open == 0) begin_sum(buckets_[begun_++], vector, ranks);
  if (begun_ > 0) ranks.advance();
}

void Buckets::begin_rest(const Tensor& vector, Communicator& ranks) {
  while (begun_ < buckets_.size()) begin_sum(buckets_[begun_++], vector, ranks);
}

}  // namespace gradus::train
