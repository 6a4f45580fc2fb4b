#include "gradus/metrics.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/check.h"

namespace gradus::metrics {

namespace {

double ratio(double part, double whole) { return whole > 0 ? part / whole : 0; }

void fill(ClassScores& c) {
  const auto right = static_cast<double>(c.right);
  c.precision = ratio(right, static_cast<double>(c.predicted));
  c.recall = ratio(right, static_cast<double>(c.support));
  c.f1 = ratio(2 * right, static_cast<double>(c.predicted + c.support));
}

void add(Average& average, const ClassScores& c, double weight) {
  average.precision += weight * c.precision;
  average.recall += weight * c.recall;
  average.f1 += weight * c.f1;
}

}  // namespace

ClassReport class_report(std::vector<ClassScores> classes) {
  ClassReport report;
  ClassScores all;
  std::int64_t occurring = 0;
  for (ClassScores& c : classes) {
    fill(c);
    all.support += c.support;
    all.predicted += c.predicted;
    all.right += c.right;
    occurring += c.occurs() ? 1 : 0;
  }
  fill(all);
  add(report.micro, all, 1);
  for (const ClassScores& c : classes) {
    if (c.occurs()) add(report.macro, c, 1 / static_cast<double>(occurring));
    add(report.weighted, c, ratio(static_cast<double>(c.support), static_cast<double>(all.support)));
  }
  report.classes = std::move(classes);
  return report;
}

ClassReport class_report(const std::vector<std::vector<std::int64_t>>& confusion) {
  std::vector<ClassScores> classes(confusion.size());
  for (std::size_t is = 0; is < confusion.size(); ++is) {
    GRADUS_CHECK(confusion[is].size() == confusion.size());
    classes[is].right = confusion[is][is];
    for (std::size_t said = 0; said < confusion.size(); ++said) {
      classes[is].support += confusion[is][said];
      classes[said].predicted += confusion[is][said];
    }
  }
  return class_report(std::move(classes));
}

bool in_top_k(std::span<const double> row, std::int64_t label, std::int64_t k) {
  const auto at = static_cast<std::size_t>(label);
  std::int64_t before = 0;
  for (std::size_t j = 0; j < row.size(); ++j) before += row[j] > row[at] || (row[j] == row[at] && j < at);
  return before < k;
}

// By ranks: (sum of the positives' ranks - P (P + 1) / 2) / (P N), equal scores sharing their mean rank (Mann
// & Whitney 1947).
std::optional<double> roc_auc(std::span<const double> scores, std::span<const std::uint8_t> positive) {
  GRADUS_CHECK(scores.size() == positive.size());
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return scores[a] < scores[b]; });
  double rank_sum = 0, positives = 0;
  for (std::size_t first = 0, last = 0; first < order.size(); first = last) {
    double of_tie = 0;
    for (last = first; last < order.size() && scores[order[last]] == scores[order[first]]; ++last)
      of_tie += positive[order[last]] ? 1 : 0;
    rank_sum += of_tie * (static_cast<double>(first + last + 1) / 2);  // ranks first + 1 .. last
    positives += of_tie;
  }
  const double negatives = static_cast<double>(scores.size()) - positives;
  if (positives == 0 || negatives == 0) return std::nullopt;
  return (rank_sum - positives * (positives + 1) / 2) / (positives * negatives);
}

void RegressionScores::add(std::span<const double> predicted, std::span<const double> is) {
  GRADUS_CHECK(predicted.size() == targets_.size() && is.size() == targets_.size());
  ++examples_;
  for (std::size_t j = 0; j < targets_.size(); ++j) {
    Target& t = targets_[j];
    const double error = predicted[j] - is[j];
    t.squares += error * error;
    t.magnitudes += std::abs(error);
    if (examples_ == 1) t.low = t.high = is[j];
    t.low = std::min(t.low, is[j]);
    t.high = std::max(t.high, is[j]);
    // Welford 1962: no difference of large sums.
    const double before = is[j] - t.mean;
    t.mean += before / static_cast<double>(examples_);
    t.spread += before * (is[j] - t.mean);
  }
}

double RegressionScores::mse() const {
  double sum = 0;
  for (const Target& t : targets_) sum += t.squares;
  return ratio(sum, static_cast<double>(examples_) * static_cast<double>(targets_.size()));
}

double RegressionScores::mae() const {
  double sum = 0;
  for (const Target& t : targets_) sum += t.magnitudes;
  return ratio(sum, static_cast<double>(examples_) * static_cast<double>(targets_.size()));
}

std::optional<double> RegressionScores::r2() const {
  if (examples_ < 2 || targets_.empty()) return std::nullopt;
  double sum = 0;
  for (const Target& t : targets_) {
    const bool constant = t.low == t.high;  // rounding would leave a tiny spread
    sum += constant ? (t.squares == 0 ? 1 : 0) : 1 - t.squares / t.spread;
  }
  return sum / static_cast<double>(targets_.size());
}

}  // namespace gradus::metrics
