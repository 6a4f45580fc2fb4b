// Measures of predictions, by scikit-learn's definitions. Every example counts once, weighted or not.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "gradus/tensor.h"

#pragma GCC visibility push(default)  // what the shared library exports
namespace gradus::metrics {

// Of one class: precision = right / predicted, recall = right / support, F1 their harmonic mean,
// 2 right / (predicted + support). What would divide by 0 is 0.
struct ClassScores {
  std::int64_t support = 0;    // examples that are of this class
  std::int64_t predicted = 0;  // examples taken for it
  std::int64_t right = 0;      // both
  double precision = 0, recall = 0, f1 = 0;

  bool occurs() const { return support > 0 || predicted > 0; }
};

// Means of the measures of several classes.
struct Average {
  double precision = 0, recall = 0, f1 = 0;
};

// The measures of every class, and three ways to average them.
struct ClassReport {
  std::vector<ClassScores> classes;
  Average macro;     // mean over the classes that occur
  Average weighted;  // mean over the classes, weighted by support
  Average micro;     // of the sums of all counts; for single labels all three are the accuracy
};

// From the counts of each class; of `classes` only those are read.
ClassReport class_report(std::vector<ClassScores> classes);
// From a square table [true][predicted].
ClassReport class_report(const std::vector<std::vector<std::int64_t>>& confusion);

// Whether place `label` is among the k largest of a row; of equal ones the first count as larger, so that k =
// 1 asks for the predicted class.
bool in_top_k(std::span<const double> row, std::int64_t label, std::int64_t k);

// The area under the curve of true positive over false positive rate: the probability that a positive example
// has a larger score than a negative one, equal scores counting half. None without both kinds.
std::optional<double> roc_auc(std::span<const double> scores, std::span<const std::uint8_t> positive);

// Sums over the targets of a regression, met one by one.
class RegressionScores {
 public:
  explicit RegressionScores(std::int64_t targets) : targets_(static_cast<std::size_t>(targets)) {}

  // One example: a number for each target.
  void add(std::span<const double> predicted, std::span<const double> is);

  double mse() const;  // mean over examples and targets of (y - is)^2
  double mae() const;  // of |y - is|
  // 1 - sum (y - is)^2 / sum (is - mean is)^2, mean over the targets. A constant target gives 1 if all is
  // right, else 0. None for fewer than two examples.
  std::optional<double> r2() const;

 private:
  struct Target {
    double mean = 0, spread = 0, squares = 0, magnitudes = 0;  // spread: sum of (is - mean)^2
    double low = 0, high = 0;
  };
  std::vector<Target> targets_;
  std::int64_t examples_ = 0;
};

}  // namespace gradus::metrics
#pragma GCC visibility pop
