// A trained model looked at: its scores, its worst mistakes, its weights and their gradients.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gradus/train.h"
#include "train/histogram.h"

namespace gradus::train {

struct ReviewOptions {
  std::int64_t examples = 10000;  // scored at most, evenly chosen
  std::size_t mistakes = 24, points = 2000;
  std::int64_t batch_size = 256;  // of the gradients, at most
  // What scoring may cost, and what the gradients may: large networks get fewer examples, but no less than
  // 200 and 16. About two seconds on two cores.
  double flops = 2e11;
};

// An example and what the model makes of it.
struct Mistake {
  std::int64_t row = 0;  // in its part, from 0
  double loss = 0;       // this example's
  bool right = false;    // its class, or all of its labels
  std::string truth, predicted;
  std::optional<double> probability;  // that the model gives to the predicted class
  Tensor x;                           // [...]: in the data's own units
};

struct ParameterView {
  std::string name;
  Shape shape;
  Histogram weights, gradients;
};

struct Review {
  EvalResult result;                   // of the examples that were scored
  std::int64_t examples = 0, all = 0;  // scored, and how many the part has
  std::vector<Mistake> mistakes;       // largest loss first
  // Of regressions: each target number and what the model says, of the examples and targets that come first.
  std::vector<std::pair<double, double>> points;
  std::vector<ParameterView> parameters;
  std::int64_t gradient_batch = 0;  // examples whose gradients those are
};

// On the test part, else the validation part, else the training part. Changes no variable.
Review review(const Prepared& run, const ReviewOptions& options = {});

}  // namespace gradus::train
