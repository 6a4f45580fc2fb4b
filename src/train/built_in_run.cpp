// The network that explain shows when it is given none.
#include "train/explain.h"

namespace gradus::train {

Prepared built_in_run() {
  Prepared run;
  run.config.data = "built-in";
  run.config.model = "2-2-1";
  run.config.optimizer = "sgd";
  run.config.loss = "mse";
  run.config.precision = "f64";
  run.config.lr = 0.5;
  run.config.batch_size = 1;
  run.config.steps = 1;
  run.config.threads = 1;
  data::Dataset& train = run.parts.train;
  train.x = Tensor::of<double>({1, 2}, {1, 0.5});
  train.y = Tensor::of<double>({1, 1}, {1});
  train.kind = data::Kind::real;
  const nn::ModelSpec spec =
      nn::parse_model("layers = [{ dense = 2 }, \"sigmoid\", { dense = 1 }, \"sigmoid\"]", "built-in");
  Model& model = run.model;
  model.network = nn::build(spec, {2}, {.dtype = DType::f64});
  model.loss = "mse";
  model.precision = "f64";
  model.kind = data::Kind::real;
  const std::vector<Variable> parameters = model.network.parameters();
  parameters[0].set(Tensor::of<double>({2, 2}, {0.5, -0.4, 0.3, 0.8}));
  parameters[1].set(Tensor::of<double>({2}, {0.1, -0.2}));
  parameters[2].set(Tensor::of<double>({1, 2}, {0.6, -0.9}));
  parameters[3].set(Tensor::of<double>({1}, {0.2}));
  return run;
}

}  // namespace gradus::train
