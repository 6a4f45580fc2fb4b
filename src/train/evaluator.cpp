#include "train/evaluator.h"

#include <algorithm>

#include "base/check.h"
#include "base/parallel.h"
#include "train/engine.h"

namespace gradus::train {

namespace {

constexpr std::int64_t kBatch = 256;

}  // namespace

int Evaluator::workers() const {
  if (!options_.one_thread_each) return 1;
  return options_.threads > 0 ? static_cast<int>(options_.threads) : hardware_threads();
}

Evaluator::Compiled& Evaluator::compiled(const data::Dataset& data, std::int64_t batch, int worker) {
  const std::tuple key(batch, data.weight.defined(), worker);
  const auto found = sessions_.find(key);
  if (found != sessions_.end()) return found->second;
  Graph graph;
  const ScoreOutputs places = build_scoring(graph, model_, data, batch, settings_);
  const auto threads = static_cast<int>(options_.one_thread_each ? 1 : options_.threads);
  Session session(compile(graph, {.threads = threads}));
  return sessions_.emplace(key, Compiled{std::move(session), places}).first->second;
}

// Gives what is known of the batch before the run.
Evaluator::Sums Evaluator::feed(Compiled& run, const data::Batch& batch) const {
  const auto n = static_cast<double>(batch.size);
  run.session.feed(0, batch.x);
  run.session.feed(1, batch.y);
  if (batch.weight.defined()) run.session.feed(2, batch.weight);
  const double predictions = n * static_cast<double>(run.places.predictions_per_example);
  return {
      .weight = weight_of(batch), .predictions = run.places.correct >= 0 ? predictions : 0, .examples = n};
}

void Evaluator::sum_over_ranks(std::vector<Sums>& batches) const {
  static_assert(sizeof(Sums) == 5 * sizeof(double));
  options_.ranks->begin_sum(std::span(&batches.front().loss, batches.size() * 5));
  options_.ranks->finish();
}

void Evaluator::add(Sums& sums, const data::Dataset& data, const Visit& visit) {
  GRADUS_CHECK(data.y.defined());
  const int ranks = options_.ranks == nullptr ? 1 : options_.ranks->size();
  const int rank = options_.ranks == nullptr ? 0 : options_.ranks->rank();
  data::Loader loader(data, {.batch_size = kBatch,
                             .shuffle = false,
                             .dtype = model_.network.dtype,
                             .prefetch = data.size() > kBatch && ranks == 1 ? 2 : 0});
  std::vector<Sums> batches(static_cast<std::size_t>(loader.batches_per_epoch()));
  std::vector<std::pair<std::size_t, Compiled*>> ready;  // by number of the batch
  for (std::size_t i = static_cast<std::size_t>(rank); i < batches.size();) {
    ready.clear();
    for (int worker = 0; worker < workers() && i < batches.size(); ++worker) {
      if (ranks > 1) loader.seek(0, static_cast<std::int64_t>(i));
      const data::Batch& batch = loader.next();
      Compiled& run = compiled(data, batch.size, worker);
      batches[i] = feed(run, batch);
      ready.emplace_back(i, &run);
      i += static_cast<std::size_t>(ranks);
      if (!visit) continue;
      run.session.run();
      visit(run.session.output(static_cast<std::size_t>(run.places.output)), batch);
    }
    const auto count = static_cast<int>(ready.size());
    if (!visit) {
      parallel_for(count, 1, count, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t k = begin; k < end; ++k) ready[static_cast<std::size_t>(k)].second->session.run();
      });
    }
    for (const auto& [number, run] : ready) {
      const auto output = [&](int place) {
        return run->session.output(static_cast<std::size_t>(place)).at(0);
      };
      batches[number].loss = batches[number].weight * output(run->places.loss);
      if (run->places.correct >= 0) batches[number].correct = output(run->places.correct);
    }
  }
  if (ranks > 1) sum_over_ranks(batches);
  for (const Sums& batch : batches) {
    sums.loss += batch.loss;
    sums.weight += batch.weight;
    sums.correct += batch.correct;
    sums.predictions += batch.predictions;
    sums.examples += batch.examples;
  }
}

Scores Evaluator::scores(const std::vector<const data::Dataset*>& parts, const Visit& visit) {
  Sums sums;
  for (const data::Dataset* part : parts) add(sums, *part, visit);
  Scores scores{.loss = sums.weight > 0 ? sums.loss / sums.weight : 0.0,
                .accuracy = {},
                .n = static_cast<std::int64_t>(sums.examples)};
  if (sums.predictions > 0) scores.accuracy = sums.correct / sums.predictions;
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
