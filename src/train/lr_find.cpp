// The learning-rate range test.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "gradus/search.h"
#include "train/stepper.h"

namespace gradus::train {

namespace {

constexpr const char* kWhere = "lr-find";

void check(const LrFindOptions& o) {
  const bool rises = std::isfinite(o.low) && std::isfinite(o.high) && 0 < o.low && o.low < o.high;
  require(Fault::usage, rises, "{}: rates with 0 < low < high were needed, got {} and {}.", kWhere, o.low,
          o.high);
  require(Fault::usage, o.steps >= 10, "{}: at least 10 steps were needed, got {}.", kWhere, o.steps);
  require(Fault::usage, o.smoothing >= 0 && o.smoothing < 1, "{}: smoothing must be in [0, 1), got {}.",
          kWhere, o.smoothing);
  require(Fault::usage, o.stop_at > 1, "{}: it must stop at more than 1 times the lowest loss, got {}.",
          kWhere, o.stop_at);
}

}  // namespace

void find_landmarks(LrFindResult& result, std::size_t settling) {
  const std::vector<LrPoint>& p = result.points;
  const auto smoothed = [](const LrPoint& a, const LrPoint& b) { return a.smoothed < b.smoothed; };
  const auto lowest = std::min_element(p.begin(), p.end(), smoothed);
  result.lowest = lowest == p.end() ? std::nullopt : std::optional(lowest->lr);
  result.steepest.reset();
  double steepest = 0;
  for (std::size_t i = std::max<std::size_t>(settling, 1);
       i + 1 < p.size() && p.begin() + static_cast<std::ptrdiff_t>(i) <= lowest; ++i) {
    const double slope = (p[i + 1].smoothed - p[i - 1].smoothed) / std::log(p[i + 1].lr / p[i - 1].lr);
    if (slope >= steepest) continue;
    steepest = slope;
    result.steepest = p[i].lr;
  }
}

LrFindResult find_learning_rate(const RunConfig& config, const LrFindOptions& options,
                                const std::function<void(const LrPoint&)>& watch,
                                const std::atomic<bool>* stop) {
  check(options);
  require(Fault::usage, config.optimizer != "least_squares",
          "{}: --optimizer least_squares has no learning rate. Take another.", kWhere);
  RunConfig c = config;
  const double factor = std::pow(options.high / options.low, 1.0 / static_cast<double>(options.steps - 1));
  c.schedule = fmt::format("exponential:decay={},unit=step", factor);
  c.lr = options.low;
  c.epochs.reset();
  c.steps = options.steps;
  c.ema = 0;
  c.out.clear();
  c.probe.clear();
  c.resume = c.dry_run = false;
  const Prepared run = prepare(c);
  Stepper stepper(run);

  LrFindResult result;
  double average = 0, weight = 0, lowest = std::numeric_limits<double>::infinity();
  while (stepper.position() < options.steps && !(stop && stop->load(std::memory_order_relaxed))) {
    const StepResult step = stepper.take();
    average = options.smoothing * average + (1 - options.smoothing) * step.loss;
    weight = options.smoothing * weight + (1 - options.smoothing);
    const LrPoint point{.lr = step.lr, .loss = step.loss, .smoothed = average / weight};
    result.diverged = !std::isfinite(step.loss);
    if (result.diverged) break;
    result.points.push_back(point);
    if (watch) watch(point);
    result.diverged = point.smoothed > options.stop_at * lowest;
    if (result.diverged) break;
    lowest = std::min(lowest, point.smoothed);
  }
  const auto settling = static_cast<std::size_t>(std::ceil(1 / (1 - options.smoothing)));
  find_landmarks(result, std::min(settling, result.points.size() / 4));
  return result;
}

}  // namespace gradus::train
