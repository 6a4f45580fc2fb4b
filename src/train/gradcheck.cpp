// A model's gradients against numeric ones, on real data.
#include <algorithm>

#include "base/check.h"
#include "gradus/ops.h"
#include "train/prepare.h"
#include "train/programs.h"

namespace gradus::train {

namespace {

std::vector<GradcheckRow> check(const Prepared& run, const GradcheckOptions& options) {
  require(Fault::usage, options.batch_size >= 1, "gradcheck: a batch of at least 1 was needed, got {}.",
          options.batch_size);
  const nn::Network network = in_f64(run.model.network);
  const data::Dataset train = training_part(run);
  data::Loader loader(
      train, {.batch_size = options.batch_size, .shuffle = false, .dtype = DType::f64, .prefetch = 0});
  const data::Batch& batch = loader.next();
  std::vector<Tensor> inputs = {batch.x, batch.y};
  if (batch.weight.defined()) inputs.push_back(batch.weight);

  std::vector<GradcheckRow> rows;
  for (const Variable& parameter : network.parameters()) {
    Graph graph;  // a new one each time: checking appends to it
    BatchInputs in{
        .x = input(graph, batch.x.type(), "x"), .y = input(graph, batch.y.type(), "y"), .weight = {}};
    if (batch.weight.defined()) in.weight = input(graph, batch.weight.type(), "weight");
    const Objective objective = build_objective(graph, network, run, in,
                                                {.training = true, .counter = make_counter(run.config.seed)});
    rows.push_back({parameter.name(), parameter.type().shape,
                    check_gradients(objective.total, {read(graph, parameter)}, inputs, options.check)});
  }
  return rows;
}

}  // namespace

std::vector<GradcheckRow> gradcheck(const RunConfig& config, const GradcheckOptions& options) {
  return check(prepare(config), options);
}

std::vector<GradcheckRow> gradcheck(const std::filesystem::path& dir, const GradcheckOptions& options) {
  return check(prepare_trained(dir), options);
}

}  // namespace gradus::train
