// A layer's output as a function of what it reads, and its partial derivatives.
#pragma once

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "gradus/compile.h"
#include "gradus/value.h"

namespace gradus::train {

// The step's graph cut at some of its values: y as a function of those it reads directly, with all else (the
// batch, parameters, random numbers) as in the step. Derivatives are taken by the ops' own gradient rules, on
// the compiled program.
class LocalFunction {
 public:
  // `cuts` are the values to cut at, `numbers` what they are in the step (of
  // those that needs() names, when derivatives are asked for). y itself is not cut.
  LocalFunction(const Value& y, const Values& cuts, const std::vector<Tensor>& numbers);

  const std::vector<std::size_t>& reads() const { return reads_; }   // places in `cuts`
  std::int64_t inputs() const;                                       // elements of all that it reads
  const std::vector<std::size_t>& needs() const { return inputs_; }  // these, and what the batch holds
  bool reads(const Variable& variable) const { return static_cast<bool>(graph_.find(variable)); }

  // dy[element] / d(each of reads()): a row of the Jacobian, valid until the next call.
  const std::vector<Tensor>& row(std::int64_t element);
  // dy / d variable[element], of y's type: a column. The gradient is linear in what it starts from, and the
  // gradient of that linear function is the Jacobian times a vector.
  Tensor column(const Variable& variable, std::int64_t element);

 private:
  Value copy(const Value& value);
  Session session_for(const Values& outputs);

  const Values& cuts_;
  const std::vector<Tensor>& numbers_;
  Graph graph_;
  std::map<int, Values> copies_;  // by node
  std::vector<std::size_t> reads_, inputs_;
  Values read_values_;
  Value y_, upstream_;
  std::optional<Session> rows_;
};

}  // namespace gradus::train
