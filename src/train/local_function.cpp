#include "train/local_function.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "compiler/rewrite.h"
#include "gradus/grad.h"
#include "gradus/op_def.h"
#include "gradus/ops.h"

namespace gradus::train {

LocalFunction::LocalFunction(const Value& y, const Values& cuts, const std::vector<Tensor>& numbers)
    : cuts_(cuts), numbers_(numbers) {
  Values in;
  for (const Value& value : y.node().in) in.push_back(copy(value));
  y_ = copy_node(graph_, y.node(), in)[static_cast<std::size_t>(y.output())];
  upstream_ = input(graph_, y_.type(), "upstream");
}

Value LocalFunction::copy(const Value& value) {
  const auto cut = std::find(cuts_.begin(), cuts_.end(), value);
  if (cut != cuts_.end()) {
    const auto place = static_cast<std::size_t>(cut - cuts_.begin());
    const auto known = std::find(inputs_.begin(), inputs_.end(), place);
    if (known != inputs_.end()) return graph_.inputs()[static_cast<std::size_t>(known - inputs_.begin())];
    inputs_.push_back(place);
    const Value fed = input(graph_, value.type(), fmt::format("cut{}", place));
    // What the batch holds is given, not made: no path leads through it.
    if (is_float(value.dtype()) && !value.node().in.empty()) {
      reads_.push_back(place);
      read_values_.push_back(fed);
    }
    return fed;
  }
  if (const auto known = copies_.find(value.node_id()); known != copies_.end())
    return known->second[static_cast<std::size_t>(value.output())];
  Values in;
  for (const Value& operand : value.node().in) in.push_back(copy(operand));
  const Values outputs = copy_node(graph_, value.node(), in);
  copies_.emplace(value.node_id(), outputs);
  return outputs[static_cast<std::size_t>(value.output())];
}

std::int64_t LocalFunction::inputs() const {
  std::int64_t elements = 0;
  for (const Value& value : read_values_) elements += value.shape().size();
  return elements;
}

Session LocalFunction::session_for(const Values& outputs) {
  Graph wanted = rewrite(graph_, copy_node);
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const Value there(&wanted, outputs[i].node_id(), outputs[i].output());
    wanted.output(there, fmt::format("derivative{}", i));
  }
  Session session(compile(wanted, {.threads = 1}));
  for (std::size_t i = 0; i < inputs_.size(); ++i) session.feed(i, numbers_[inputs_[i]]);
  return session;
}

const std::vector<Tensor>& LocalFunction::row(std::int64_t element) {
  if (!rows_) {
    const Values found =
        gradients(y_, read_values_, {.upstream = upstream_, .unused = GradientOptions::zeros});
    rows_.emplace(session_for(found));
  }
  const Tensor& start = rows_->input(inputs_.size());
  start.fill(0);  // not after the run: a result may be a view of it
  start.set(element, 1);
  rows_->run();
  return rows_->outputs();
}

Tensor LocalFunction::column(const Variable& variable, std::int64_t element) {
  Tensor direction(variable.type());
  direction.set(element, 1);
  const GradientOptions options{.upstream = upstream_, .unused = GradientOptions::zeros};
  const Value gradient = gradients(y_, {read(graph_, variable)}, options)[0];
  const Value along = sum(gradient * constant(graph_, direction));
  const Value derivative = gradients(along, {upstream_}, {.unused = GradientOptions::zeros})[0];
  Session session = session_for({derivative});
  session.run();
  return session.output(0).clone();
}

}  // namespace gradus::train
