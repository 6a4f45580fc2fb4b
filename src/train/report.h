// The metrics of a model, collected batch by batch.
#pragma once

#include "gradus/metrics.h"
#include "gradus/train.h"

namespace gradus::train {

class Report {
 public:
  Report(const Model& model, std::int64_t top_k);

  void add(const Tensor& output, const data::Batch& batch);
  // Fills in all but the scores and the part.
  void finish(EvalResult& result) const;

 private:
  void add_classes(const Tensor& output, const data::Batch& batch);
  void add_labels(const Tensor& output, const data::Batch& batch);
  void add_numbers(const Tensor& output, const data::Batch& batch);

  const Model& model_;
  std::int64_t top_k_, classes_, examples_ = 0;
  std::vector<std::vector<std::int64_t>> confusion_;  // of examples of one class
  std::int64_t in_top_k_ = 0;
  std::vector<double> scores_;                // of two classes: how far the second is ahead
  std::vector<std::uint8_t> positives_;       // and whether it is true
  std::vector<metrics::ClassScores> labels_;  // of several labels
  std::int64_t all_right_ = 0;
  metrics::RegressionScores numbers_;
};

}  // namespace gradus::train
