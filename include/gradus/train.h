// Training runs: settings, the training loop, run folders, and what can be asked of a trained model.
//
// Nothing here prints: a face listens to Events and shows results. Every Error carries the Fault that is the
// exit code of the command line.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "gradus/check.h"
#include "gradus/communicator.h"
#include "gradus/control.h"
#include "gradus/data.h"
#include "gradus/health.h"
#include "gradus/metrics.h"
#include "gradus/nn.h"
#include "gradus/optim.h"

#pragma GCC visibility push(default)  // what the shared library exports
namespace gradus::train {

// ---- Settings -----------------------------------------------------------------------------------

// When checkpoints are taken: every `count` units.
struct CheckpointEvery {
  enum Unit { steps, epochs, minutes };
  std::int64_t count = 1;
  Unit unit = epochs;
  bool operator==(const CheckpointEvery&) const = default;
};

// The batch size that stands for all of the training part.
inline constexpr std::int64_t kFullBatch = 0;

// All settings of a run: one member for each key of config_keys(). What is left out keeps the default named
// there; defaults that depend on data or optimizer are filled in by prepare().
struct RunConfig {
  std::string data;
  std::string model;                    // a named model, or the path of a model file
  std::optional<nn::ModelSpec> layers;  // a model written out in RUN.toml; stands instead of `model`
  std::optional<std::int64_t> epochs, steps;
  std::optional<std::int64_t> batch_size;  // kFullBatch: the whole training part
  std::string optimizer = "adam";
  std::optional<double> lr, momentum, weight_decay;
  bool decay_all = false;
  std::string schedule = "constant";
  std::string loss;
  double label_smoothing = 0.0, huber_delta = 1.0, l1 = 0.0, l2 = 0.0;
  std::string class_weight = "none";     // none, balanced
  double max_norm = 0;                   // of a weight's rows; 0: no limit
  double ema = 0;                        // decay of the weights' moving averages; 0: none
  std::int64_t accumulate = 1;           // batches whose gradients make one update
  double clip_norm = 0, clip_value = 0;  // 0: no clipping
  std::string on_nan = "stop";           // what a step that is not finite does: stop, skip, rollback
  std::uint64_t seed = 0;
  std::int64_t threads = 0;  // 0: as many as the machine offers
  std::string precision = "f32";
  double val_split = 0.0;
  std::string fold;            // "2/5": the validation part is the second of five folds; "": by val_split
  std::int64_t patience = 10;  // epochs without gain before a run with a validation part stops
  std::string init_from;
  std::string init_layers = "all";  // of init_from: "all", "fitting", or entries of the model as "0-2,5"
  std::string freeze;               // entries of the model that stay as they are: "0-2,5"; "": none
  std::string standardize = "auto", normalize = "auto";
  std::string augment = "none";
  std::int64_t shards = 1;       // parts of a batch that are computed on their own
  bool sync_batch_norm = false;  // over ranks
  bool shard_optimizer = false;  // each rank keeps the state of its share of the parameters
  CheckpointEvery checkpoint_every;
  std::optional<std::int64_t> log_every;  // steps between the step lines of history.jsonl; 0: none
  std::string probe;  // "0,100,1000", "every=50": steps at which history.jsonl gets a ProbeEvent
  std::optional<std::int64_t> health_every;  // steps between HealthEvents; 0: none. By default few enough to
                                             // take less than 2 % of the time
  bool tensorboard = false;                  // also writes event files for TensorBoard
  std::string out;                           // "": nothing is saved
  bool resume = false, dry_run = false;
  bool no_report = false;  // about the call, for a face that writes one at the end

  // Keys that were set, by a file or a flag, and where: "--lr", "run.toml:3:1".
  std::map<std::string, std::string> given;
};

// The value of a key, as RUN.toml writes it.
using ConfigValue = std::variant<bool, std::int64_t, double, std::string>;

// One key of RUN.toml, and the flag of the same name.
struct ConfigKey {
  enum Type { boolean, integer, number, text };
  std::string name;                  // "batch_size"
  std::string flag;                  // "--batch-size"
  Type type;                         // what it takes; keys of type integer or number may take words too
  std::string value_name;            // "N", "X", "SPEC"; "" for booleans
  std::string doc;                   // one line
  std::string default_text;          // "min(128, examples)"; "" where there is none
  std::vector<std::string> choices;  // the only values allowed, or none
  bool saved = true;                 // false: about the call (out, resume, dry_run), not kept in run.toml

  // Sets it; `where` opens messages. Fault::usage: another type, a value out of range or not among `choices`.
  std::function<void(RunConfig&, const ConfigValue&, const std::string& where)> set;
  // The value as RUN.toml has it; none if it was left out.
  std::function<std::optional<ConfigValue>(const RunConfig&)> get;
};
const std::vector<ConfigKey>& config_keys();  // in the order of --help
// Fault::usage for unknown names, with the nearest known one. Takes "batch_size" and "batch-size".
const ConfigKey& find_key(std::string_view name);

// Sets a key from the text of a flag: set_from_text(config, "lr", "0.1"). `where` defaults to "--lr".
void set_from_text(RunConfig& config, std::string_view key, std::string_view text, std::string where = "");

// Reads RUN.toml: the keys above, and `input` and `layers` of a model file. Unknown keys, wrong types and
// values are refused (Fault::usage) with FILE:LINE:COLUMN; a file that cannot be read is Fault::usage, too.
RunConfig read_config(const std::filesystem::path& file);
RunConfig parse_config(std::string_view toml, const std::string& where);
// The text parse_config() reads back: every saved key that has a value, in the order of the table.
std::string to_toml(const RunConfig& config);

// ---- Run folders and models ---------------------------------------------------------------------

// A model with all that its predictions need: model.toml and model.safetensors.
struct Model {
  nn::Network network;
  std::string loss;
  std::string precision = "f32";
  data::Kind kind = data::Kind::classes;
  std::int64_t classes = 0;  // classes or labels the data had; the network may end in more units
  data::LabelMap labels;
  std::vector<std::string> class_names;  // one for each class, or none
  std::vector<std::string> target_names;
  std::optional<data::Standardizer> standardizer;
  std::optional<data::Normalizer> normalizer;  // of images; instead of a standardizer
  std::optional<data::CsvSchema> csv;
};

// The folder's model. Fault::model: files missing or unreadable, tensors missing, extra or of another shape.
Model load_model(const std::filesystem::path& dir);
// Writes both files; equal models give equal bytes. Fault::output.
void save_model(const std::filesystem::path& dir, const Model& model);
// Sets the network's variables from a safetensors file. Running statistics may be absent; anything else
// missing, extra or misshaped is Fault::model.
void load_weights(const nn::Network& network, const std::filesystem::path& file);
// The same for a part of them, `which` as RunConfig::init_layers has it: "fitting" sets the variables that
// the file has in the same shape; entries set all of theirs, and nothing else. Other tensors of the file are
// left out. Gives the names of what was set; nothing is Fault::model.
std::vector<std::string> load_some_weights(const nn::Network& network, const std::filesystem::path& file,
                                           const std::string& which);

// The model as an ONNX file, from examples as they come (its scaling is part of it) to the network's output.
// Fault::usage: Gradus was built without ONNX. Fault::model: gradus/onnx_network.h.
std::vector<std::byte> onnx_bytes(const Model& model);
// The model of an ONNX file. What it is for is in files that Gradus wrote; others are taken for one of
// classes. Fault::usage: Gradus was built without ONNX. Fault::model: gradus/onnx_network.h.
Model import_onnx(const std::filesystem::path& file);

// The data of a run; parts without examples are absent.
struct Parts {
  data::Dataset train;
  std::optional<data::Dataset> val, test;
};

// A run ready to start: everything was read and validated, nothing was written.
struct Prepared {
  RunConfig config;  // resolved: no default is left open
  Parts parts;       // standardized, or with what normalizes them
  Model model;       // initialized
  std::vector<std::string> notes;
};
// Errors: everything that is wrong with settings, data, model and weights.
Prepared prepare(const RunConfig& config);

// One training step as a graph: forward, loss, metrics, backward, clipping, update, averages. (With
// `accumulate` a run has two programs instead, one up to the gradients and one for the rest.)
// Inputs x [B, ...], y (class probabilities with mixup), and the weights [B] if the training part has some.
// Outputs: "loss", "correct" where the loss counts hits, "gradient_norm" with clip_norm.
struct StepGraph {
  Graph graph;
  std::unique_ptr<optim::Optimizer> optimizer;
  std::optional<optim::MovingAverage> average;
  Variable counter;  // i64 [2] = (seed, step): set before each step
};
StepGraph training_step(const Prepared& run, std::int64_t batch_size);

// ---- Training -----------------------------------------------------------------------------------

// How well a network does on some examples.
struct Scores {
  double loss = 0;
  std::optional<double> accuracy;  // a fraction; classification only
  std::int64_t n = 0;
};

// The contents of `train --json`; parts the data does not have are absent.
struct TrainResult {
  std::optional<Scores> train, val, test;
  std::int64_t steps = 0, epochs = 0;     // whole run, done so far
  double seconds = 0, samples_per_s = 0;  // samples_per_s as in StepEvent
  std::int64_t parameters = 0, ranks = 1;
  std::optional<std::int64_t> resumed_from_step;
  std::optional<std::int64_t> saved_step;  // of the newest checkpoint on disk
  std::string save_fault;                  // why a newer one is not; "": all went well
  std::string out;                         // "": nothing was saved
  bool interrupted = false;                // stopped by the flag: saved, no scores
  bool already_finished = false;           // resume found nothing to do
  bool stopped_early = false;              // no gain for `patience` epochs
  bool dry_run = false;                    // validated only
  std::optional<std::int64_t> best_epoch;  // whose weights were kept (from 1); with a validation part
};

// Before the first step: what will be trained, on what, and how long.
struct StartEvent {
  RunConfig config;  // resolved
  std::vector<nn::SummaryRow> layers;
  std::int64_t parameters = 0, trainable_parameters = 0;
  std::int64_t train_examples = 0, val_examples = 0, test_examples = 0;
  Shape input, output;  // of one example
  std::int64_t batch_size = 0, steps_per_epoch = 0, total_steps = 0, total_epochs = 0;
  std::int64_t flops_per_step = 0;  // forward and the two backward products; a multiply-add counts two
  std::size_t memory_bytes = 0;     // variables and buffers of the step
  std::int64_t resumed_from_step = 0;
  std::vector<std::string> notes;
};

// After a step.
struct StepEvent {
  std::int64_t step = 0, total_steps = 0;    // done
  std::int64_t epoch = 0, total_epochs = 0;  // the running one, from 1
  std::int64_t step_in_epoch = 0, steps_per_epoch = 0;
  double loss = 0, smoothed_loss = 0;  // bias-corrected moving average, 0.98
  std::optional<double> accuracy;      // of the running epoch so far
  double lr = 0, seconds = 0, eta_seconds = 0;
  double samples_per_s = 0;  // of the steps: the time of validation, probes and checkpoints left out
};

// After an epoch, when its validation is done.
struct EpochEvent {
  std::int64_t epoch = 0, total_epochs = 0, step = 0;  // epoch from 1
  Scores train;               // as met while training: means over the epoch's batches
  std::optional<Scores> val;  // with the weights at the epoch's end
  bool best = false;          // the lowest validation loss so far
  std::int64_t epochs_without_gain = 0;
  double lr = 0, seconds = 0, samples_per_s = 0;  // of this epoch; samples_per_s as in StepEvent
};

// How many numbers spread: mean, standard deviation, percentiles.
struct Spread {
  double mean = 0, std = 0, p15 = 0, p50 = 0, p85 = 0;
};
// A layer on one batch: its output, that of its first unit (channel) alone, and dL/d(output).
struct LayerProbe {
  std::string path, kind;
  Spread output, unit, gradient;
};
// A parameter and its gradient on one batch.
struct ParameterProbe {
  std::string name;
  double norm = 0, gradient_norm = 0;  // Euclidean
};
// The network before update number `step` (0: as it was initialized), on that step's batch.
struct ProbeEvent {
  std::int64_t step = 0;
  std::vector<LayerProbe> layers;  // in the order they are built, inner ones first
  std::vector<ParameterProbe> parameters;
};

// An order the run has taken, before step number `step` + 1.
struct OrderEvent {
  Order order;
  std::int64_t step = 0;
};

// A step that made a NaN or infinity and was left out (RunConfig::on_nan). Its batch is not seen again in
// this epoch.
struct NotFiniteEvent {
  std::int64_t step = 0;     // that one, from 1
  std::string cause;         // the node it came from
  std::string did;           // skip, rollback
  std::int64_t back_to = 0;  // the variables are as they were after so many steps
  double lr = 0;             // what the schedule scales from now on

  std::string str() const;  // "step 13 was left out: ..."
};

// What a run tells while it goes on; calls come from the thread that trains. Empty functions are skipped.
struct Events {
  std::function<void(const StartEvent&)> start = {};
  std::function<void(const StepEvent&)> step = {};
  double step_interval_ms = 50;  // at most one step event in this time (and the last step's); 0: every step
  std::function<void(const EpochEvent&)> epoch = {};
  std::function<void(const ProbeEvent&)> probe = {};    // at the steps of RunConfig::probe
  std::function<void(const HealthEvent&)> health = {};  // every RunConfig::health_every steps
  std::function<void(const Finding&)> finding = {};  // once a rule; those before the first step after start
  std::function<void(const OrderEvent&)> order = {};
  std::function<void(const NotFiniteEvent&)> not_finite = {};
  std::function<void(const std::filesystem::path&)> checkpoint = {};
  std::function<void(const std::string&)> note = {};
  // Something went wrong that the run survives: a checkpoint that cannot be written, or was damaged.
  std::function<void(const std::string&)> warning = {};
  // At the end of a run that was not validated only, its folder complete: with the weights that were kept.
  std::function<void(const Prepared&, const TrainResult&)> trained = {};
  std::function<void(const TrainResult&)> finish = {};
};

// Trains as `config` says, into config.out if given. When *stop becomes true the running step is finished, a
// checkpoint saved and the result is marked interrupted. Faults as named in Fault; what was saved before
// stays. Diverging (a NaN or infinite loss) is Fault::diverged with the first bad step and the layer it arose
// in. Orders come through `control`, and through control.jsonl in config.out.
TrainResult train(const RunConfig& config, const Events& events = {}, const std::atomic<bool>* stop = nullptr,
                  Control* control = nullptr, Communicator* ranks = nullptr);

// ---- Using a trained model ----------------------------------------------------------------------

// Which examples of a run's data.
enum class Part { train, val, test, all };
Part parse_part(std::string_view name);  // Fault::usage

struct EvalOptions {
  std::string data = {};          // a data spec; "": the run's own
  std::optional<Part> part = {};  // none: test if there is one, else val, else all
  std::int64_t top_k = 5;         // of top_k_accuracy
  std::int64_t threads = 0;
};
// The contents of `eval --json`; measures that the kind of targets does not have are absent.
struct EvalResult {
  Scores scores;
  Part part = Part::all;                             // what was evaluated
  std::vector<std::vector<std::int64_t>> confusion;  // [true][predicted]; classes and probabilities
  std::vector<std::string> class_names;
  std::optional<metrics::ClassReport> report;  // classes, probabilities and multi-label
  std::int64_t top_k = 0;
  std::optional<double> top_k_accuracy;   // of more than top_k classes
  std::optional<double> roc_auc;          // of two classes
  std::optional<double> subset_accuracy;  // multi-label: the share of examples with every label right
  std::optional<double> mse, mae, r2;     // regression
};
// Scores a trained model. Fault::model: the folder; Fault::data: data that cannot be read or do not fit it, a
// part that it does not have.
EvalResult evaluate(const std::filesystem::path& dir, const EvalOptions& options = {});

// One row for each example of an input file.
struct Predictions {
  Tensor output;                          // the network's raw output [N, ...]: logits, or numbers
  Tensor probabilities;                   // [N, K]; undefined for regression
  std::vector<std::int64_t> classes;      // kinds classes and probabilities: index
  std::vector<std::string> class_names;   // of each class column, "0", "1", ... where the data had none
  std::vector<std::string> target_names;  // of each output column; regression
  std::vector<std::string> files;         // of each row, where the input is a folder of images
  data::Kind kind = data::Kind::classes;

  // A header and a row per example: "class,name,p_NAME..." for classes, "p_NAME..." for multi-label, the
  // targets' names (or y, or y0, y1, ...) for regression. "file" comes first where there are files.
  std::string csv() const;
};
struct PredictOptions {
  std::int64_t threads = 0;
};
// `input`: .csv (by the model's schema, or plain numbers), .npy, .npz (x), .png or .jpg, a folder of such
// images (resized to what the model takes), or an IDX file. Fault::data: files that cannot be read or do not
// fit the model.
Predictions predict(const std::filesystem::path& dir, const std::filesystem::path& input,
                    const PredictOptions& options = {});
Predictions predict(const Model& model, const Tensor& x, const PredictOptions& options = {});

// The network's raw output for x [N, ...] in the data's own units: u8 pixels are divided by 255, and the
// model's standardization or normalization is applied.
Tensor run_model(const std::filesystem::path& dir, const Tensor& x, std::int64_t threads = 0);
Tensor run_model(const Model& model, const Tensor& x, std::int64_t threads = 0);

// ---- Averaging models ---------------------------------------------------------------------------

struct AverageOptions {
  std::string out;  // the new folder
  // Running statistics of batch normalization do not fit averaged weights. true: computed anew over the
  // training part of the first run; false: averaged, too.
  bool recompute_statistics = true;
  std::int64_t threads = 0;
};
// The averaged model on the parts the first run has.
struct AverageResult {
  std::size_t runs = 0;
  bool recomputed = false;  // there were statistics, and they were computed anew
  std::optional<Scores> train, val, test;
};
// Averages the weights of several runs of one model (Izmailov et al. 2018, McMahan et al. 2017) into a run
// folder of its own, with the settings, and so the data, of the first. Fault::usage: no runs, the same one
// twice; Fault::model: models that differ in layers, labels or standardization.
AverageResult average(const std::vector<std::filesystem::path>& dirs, const AverageOptions& options);

// ---- Gradient checking --------------------------------------------------------------------------

struct GradcheckOptions {
  std::int64_t batch_size = 8;  // examples of the training part
  CheckOptions check = {};
};
// A parameter and its check.
struct GradcheckRow {
  std::string parameter;
  Shape shape;
  GradientCheck check;
};
// Checks the gradient of the run's loss with respect to each parameter, in f64 on the reference executor, on
// the first examples of a real batch. Layers run in training mode with the random numbers of step 0.
std::vector<GradcheckRow> gradcheck(const RunConfig& config, const GradcheckOptions& options = {});
// The same for a run folder, with its trained weights.
std::vector<GradcheckRow> gradcheck(const std::filesystem::path& dir, const GradcheckOptions& options = {});

}  // namespace gradus::train
#pragma GCC visibility pop
