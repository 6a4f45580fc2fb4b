// Scores and outputs of a model over a data set, batch by batch.
#pragma once

#include <functional>
#include <map>
#include <vector>

#include "gradus/compile.h"
#include "gradus/train.h"
#include "train/programs.h"

namespace gradus::train {

// Keeps a session for each batch size it has met; they share the model's variables.
class Evaluator {
 public:
  Evaluator(const Model& model, const nn::LossSettings& settings, std::int64_t threads)
      : model_(model), settings_(settings), threads_(threads) {}

  // Sees each batch's raw output and its targets, in the order of the data.
  using Visit = std::function<void(const Tensor& output, const data::Batch& batch)>;

  // Sums over all examples, so that the short last batch counts as much as it should. Weighted examples give
  // a weighted mean loss; the accuracy counts every example once.
  Scores scores(const std::vector<const data::Dataset*>& parts, const Visit& visit = {});
  Scores scores(const data::Dataset& data) { return scores(std::vector{&data}); }
  void outputs(const data::Dataset& data, const Visit& visit);

 private:
  struct Compiled {
    Session session;
    ScoreOutputs places;
  };
  struct Sums {
    double loss = 0, weight = 0;
    std::int64_t correct = 0, predictions = 0, examples = 0;
  };
  void add(Sums& sums, const data::Dataset& data, const Visit& visit);
  Compiled& compiled(const data::Dataset& data, std::int64_t batch);

  Model model_;
  nn::LossSettings settings_;
  std::int64_t threads_;
  std::map<std::pair<std::int64_t, bool>, Compiled> sessions_;  // by batch size and whether weighted
};

}  // namespace gradus::train
