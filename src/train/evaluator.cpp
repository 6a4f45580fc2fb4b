#include "train/evaluator.h"

#include <algorithm>

#include "base/check.h"

namespace gradus::train {

namespace {

constexpr std::int64_t kBatch = 256;

}  // namespace

Evaluator::Compiled& Evaluator::compiled(const data::Dataset& data, std::int64_t batch) {
  const std::pair key(batch, data.weight.defined());
  const auto found = sessions_.find(key);
  if (found != sessions_.end()) return found->second;
  Graph graph;
  const ScoreOutputs places = build_scoring(graph, model_, data, batch, settings_);
  Session session(compile(graph, {.threads = static_cast<int>(threads_)}));
  return sessions_.emplace(key, Compiled{std::move(session), places}).first->second;
}

void Evaluator::add(Sums& sums, const data::Dataset& data, const Visit& visit) {
  GRADUS_CHECK(data.y.defined());
  data::Loader loader(data, {.batch_size = kBatch,
                             .shuffle = false,
                             .dtype = model_.network.dtype,
                             .prefetch = data.size() > kBatch ? 2 : 0});
  for (std::int64_t i = 0; i < loader.batches_per_epoch(); ++i) {
    const data::Batch& batch = loader.next();
    auto& [session, places] = compiled(data, batch.size);
    session.feed(0, batch.x);
    session.feed(1, batch.y);
    double weight = static_cast<double>(batch.size);
    if (batch.weight.defined()) {
      session.feed(2, batch.weight);
      weight = 0;
      for (std::int64_t k = 0; k < batch.size; ++k) weight += batch.weight.at(k);
    }
    session.run();
    sums.loss += weight * session.output(static_cast<std::size_t>(places.loss)).at(0);
    sums.weight += weight;
    sums.examples += batch.size;
    if (places.correct >= 0) {
      sums.correct += session.output(static_cast<std::size_t>(places.correct)).values<std::int64_t>()[0];
      sums.predictions += batch.size * places.predictions_per_example;
    }
    if (visit) visit(session.output(static_cast<std::size_t>(places.output)), batch);
  }
}

Scores Evaluator::scores(const std::vector<const data::Dataset*>& parts, const Visit& visit) {
  Sums sums;
  for (const data::Dataset* part : parts) add(sums, *part, visit);
  Scores scores{.loss = sums.weight > 0 ? sums.loss / sums.weight : 0.0, .accuracy = {}, .n = sums.examples};
  if (sums.predictions > 0)
    scores.accuracy = static_cast<double>(sums.correct) / static_cast<double>(sums.predictions);
  return scores;
}

void Evaluator::outputs(const data::Dataset& data, const Visit& visit) {
  data::Dataset inputs = data;
  inputs.y = inputs.weight = {};
  data::Loader loader(inputs,
                      {.batch_size = kBatch, .shuffle = false, .dtype = model_.network.dtype, .prefetch = 0});
  for (std::int64_t i = 0; i < loader.batches_per_epoch(); ++i) {
    const data::Batch& batch = loader.next();
    Compiled& run = compiled(inputs, batch.size);
    run.session.feed(0, batch.x);
    run.session.run();
    visit(run.session.output(static_cast<std::size_t>(run.places.output)), batch);
  }
}

}  // namespace gradus::train
