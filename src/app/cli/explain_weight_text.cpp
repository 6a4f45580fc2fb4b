#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "app/cli/explain_text.h"
#include "base/text.h"

namespace gradus::cli {
namespace {

std::string count_text(double count) {
  return count < 1e15 ? grouped(static_cast<std::int64_t>(count)) : fmt::format("{:.3e}", count);
}

std::string path_lines(const train::WeightExplanation& e, const train::WeightPath& path) {
  std::vector<std::string> units = {e.weight}, factors;
  for (const train::PathFactor& factor : path.factors) {
    units.push_back(factor.unit);
    factors.push_back(measure(factor.value));
  }
  constexpr std::size_t kMargin = 16, kColumns = 84;
  std::string text = indented(fmt::format("{}", fmt::join(units, " -> ")), kMargin, kColumns);
  text += indented(fmt::format("= {}", fmt::join(factors, " * ")), kMargin, kColumns);
  const std::string product = fmt::format("{:+.6e}", path.product);
  return fmt::format("  {:<14}{}", product, text.substr(kMargin));
}

}  // namespace

std::string weight_text(const train::WeightExplanation& e) {
  std::string text = fmt::format("{} = {}\n", e.weight, measure(e.value));
  text +=
      "dL/dw is the sum over all paths from the weight to the loss L; the product of a path is that of the\n"
      "derivatives of each unit with respect to the one before.\n";
  if (e.grouped)
    text +=
        "There are too many paths to list them: each line stands for all that begin with its first unit, "
        "and\n"
        "its second factor is dL/d(unit), their sum from there. A single example (--row N) has fewer.\n";
  const std::size_t shown = e.largest.size();
  const std::string noun = e.grouped ? "unit" : "path";
  text += fmt::format("\n{} {}{} of {} with a product other than 0, the largest first\n", shown, noun,
                      shown == 1 ? "" : "s", count_text(e.paths));
  for (const train::WeightPath& path : e.largest) text += path_lines(e, path);
  const auto line = [&](const std::string& what, double value) {
    text += fmt::format("  {:<30} {:>16.9g}\n", what, value);
  };
  text += "\n";
  line("sum of these", e.shown);
  line(fmt::format("sum of all {}s", noun), e.sum);
  line(fmt::format("gradient of the engine ({})", e.precision), e.gradient);
  line("central difference (f64)", e.difference);
  constexpr double kVisible = 1e-5;
  if (e.difference_change >
      kVisible * std::max({std::abs(e.difference), std::abs(e.sum), 1e-3 * e.magnitude}))
    text += fmt::format(
        "The difference changes by {} when its step is halved: a kink of relu or max is that near.\n",
        measure(e.difference_change));
  constexpr double kCancelled = 1e-9;  // of the magnitudes: below it the sum is mostly rounding
  const std::string part = e.magnitude > 0 ? share(e.shown_magnitude / e.magnitude) : "";
  if (e.magnitude > 0 && std::abs(e.sum) > kCancelled * e.magnitude)
    text += fmt::format("These {}s have {} of the magnitude of all; their sum is {} of dL/dw.\n", noun, part,
                        share(e.shown / e.sum));
  else if (e.magnitude > 0)
    text +=
        fmt::format("These {}s have {} of the magnitude of all, which cancel: dL/dw is 0 but for rounding.\n",
                    noun, part);
  else
    text += "No path has a product other than 0: the loss does not depend on this weight here.\n";
  return text;
}

}  // namespace gradus::cli
