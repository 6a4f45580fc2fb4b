#include "app/cli/explain_text.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace gradus::cli {
namespace {

using train::ArrayView;
using train::ExplainStep;
using train::Explanation;

constexpr std::size_t kMaxColumns = 100;

std::string number(double x) { return std::isfinite(x) ? fmt::format("{:.6g}", x) : measure(x); }

// The elements as nested brackets, as [[1, 2], [3, 4]].
std::string nested(const std::vector<std::string>& cells, const Shape& shape, int axis, std::size_t& next) {
  if (axis == shape.rank()) return cells[next++];
  std::vector<std::string> parts;
  for (std::int64_t i = 0; i < shape[axis]; ++i) parts.push_back(nested(cells, shape, axis + 1, next));
  return fmt::format("[{}]", fmt::join(parts, ", "));
}

// One array: its name and numbers, on two lines where one is too short.
std::string array_lines(const ArrayView& array) {
  std::string text;
  if (!array.formula.empty())
    text += indented(fmt::format("{} = {}", array.symbol, array.formula), 5, kMaxColumns - 5);
  const std::string shape = array.type.shape.rank() == 0 ? "" : " " + array.type.shape.str();
  const std::string head = array.formula.empty() ? fmt::format("{} ({}){}", array.symbol, array.name, shape)
                                                 : fmt::format("{}{}", array.symbol, shape);
  const std::string line = fmt::format("{}: {}", head, numbers_text(array));
  return text + indented(line, array.formula.empty() ? 5 : 7, kMaxColumns - 7);
}

}  // namespace

std::string numbers_text(const ArrayView& array) {
  std::vector<std::string> cells;
  for (const double x : array.values) cells.push_back(number(x));
  const bool uniform = cells.size() > 1 && std::all_of(cells.begin(), cells.end(),
                                                       [&](const auto& cell) { return cell == cells[0]; });
  if (array.complete && uniform) return fmt::format("all {}", cells[0]);
  if (array.complete) {
    std::size_t next = 0;
    return nested(cells, array.type.shape, 0, next);
  }
  std::vector<std::string> first;
  for (const double x : array.values) first.push_back(measure(x));
  const std::string start = fmt::format("[{}, ...]", fmt::join(first, ", "));
  if (array.min == array.max && array.not_finite == 0) return fmt::format("all {}", number(array.min));
  if (is_integer(array.type.dtype))
    return fmt::format("min {}, max {}; {}", number(array.min), number(array.max), start);
  std::string text =
      fmt::format("mean {}, std {}, min {}, max {}, norm {}", measure(array.mean), measure(array.std),
                  measure(array.min), measure(array.max), measure(array.norm));
  if (array.not_finite > 0) text += fmt::format(", {} not finite", grouped(array.not_finite));
  return fmt::format("{}; {}", text, start);
}

std::string stage_title(ExplainStep::Stage stage) {
  switch (stage) {
    case ExplainStep::forward:
      return "Forward";
    case ExplainStep::loss:
      return "Loss";
    case ExplainStep::backward:
      return "Backward: dy = dL/dy, dW = dL/dW, from the last layer to the first";
    case ExplainStep::update:
      return "Update";
  }
  return "";
}

std::string step_title(const ExplainStep& step) {
  const bool plain = step.kind.empty() || step.kind == step.path;
  return plain ? step.path : fmt::format("{} ({})", step.path, step.kind);
}

std::string opening_text(const Explanation& e) {
  std::string text = e.row ? fmt::format("One training step on example {} of the training part", *e.row)
                           : fmt::format("One training step on {}", counted(e.examples, "example"));
  text += fmt::format(", in {}: {}, {} with learning rate {}.", e.precision, e.loss_name, e.optimizer,
                      measure(e.lr));
  if (e.from)
    text += fmt::format(" It goes on from the checkpoint at step {}, with its weights and averages.",
                        grouped(*e.from));
  return text;
}

std::string explanation_text(const Explanation& explanation) {
  std::string text = opening_text(explanation) + "\n";
  for (const ArrayView& array : explanation.batch) text += array_lines(array);
  const ExplainStep* last = nullptr;
  for (const ExplainStep& step : explanation.steps) {
    if (last == nullptr || last->stage != step.stage) text += fmt::format("\n{}\n", stage_title(step.stage));
    text += fmt::format("{:>3}. {}\n", step.number, step_title(step));
    for (const ArrayView& array : step.arrays) text += array_lines(array);
    last = &step;
  }
  return text;
}

}  // namespace gradus::cli
