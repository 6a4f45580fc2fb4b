// A step whose batches are split into parts, each computed on its own: by several threads, by several ranks.
#pragma once

#include <map>
#include <span>
#include <vector>

#include "gradus/communicator.h"
#include "train/buckets.h"
#include "train/engine.h"
#include "train/part_worker.h"
#include "train/programs.h"

namespace gradus::train {

// The ranks that take part, or none; and numbers that are summed over them with each batch, in place.
struct Company {
  Communicator* ranks = nullptr;
  std::span<double> numbers = {};

  int rank() const { return ranks == nullptr ? 0 : ranks->rank(); }
  int size() const { return ranks == nullptr ? 1 : ranks->size(); }
};

// Part s of S has the examples [s B / S, (s + 1) B / S) of a batch of B.
//
// With RunConfig::shards S, a power of two, each part is computed by one thread, and gradients, statistics
// and losses are summed in a fixed tree, whose leaves are the parts: which thread or rank computes a part
// changes no bit. A rank has S / size parts that follow each other, as have its threads, as many as the
// largest power of two not above their number.
//
// Without shards each rank has one part and all its threads compute it; the ranks' gradients are summed in
// buckets while the backward pass makes the rest, or after it where all ranks are on one machine.
class SplitBatch final : public Engine {
 public:
  SplitBatch(const Prepared& run, const Update& update, const Variable& counter, std::size_t workspace_bytes,
             const Company& company);

  void begin() override;
  BatchResult run(const data::Batch& batch) override;
  void update(double weight) override;
  std::optional<std::string> run_checked(const data::Batch& batch, BatchResult& result) override;
  std::optional<std::string> update_checked(double weight) override;
  void take_from(data::Loader& loader) override;

  const Workspace& workspace() const override { return workers_.front().workspace(); }
  std::size_t memory_bytes() const override;
  std::int64_t flops() const override { return flops_; }
  bool counts_correct() const override { return places_.correct >= 0; }
  std::int64_t predictions_per_example() const override { return places_.predictions_per_example; }

 private:
  void compile_parts(const Prepared& run, const PartRange& mine, int threads);
  void plan_vector();
  bool accumulates();
  BatchResult sum_up();  // what the workers have, over workers and ranks, into the sums and statistics
  void run_and_sum(const data::Batch& batch);
  void sum_over_ranks(const Tensor& vector, Totals& totals);
  void take_statistics(const Tensor& vector, double weight);

  const bool fixed_tree_;
  const bool by_tree_;   // are sums over ranks, too
  const bool overlaps_;  // batch normalization over ranks has sums of its own in the backward pass
  const Company company_;
  Variable counter_;
  GradientSums sums_;
  std::vector<Variable> statistics_;
  std::map<std::int64_t, PartProgram> programs_;  // by number of examples
  VectorPlan plan_;
  StepOutputs places_;
  std::int64_t flops_ = 0;
  std::int64_t full_rows_ = 0, rest_rows_ = 0;  // of this rank's first part of a batch, and of the short one
  std::vector<PartWorker> workers_;
  Tensor total_;    // of the step's batches, where there are several; else the workers' sum
  Tensor scratch_;  // to sum over ranks
  std::optional<Buckets> buckets_;
  // Where ranks share the update: what they give each other, and who.
  std::vector<Variable> shared_;
  std::vector<int> owner_;
  std::vector<double> numbers_;
  std::vector<double> numbers_scratch_;
  std::optional<Session> update_session_;
};

}  // namespace gradus::train
