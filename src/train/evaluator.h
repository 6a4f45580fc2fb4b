// Scores and outputs of a model over a data set, batch by batch.
#pragma once

#include <functional>
#include <map>
#include <vector>

#include "gradus/communicator.h"
#include "gradus/compile.h"
#include "gradus/train.h"
#include "train/programs.h"

namespace gradus::train {

// Keeps a session for each batch size it has met; they share the model's variables.
class Evaluator {
 public:
  // `one_thread_each`: threads take a batch each, so that their number changes no bit. With `ranks`, each
  // takes its share of the batches, and all get the same scores.
  struct Options {
    std::int64_t threads = 0;  // 0: all there are
    bool one_thread_each = false;
    Communicator* ranks = nullptr;
  };
  Evaluator(const Model& model, const nn::LossSettings& settings, const Options& options)
      : model_(model), settings_(settings), options_(options) {}
  Evaluator(const Model& model, const nn::LossSettings& settings, std::int64_t threads)
      : Evaluator(model, settings, Options{.threads = threads}) {}

  // Sees each batch's raw output and its targets, in the order of the data. Without Options but threads.
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
    double correct = 0, predictions = 0, examples = 0;
  };
  int workers() const;  // that run at the same time
  void add(Sums& sums, const data::Dataset& data, const Visit& visit);
  Sums feed(Compiled& run, const data::Batch& batch) const;
  void sum_over_ranks(std::vector<Sums>& batches) const;
  Compiled& compiled(const data::Dataset& data, std::int64_t batch, int worker = 0);

  Model model_;
  nn::LossSettings settings_;
  Options options_;
  // By batch size, whether weighted, worker.
  std::map<std::tuple<std::int64_t, bool, int>, Compiled> sessions_;
};

}  // namespace gradus::train
