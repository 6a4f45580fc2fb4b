#include "train/statistics.h"

#include <algorithm>
#include <cmath>

#include "gradus/compile.h"
#include "train/precision.h"
#include "train/prepare.h"
#include "train/programs.h"

namespace gradus::train {

namespace {

// One running statistic. A pass makes (1 - m) r + m b of r, where b is the batch's: so it gives m b from 0,
// and (1 - m) r more from r.
struct Statistic {
  Variable variable;
  Tensor before;                    // as it was
  std::vector<double> m;            // for batches of the present size; 0 where such do not move it
  std::vector<double> sum, weight;  // of b, each batch as often as it has examples
};

// Less than any momentum in use, more than rounding in f32.
constexpr double kMoves = 1e-5;

std::vector<double> numbers(const Tensor& tensor) {
  std::vector<double> list;
  for (std::int64_t i = 0; i < tensor.size(); ++i) list.push_back(tensor.at(i));
  return list;
}

// As large as m b, so that 1 - m is seen beside it in f32.
double start_beside(double moved) { return std::max(1.0, std::abs(moved)); }

std::vector<Statistic> statistics_of(const nn::Network& network) {
  std::vector<Statistic> list;
  for (const Variable& variable : network.variables()) {
    if (variable.role() != Role::statistic) continue;
    const auto n = static_cast<std::size_t>(variable.type().shape.size());
    const std::vector<double> zeros(n);
    list.push_back({variable, variable.value().clone(), zeros, zeros, zeros});
  }
  return list;
}

}  // namespace

bool recompute_statistics(const Prepared& run) {
  const nn::Network& network = run.model.network;
  std::vector<Statistic> statistics = statistics_of(network);
  if (statistics.empty()) return false;
  data::Dataset inputs = run.parts.train;
  inputs.y = inputs.weight = {};
  const std::int64_t size = batch_size(run);
  data::Loader loader(inputs, {.batch_size = size, .shuffle = false, .dtype = network.dtype, .prefetch = 0});
  const Variable counter = make_counter(run.config.seed);
  const auto session_for = [&](std::int64_t batch) {
    Graph graph;
    network(training_inputs(graph, run, batch).x, {.training = true, .counter = counter});
    return Session(compile(graph, compile_options(run.config.precision, run.config.threads)));
  };
  std::optional<Session> session;
  std::int64_t session_size = 0;

  for (std::int64_t i = 0; i < loader.batches_per_epoch(); ++i) {
    const data::Batch& batch = loader.next();
    const bool fresh = batch.size != session_size;
    if (fresh) session.emplace(session_for(batch.size));
    session_size = batch.size;
    session->feed(0, batch.x);
    counter.value().values<std::int64_t>()[1] = i;
    for (const Statistic& s : statistics) s.variable.value().fill(0);
    session->run();
    std::vector<std::vector<double>> moved;
    for (const Statistic& s : statistics) moved.push_back(numbers(s.variable.value()));
    if (fresh) {
      for (std::size_t j = 0; j < statistics.size(); ++j)
        for (std::size_t k = 0; k < moved[j].size(); ++k)
          statistics[j].variable.value().set(static_cast<std::int64_t>(k), start_beside(moved[j][k]));
      session->run();
      for (std::size_t j = 0; j < statistics.size(); ++j) {
        const std::vector<double> after = numbers(statistics[j].variable.value());
        for (std::size_t k = 0; k < after.size(); ++k)
          statistics[j].m[k] = 1 - (after[k] - moved[j][k]) / start_beside(moved[j][k]);
      }
    }
    const auto examples = static_cast<double>(batch.size);
    for (std::size_t j = 0; j < statistics.size(); ++j) {
      Statistic& s = statistics[j];
      for (std::size_t k = 0; k < s.m.size(); ++k) {
        if (s.m[k] < kMoves) continue;
        s.sum[k] += moved[j][k] / s.m[k] * examples;
        s.weight[k] += examples;
      }
    }
  }
  for (const Statistic& s : statistics) {
    s.variable.set(s.before);
    for (std::size_t k = 0; k < s.m.size(); ++k)
      if (s.weight[k] > 0) s.variable.value().set(static_cast<std::int64_t>(k), s.sum[k] / s.weight[k]);
  }
  return true;
}

}  // namespace gradus::train
