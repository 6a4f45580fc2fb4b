#include "train/least_squares.h"

#include <lapacke.h>

#include <cmath>

#include "base/check.h"
#include "train/evaluator.h"
#include "train/prepare.h"

namespace gradus::train {

namespace {

constexpr const char* kWhere = "--optimizer least_squares";

bool trains(const nn::Layer& layer) {
  for (const Variable& variable : layer.parameters())
    if (variable.trainable()) return true;
  return false;
}

// The last layer, which must be the one dense layer that trains.
std::shared_ptr<nn::Dense> solved_layer(const nn::Network& network) {
  const std::vector<nn::LayerPtr>& layers = network.layers.children();
  const auto dense = layers.empty() ? nullptr : std::dynamic_pointer_cast<nn::Dense>(layers.back());
  require(Fault::usage, dense != nullptr && dense->weight().trainable(),
          "{}: the last layer must be a dense layer that trains, it is {}. Take --model linear.", kWhere,
          layers.empty() ? "missing" : layers.back()->title());
  for (const nn::LayerPtr& layer : layers) {
    require(Fault::usage, layer == dense || !trains(*layer),
            "{}: only the last layer may have parameters that train, {} has some. Take --model linear, or "
            "give it freeze = true.",
            kWhere, layer->title());
  }
  return dense;
}

// Rows of features for all training examples: the network up to the solved layer.
std::vector<double> features(const Prepared& run, std::int64_t width) {
  nn::ModelSpec before = run.model.network.spec;
  before.layers.pop_back();
  std::vector<double> rows;
  rows.reserve(static_cast<std::size_t>(run.parts.train.size() * width));
  const auto append = [&](const Tensor& x) {
    const Tensor wide = x.cast(DType::f64);
    const auto values = wide.values<double>();
    rows.insert(rows.end(), values.begin(), values.end());
  };
  if (before.layers.empty()) {
    data::Loader loader(run.parts.train, {.shuffle = false, .dtype = DType::f64, .prefetch = 0});
    for (std::int64_t i = 0; i < loader.batches_per_epoch(); ++i) append(loader.next().x);
    return rows;
  }
  Model model;
  model.network = nn::build(before, run.model.network.input, {.dtype = DType::f64});
  const std::vector<Variable> from = run.model.network.variables(), to = model.network.variables();
  for (std::size_t i = 0; i < to.size(); ++i) to[i].set(from[i].value().cast(DType::f64));
  model.precision = "f64";
  Evaluator evaluator(model, {}, run.config.threads);
  evaluator.outputs(run.parts.train, [&](const Tensor& output, const data::Batch&) { append(output); });
  return rows;
}

}  // namespace

void check_least_squares(const Prepared& run) {
  require(Fault::usage, run.model.loss == "mse", "{}: the loss must be mse, it is {}. Take --loss mse.",
          kWhere, run.model.loss);
  const auto dense = solved_layer(run.model.network);
  const std::int64_t n = run.parts.train.size(), columns = dense->weight().type().shape[1] + 1;
  require(Fault::usage, run.model.network.output.rank() == 1,
          "{}: the network must end in one row of outputs per example, it ends in {}.", kWhere,
          run.model.network.output.str());
  require(
      Fault::usage, static_cast<double>(n) * static_cast<double>(columns) * sizeof(double) < 16.0 * (1 << 30),
      "{}: {} examples of {} features are more than it can hold. Take --optimizer sgd.", kWhere, n, columns);
}

void solve_least_squares(const Prepared& run) {
  const auto dense = solved_layer(run.model.network);
  const std::int64_t outputs = dense->weight().type().shape[0], width = dense->weight().type().shape[1];
  const bool bias = dense->bias().defined() && dense->bias().trainable();
  const data::Dataset train = training_part(run);
  const std::int64_t n = train.size(), columns = width + (bias ? 1 : 0);
  // minimize |A w - B|: A [n, columns] and B [max(n, columns), outputs], row-major, rows times sqrt(weight).
  const std::vector<double> rows = features(run, width);
  std::vector<double> a(static_cast<std::size_t>(n * columns));
  std::vector<double> b(static_cast<std::size_t>(std::max(n, columns) * outputs), 0.0);
  const Tensor y = train.y.cast(DType::f64);
  for (std::int64_t i = 0; i < n; ++i) {
    const double scale = train.weight.defined() ? std::sqrt(train.weight.at(i)) : 1.0;
    for (std::int64_t j = 0; j < width; ++j)
      a[static_cast<std::size_t>(i * columns + j)] = scale * rows[static_cast<std::size_t>(i * width + j)];
    if (bias) a[static_cast<std::size_t>(i * columns + width)] = scale;
    for (std::int64_t k = 0; k < outputs; ++k) {
      const double fixed = dense->bias().defined() && !bias ? dense->bias().value().at(k) : 0.0;
      b[static_cast<std::size_t>(i * outputs + k)] = scale * (y.at(i * outputs + k) - fixed);
    }
  }
  std::vector<double> singular(static_cast<std::size_t>(std::min(n, columns)));
  lapack_int rank = 0;
  const auto narrow = [](std::int64_t value) { return static_cast<lapack_int>(value); };
  const lapack_int info =
      LAPACKE_dgelsd(LAPACK_ROW_MAJOR, narrow(n), narrow(columns), narrow(outputs), a.data(), narrow(columns),
                     b.data(), narrow(outputs), singular.data(), -1.0, &rank);
  require(Fault::diverged, info == 0, "{}: the singular values did not converge ({}).", kWhere,
          static_cast<int>(info));
  for (std::int64_t k = 0; k < outputs; ++k) {
    for (std::int64_t j = 0; j < width; ++j)
      dense->weight().value().set(k * width + j, b[static_cast<std::size_t>(j * outputs + k)]);
    if (bias) dense->bias().value().set(k, b[static_cast<std::size_t>(width * outputs + k)]);
  }
}

}  // namespace gradus::train
