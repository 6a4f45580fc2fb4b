// Parts of batches, computed one after the other by one thread or by all, and summed.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "gradus/compile.h"
#include "gradus/data.h"
#include "train/programs.h"
#include "train/tree_stack.h"

namespace gradus::train {

// A part's program, for its number of examples.
struct PartProgram {
  std::shared_ptr<const Program> program;
  StepOutputs places;
  std::size_t sums = 0;
  std::int64_t flops = 0;
};

// Part [first, first + count) of the `of` parts of each batch.
struct PartRange {
  std::int64_t first = 0, count = 1, of = 1;
};

// Where in a vector each sum begins, aligned as variables are; and its length.
struct VectorPlan {
  std::vector<std::size_t> first;  // elements
  Type type;
};

class PartWorker {
 public:
  // A session for each of the programs, in memory of at least so many bytes.
  PartWorker(const std::map<std::int64_t, PartProgram>& programs, const PartRange& parts,
             const VectorPlan& plan, std::size_t workspace_bytes);

  // Its parts of a batch, with the counter (seed, step) of random numbers. Their sums are sums()'.
  void run(const data::Batch& batch, const Tensor& counter);
  // The same for a worker of one part: calls `made` with each piece of the sum once it is there. False: the
  // part has no examples.
  bool run(const data::Batch& batch, const Tensor& counter,
           const std::function<void(std::size_t piece)>& made);
  // The same, looking at every result, as Session::run_checked().
  std::optional<std::string> run_checked(const data::Batch& batch, const Tensor& counter);
  // Of gradients and statistics; of (weight times loss, weight, hits, examples).
  TreeStack& sums() { return sums_; }
  std::size_t sum_bytes() const { return sums_.bytes(); }

  // Where a part of so many examples reads them.
  data::Batch inputs(std::int64_t rows) const;

  const Workspace& workspace() const { return workspace_; }

 private:
  struct Part {
    Session session;
    std::vector<Piece> pieces;
    std::size_t sums;    // output of the first piece
    std::size_t inputs;  // of a batch
    StepOutputs places;
  };
  struct Rows {
    std::int64_t begin, end;  // of the whole batch
  };

  Rows rows_of(const data::Batch& batch, std::int64_t part) const;
  double feed(Part& part, const data::Batch& batch, const Rows& rows, const Tensor& counter);
  Totals totals_of(const Part& part, const Rows& rows, double weight) const;

  PartRange range_;
  Workspace workspace_;
  std::map<std::int64_t, Part> parts_;  // by number of examples
  TreeStack sums_;
};

}  // namespace gradus::train
