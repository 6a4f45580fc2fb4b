// A model's gradients against numeric ones, on real data.
#include <algorithm>

#include "base/check.h"
#include "gradus/ops.h"
#include "train/prepare.h"
#include "train/programs.h"
#include "train/run_folder.h"

namespace gradus::train {

namespace {

// A network of f64 variables with the values of another.
nn::Network in_f64(const nn::Network& network) {
  nn::Network copy = nn::build(network.spec, network.input, {.dtype = DType::f64});
  const std::vector<Variable> from = network.variables(), to = copy.variables();
  for (std::size_t i = 0; i < to.size(); ++i) {
    to[i].set(from[i].value().cast(DType::f64));
    to[i].set_decays(from[i].decays());
  }
  return copy;
}

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
  RunConfig config = saved_config(dir);
  config.init_from.clear();  // the trained weights replace it
  const Prepared run = prepare(config);
  load_weights(run.model.network, dir / "model.safetensors");
  return check(run, options);
}

}  // namespace gradus::train
