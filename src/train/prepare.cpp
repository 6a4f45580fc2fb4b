// From settings to a run ready to start. Nothing is written here.
#include "train/prepare.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <filesystem>

#include "base/check.h"
#include "base/file.h"
#include "base/parallel.h"
#include "train/checkpoint.h"
#include "train/entries.h"
#include "train/least_squares.h"
#include "train/model_file.h"
#include "train/notes.h"
#include "train/open_data.h"
#include "train/precision.h"
#include "train/probe.h"
#include "train/programs.h"
#include "train/run_folder.h"

namespace gradus::train {

namespace {

constexpr std::int64_t kDefaultEpochs = 10, kDefaultBatch = 128;

bool solves(const RunConfig& config) { return config.optimizer == "least_squares"; }

// What can be said without opening data.
void check_settings(const RunConfig& c) {
  require(Fault::usage, !c.data.empty(),
          "train: data was needed, none was given. Name some with --data, as in --data fashion-mnist.");
  require(Fault::usage, std::has_single_bit(static_cast<std::uint64_t>(c.shards)),
          "--shards {}: a power of two was needed. Take {} or {}.", c.shards,
          std::bit_floor(static_cast<std::uint64_t>(c.shards)),
          std::bit_ceil(static_cast<std::uint64_t>(c.shards)));
  require(Fault::usage, !c.sync_batch_norm || c.shards == 1,
          "--sync-batch-norm: the parts of --shards are normalized on their own. Leave one of the two out.");
  require(Fault::usage, !c.shard_optimizer || c.ema == 0,
          "--shard-optimizer: the averages of --ema belong to all weights. Leave one of the two out.");
  require(
      Fault::usage, !c.shard_optimizer || c.on_nan == "stop",
      "--shard-optimizer: --on-nan {} goes back to a state that no rank has alone. Leave one of the two out.",
      c.on_nan);
  optim::Schedule::parse(c.schedule);
  if (!c.probe.empty()) ProbePlan::parse(c.probe, "--probe");
  data::Augmentation::parse(c.augment);
  if (!c.loss.empty()) nn::find_loss(c.loss);
  require(Fault::usage, c.init_layers == "all" || !c.init_from.empty(),
          "--init-layers: it says what to take from --init-from, which was not given. Add it.");
  require(Fault::usage, c.fold.empty() || c.val_split == 0,
          "--fold: the validation part was given twice, by --val-split, too. Leave one out.");
  require(Fault::usage, c.huber_delta == RunConfig().huber_delta || c.loss == "huber",
          "--huber-delta: it belongs to --loss huber, the loss is {}. Leave it out.",
          c.loss.empty() ? "not given" : c.loss);
  require(Fault::usage, !c.resume || !c.out.empty(), "--resume: the run's folder was needed. Add --out DIR.");
  if (!solves(c)) {
    const optim::OptimizerInfo& info = optim::find_optimizer(c.optimizer);
    require(Fault::usage, !c.momentum || info.takes_momentum,
            "--momentum: it belongs to sgd and nesterov, the optimizer is {}. Leave it out.", c.optimizer);
    return;
  }
  const std::pair<const char*, bool> meaningless[] = {{"--lr", c.lr.has_value()},
                                                      {"--momentum", c.momentum.has_value()},
                                                      {"--weight-decay", c.weight_decay.has_value()},
                                                      {"--schedule", c.schedule != "constant"},
                                                      {"--augment", training_augmentation(c).any()},
                                                      {"--clip-norm", c.clip_norm > 0},
                                                      {"--clip-value", c.clip_value > 0},
                                                      {"--max-norm", c.max_norm > 0},
                                                      {"--ema", c.ema > 0},
                                                      {"--accumulate", c.accumulate > 1},
                                                      {"--shards", c.shards > 1},
                                                      {"--l1", c.l1 > 0},
                                                      {"--l2", c.l2 > 0}};
  for (const auto& [flag, given] : meaningless) {
    require(Fault::usage, !given,
            "--optimizer least_squares: it solves for the weights at once, {} has no meaning. Leave it out.",
            flag);
  }
}

std::string default_loss(data::Kind kind) {
  switch (kind) {
    case data::Kind::classes:
    case data::Kind::probabilities:
      return "softmax_cross_entropy";
    case data::Kind::multi_label:
      return "sigmoid_cross_entropy";
    case data::Kind::real:
      return "mse";
  }
  check_failed("known kind", __FILE__, __LINE__);
}

nn::ModelSpec read_model_file(const std::string& path) {
  const std::vector<std::byte> bytes = read_file(path, Fault::model);
  return nn::parse_model({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path,
                         {"task", "standardizer", "normalizer", "csv"});
}

// A name is a file's if it looks like a path or is one, unless a model has that name.
bool names_file(const std::string& model) {
  for (const nn::NamedModel& known : nn::named_models())
    if (known.name == model) return false;
  return model.find('/') != std::string::npos || model.ends_with(".toml") || std::filesystem::exists(model);
}

nn::ModelSpec chosen_spec(RunConfig& config, const data::Dataset& train) {
  if (!config.layers && config.model.empty()) config.model = solves(config) ? "linear" : "mlp";
  if (!config.layers && names_file(config.model)) {
    config.layers = read_model_file(config.model);
    config.model.clear();
  }
  if (config.layers) return *config.layers;
  const std::int64_t outputs =
      train.kind == data::Kind::real ? train.y.shape().without(0).size() : train.classes;
  return nn::named_model(config.model, train.example_shape(), outputs);
}

nn::ModelSpec model_spec(RunConfig& config, const data::Dataset& train) {
  nn::ModelSpec spec = chosen_spec(config, train);
  if (!config.freeze.empty()) freeze_entries(spec, config.freeze, "--freeze");
  return spec;
}

void fill_defaults(RunConfig& c, const data::Dataset& train) {
  if (c.threads == 0) c.threads = hardware_threads();
  c.data = absolute_spec(c.data);
  if (!c.init_from.empty()) c.init_from = std::filesystem::absolute(c.init_from).lexically_normal().string();
  c.schedule = optim::Schedule::parse(c.schedule).str();
  c.augment = training_augmentation(c).str();
  if (solves(c)) return;
  if (!c.epochs && !c.steps) c.epochs = kDefaultEpochs;
  if (!c.batch_size) c.batch_size = std::min(kDefaultBatch, train.size());
  const optim::OptimizerInfo& info = optim::find_optimizer(c.optimizer);
  if (!c.lr) c.lr = info.lr;
  if (!c.weight_decay) c.weight_decay = info.weight_decay;
  if (!c.momentum && info.takes_momentum) c.momentum = info.momentum;
}

// Fits to the training part what its settings ask for: a standardizer, a normalizer, or nothing.
void fit_scaling(Prepared& run, bool csv) {
  const RunConfig& c = run.config;
  data::Dataset& train = run.parts.train;
  require(Fault::usage, c.standardize != "on" || c.normalize != "on",
          "--normalize on: it takes the place of --standardize on. Give one of them.");
  const bool standardized = c.standardize == "on" || (c.standardize == "auto" && csv);
  const bool images = train.example_shape().rank() == 3;
  const bool normalized = c.normalize == "on" || (c.normalize == "auto" && images && !standardized &&
                                                  training_augmentation(c).any());
  if (normalized)
    run.model.normalizer = data::Normalizer::fit(train.x);
  else if (standardized)
    run.model.standardizer = data::Standardizer::fit(train.x);
  scale_as_trained(train, run.model);
  if (run.parts.val) scale_as_trained(*run.parts.val, run.model);
  if (run.parts.test) scale_as_trained(*run.parts.test, run.model);
}

void check_augmentation(const Prepared& run) {
  const data::Augmentation augmentation = training_augmentation(run.config);
  augmentation.require_fits(run.parts.train, run.config.data);
  const bool classes = run.model.kind == data::Kind::classes;
  require(Fault::usage, augmentation.mixup == 0 || !classes || run.model.loss == "softmax_cross_entropy",
          "--augment mixup: labels become probabilities, which --loss {} does not take. Take "
          "softmax_cross_entropy.",
          run.model.loss);
}

// Builds forward pass and loss once, so that whatever does not fit is refused now.
void try_loss(const Prepared& run) {
  const data::Dataset& train = run.parts.train;
  Graph scratch;
  const DType dtype = run.model.network.dtype;
  const Value x = input(scratch, {dtype, train.x.shape().with(0, 1)}, "x");
  const data::Augmentation augmentation = training_augmentation(run.config);
  const Value y = input(scratch, data::target_type(training_part(run), augmentation, dtype, 1), "y");
  const Value output = run.model.network(x, {.training = false});
  const nn::LossDef& loss = nn::find_loss(run.model.loss);
  loss.build(output, y, {}, training_loss(run.config));
  if (loss.correct) loss.correct(output, y);
}

}  // namespace

nn::LossSettings training_loss(const RunConfig& config) {
  return {.label_smoothing = config.label_smoothing, .huber_delta = config.huber_delta};
}
nn::LossSettings scoring_loss(const RunConfig& config) { return {.huber_delta = config.huber_delta}; }

void require_fits(const data::Dataset& part, const Model& model, const std::string& where) {
  const Shape& wanted = model.network.input;
  require(Fault::data, part.example_shape().size() == wanted.size(),
          "{}: the model takes examples {}, {} elements; they are {}.", where, wanted.str(), wanted.size(),
          part.example_shape().str());
  if (!part.y.defined()) return;
  require(Fault::data, part.kind == model.kind,
          "{}: its targets are of another kind than the model's. The model was trained with {}.", where,
          model.loss);
  const Shape& output = model.network.output;
  if (part.kind == data::Kind::classes) {
    const std::int64_t units = output.rank() == 0 ? 1 : output[-1];
    // One sigmoid unit tells two classes apart.
    const std::int64_t most = model.loss == "sigmoid_cross_entropy" && units == 1 ? 2 : units;
    const auto labels = part.y.values<std::int64_t>();
    for (std::size_t i = 0; i < labels.size(); ++i) {
      require(Fault::data, labels[i] < most,
              "{}: labels must be below {}, the number of the model's outputs; row {} has {}.", where, most,
              i, labels[i]);
    }
  } else {
    const std::int64_t targets = part.y.shape().without(0).size();
    require(Fault::data, targets == output.size(),
            "{}: the model has {} outputs, an example has {} targets. They must be equal.", where,
            output.size(), targets);
  }
}

void scale_as_trained(data::Dataset& part, const Model& model) {
  if (model.standardizer) part.x = model.standardizer->apply(part.x);
  part.normalizer = model.normalizer;
}

data::Augmentation training_augmentation(const RunConfig& config) {
  return data::Augmentation::parse(config.augment);
}

std::int64_t batch_size(const Prepared& run) {
  const std::int64_t examples = run.parts.train.size(), asked = run.config.batch_size.value_or(kFullBatch);
  return asked == kFullBatch ? examples : std::min(asked, examples);
}

std::int64_t steps_per_epoch(const Prepared& run) {
  const std::int64_t of_step = std::max<std::int64_t>(batch_size(run) * run.config.accumulate, 1);
  return (run.parts.train.size() + of_step - 1) / of_step;
}

std::int64_t total_steps(const Prepared& run) {
  return run.config.steps ? *run.config.steps : run.config.epochs.value() * steps_per_epoch(run);
}

std::int64_t log_interval(const Prepared& run) {
  constexpr std::int64_t kLines = 200, kMost = 100;
  return run.config.log_every.value_or(std::clamp<std::int64_t>(total_steps(run) / kLines, 1, kMost));
}

data::Dataset training_part(const Prepared& run) {
  data::Dataset train = run.parts.train;
  // Probabilities of mixed classes have a column for each of the network's outputs.
  if (train.kind == data::Kind::classes)
    train.classes = std::max(train.classes, run.model.network.output.size());
  if (run.config.class_weight != "balanced") return train;
  const std::vector<double> by_class = data::balanced_class_weights(run.parts.train);
  Tensor weight(DType::f32, Shape{train.size()});
  const auto labels = train.y.values<std::int64_t>();
  for (std::int64_t i = 0; i < train.size(); ++i) {
    const double own = train.weight.defined() ? train.weight.at(i) : 1.0;
    weight.set(i, own * by_class[static_cast<std::size_t>(labels[static_cast<std::size_t>(i)])]);
  }
  train.weight = weight;
  return train;
}

Prepared prepare(const RunConfig& config) {
  check_settings(config);
  Prepared run;
  run.config = config;
  RunConfig& c = run.config;
  const std::optional<std::string> fallback = settle_precision(c.precision);
  OpenedData opened = open_data(c.data, {.seed = c.seed,
                                         .val_split = c.val_split,
                                         .fold = parse_fold(c.fold),
                                         .loss = c.loss.empty() && solves(c) ? std::string("mse") : c.loss});
  run.parts = std::move(opened.parts);
  const data::Dataset& train = run.parts.train;
  if (c.loss.empty()) c.loss = solves(c) ? "mse" : default_loss(train.kind);
  require(Fault::usage, train.kind != data::Kind::real || !nn::find_loss(c.loss).classifies,
          "--loss {}: class labels were needed, the targets of {} are numbers. Take mse, mae or huber.",
          c.loss, c.data);
  require(Fault::usage, c.class_weight == "none" || train.kind == data::Kind::classes,
          "--class-weight {}: class labels were needed, {} has none. Leave it out.", c.class_weight, c.data);
  fit_scaling(run, opened.csv.has_value());

  Model& model = run.model;
  const nn::ModelSpec spec = model_spec(c, train);
  const DType dtype = dtype_of_precision(c.precision);
  model.network = nn::build(spec, train.example_shape(), {.seed = c.seed, .dtype = dtype});
  if (c.layers) c.layers = model.network.spec;
  model.loss = c.loss;
  model.precision = name(dtype);
  model.kind = train.kind;
  model.classes = train.classes;
  model.labels = train.labels;
  model.class_names = train.class_names;
  model.target_names = train.target_names;
  model.csv = std::move(opened.csv);
  require_fits(train, model, c.data);
  if (run.parts.val) require_fits(*run.parts.val, model, c.data);
  if (run.parts.test) require_fits(*run.parts.test, model, c.data + ": test part");
  // A run that goes on has its weights from the checkpoint, and the file may be gone.
  const bool goes_on = c.resume && has_checkpoint(c.out);
  std::optional<std::string> taken;
  if (!c.init_from.empty() && !goes_on) taken = load_initial_weights(model.network, c);
  fill_defaults(c, train);
  require(Fault::usage, solves(c) || c.shards <= batch_size(run),
          "--shards {}: each part needs an example of a batch of {}. Take fewer, or a larger --batch-size.",
          c.shards, batch_size(run));
  check_augmentation(run);
  try_loss(run);
  if (solves(c))
    check_least_squares(run);
  else
    make_update(run);  // refuses numbers out of range
  run.notes = notes_for(run);
  if (fallback) run.notes.push_back(*fallback);
  if (taken) run.notes.push_back(std::move(*taken));
  return run;
}

Prepared prepare_again(const std::filesystem::path& dir) {
  RunConfig config = saved_config(dir);
  config.init_from.clear();  // its own weights replace it
  return prepare(config);
}

Prepared prepare_trained(const std::filesystem::path& dir) {
  Prepared run = prepare_again(dir);
  load_weights(run.model.network, dir / "model.safetensors");
  return run;
}

nn::Network in_f64(const nn::Network& network) {
  nn::Network copy = nn::build(network.spec, network.input, {.dtype = DType::f64});
  const std::vector<Variable> from = network.variables(), to = copy.variables();
  for (std::size_t i = 0; i < to.size(); ++i) {
    to[i].set(from[i].value().cast(DType::f64));
    to[i].set_decays(from[i].decays());
  }
  return copy;
}

}  // namespace gradus::train
