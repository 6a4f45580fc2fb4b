// The table of settings: one row for each key of RUN.toml and flag of the command line.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/call_text.h"
#include "base/check.h"
#include "base/suggest.h"
#include "gradus/train.h"
#include "train/config.h"

namespace gradus::train {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Range {
  double low = 0, high = kInfinity;
  bool open = false;  // high itself is out
  bool holds(double x) const { return std::isfinite(x) && x >= low && (open ? x < high : x <= high); }
  std::string str() const {
    if (high == kInfinity) return fmt::format("of at least {}", low);
    return fmt::format("from {} to {}{}", low, open ? "below " : "", high);
  }
};

std::string shown(const ConfigValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return fmt::format("'{}'", *text);
  return toml_text(value);
}

[[noreturn]] void refuse(const std::string& where, const std::string& needed, const ConfigValue& value) {
  fail(Fault::usage, "{}: {} was needed, got {}.", where, needed, shown(value));
}

double to_number(const ConfigValue& value, const Range& range, const std::string& where) {
  const auto* integer = std::get_if<std::int64_t>(&value);
  const auto* number = std::get_if<double>(&value);
  const auto* text = std::get_if<std::string>(&value);
  if (text && is_number_out_of_range(*text)) refuse(where, "a number from 2.3e-308 to 1.7e308, or 0,", value);
  const double x = integer ? static_cast<double>(*integer) : number ? *number : std::nan("");
  if (!range.holds(x)) refuse(where, "a number " + range.str(), value);
  return x;
}

std::int64_t to_integer(const ConfigValue& value, const Range& range, const std::string& where,
                        const char* or_else = "") {
  const auto* integer = std::get_if<std::int64_t>(&value);
  if (!integer || !range.holds(static_cast<double>(*integer)))
    refuse(where, fmt::format("an integer {}{}", range.str(), or_else), value);
  return *integer;
}

const std::string& to_text(const ConfigValue& value, const std::string& where) {
  const auto* text = std::get_if<std::string>(&value);
  if (!text) refuse(where, "text", value);
  return *text;
}

template <class T>
constexpr bool kOptional = false;
template <class T>
constexpr bool kOptional<std::optional<T>> = true;

ConfigKey key(const char* name, ConfigKey::Type type, const char* value_name, const char* doc,
              const char* default_text) {
  std::string flag = fmt::format("--{}", name);
  std::replace(flag.begin(), flag.end(), '_', '-');
  return {.name = name,
          .flag = std::move(flag),
          .type = type,
          .value_name = value_name,
          .doc = doc,
          .default_text = default_text,
          .choices = {},
          .set = {},
          .get = {}};
}

// The value of a member as a ConfigValue of type As; none for an empty optional.
template <class As, class M>
std::function<std::optional<ConfigValue>(const RunConfig&)> getter(M RunConfig::*member) {
  return [member](const RunConfig& c) -> std::optional<ConfigValue> {
    if constexpr (kOptional<M>) {
      if (!(c.*member)) return std::nullopt;
      return ConfigValue(static_cast<As>(*(c.*member)));
    } else {
      return ConfigValue(static_cast<As>(c.*member));
    }
  };
}

template <class M>
ConfigKey number(const char* name, const char* doc, const char* default_text, M RunConfig::*member,
                 Range range = {}) {
  ConfigKey k = key(name, ConfigKey::number, "X", doc, default_text);
  k.set = [member, range](RunConfig& c, const ConfigValue& value, const std::string& where) {
    c.*member = to_number(value, range, where);
  };
  k.get = getter<double>(member);
  return k;
}

template <class M>
ConfigKey integer(const char* name, const char* doc, const char* default_text, M RunConfig::*member,
                  Range range) {
  ConfigKey k = key(name, ConfigKey::integer, "N", doc, default_text);
  k.set = [member, range](RunConfig& c, const ConfigValue& value, const std::string& where) {
    const std::int64_t n = to_integer(value, range, where);
    if constexpr (kOptional<M>)
      c.*member = n;
    else
      c.*member = static_cast<M>(n);
  };
  k.get = getter<std::int64_t>(member);
  return k;
}

ConfigKey text(const char* name, const char* value_name, const char* doc, const char* default_text,
               std::string RunConfig::*member, std::vector<std::string> choices = {}) {
  ConfigKey k = key(name, ConfigKey::text, value_name, doc, default_text);
  k.choices = choices;
  k.set = [member, choices](RunConfig& c, const ConfigValue& value, const std::string& where) {
    const std::string& chosen = to_text(value, where);
    if (chosen.empty() && choices.empty()) refuse(where, "text", value);
    const bool known = choices.empty() || std::find(choices.begin(), choices.end(), chosen) != choices.end();
    require(Fault::usage, known, "{}: one of {} was needed, got '{}'.{}", where, fmt::join(choices, ", "),
            chosen, did_you_mean(chosen, choices));
    c.*member = chosen;
  };
  k.get = [member](const RunConfig& c) -> std::optional<ConfigValue> {
    if ((c.*member).empty()) return std::nullopt;
    return ConfigValue(c.*member);
  };
  return k;
}

ConfigKey boolean(const char* name, const char* doc, bool RunConfig::*member) {
  ConfigKey k = key(name, ConfigKey::boolean, "", doc, "false");
  k.set = [member](RunConfig& c, const ConfigValue& value, const std::string& where) {
    const auto* flag = std::get_if<bool>(&value);
    if (!flag) refuse(where, "true or false", value);
    c.*member = *flag;
  };
  k.get = getter<bool>(member);
  return k;
}

ConfigKey batch_size() {
  ConfigKey k = key("batch_size", ConfigKey::integer, "N|full",
                    "examples per step; full: the whole training part", "min(128, examples)");
  k.set = [](RunConfig& c, const ConfigValue& value, const std::string& where) {
    const auto* word = std::get_if<std::string>(&value);
    c.batch_size =
        word && *word == "full" ? kFullBatch : to_integer(value, {.low = 1, .high = 1e9}, where, " or full");
  };
  k.get = [](const RunConfig& c) -> std::optional<ConfigValue> {
    if (!c.batch_size) return std::nullopt;
    return *c.batch_size == kFullBatch ? ConfigValue(std::string("full")) : ConfigValue(*c.batch_size);
  };
  return k;
}

ConfigKey checkpoint_every() {
  ConfigKey k = key("checkpoint_every", ConfigKey::text, "N[steps|epochs|minutes]",
                    "how often a checkpoint is taken; a bare N counts epochs", "1epochs");
  k.set = [](RunConfig& c, const ConfigValue& value, const std::string& where) {
    const auto* count = std::get_if<std::int64_t>(&value);
    const std::string given = count ? fmt::to_string(*count) : to_text(value, where);
    const auto every = parse_checkpoint_every(given);
    if (!every) refuse(where, "a number of at least 1 with steps, epochs or minutes, as in 500steps,", value);
    c.checkpoint_every = *every;
  };
  k.get = [](const RunConfig& c) { return ConfigValue(print_checkpoint_every(c.checkpoint_every)); };
  return k;
}

// Two settings of which a file or a command line may give only one; a flag wins over a file.
void exclude(RunConfig& c, const std::string& name, const std::string& other, const std::string& where) {
  const auto before = c.given.find(other);
  if (before == c.given.end()) return;
  const bool both_flags = where.starts_with("--") && before->second.starts_with("--");
  const bool both_file = !where.starts_with("--") && !before->second.starts_with("--");
  require(Fault::usage, !both_flags && !both_file, "{}: {} and {} were both given. Give one of them.", where,
          other, name);
  c.given.erase(before);
}

std::vector<std::string> optimizer_names() {
  std::vector<std::string> names;
  for (const optim::OptimizerInfo& info : optim::optimizers()) names.push_back(info.name);
  names.emplace_back("least_squares");
  return names;
}

std::vector<std::string> loss_names() {
  std::vector<std::string> names;
  for (const nn::LossDef& loss : nn::losses()) names.push_back(loss.name);
  return names;
}

ConfigKey unsaved(ConfigKey k) {
  k.saved = false;
  return k;
}

std::vector<ConfigKey> make_keys() {
  using C = RunConfig;
  constexpr double kMany = 1e15;  // counts beyond it are mistakes
  std::vector<ConfigKey> keys = {
      text("data", "SPEC", "what to train on, as in csv:FILE or make_moons:noise=0.1", "", &C::data),
      text("model", "SPEC", "a named model or a model file", "mlp", &C::model),
      integer("epochs", "passes over the training part", "10", &C::epochs, {.low = 1, .high = kMany}),
      integer("steps", "steps, instead of epochs", "", &C::steps, {.low = 1, .high = kMany}),
      batch_size(),
      text("optimizer", "NAME", "how weights are updated", "adam", &C::optimizer, optimizer_names()),
      number("lr", "learning rate", "the optimizer's: 0.001 or 0.01", &C::lr),
      number("momentum", "momentum of sgd and nesterov", "the optimizer's", &C::momentum),
      number("weight_decay", "weight decay of the optimizer", "the optimizer's", &C::weight_decay),
      boolean("decay_all", "let biases and normalization parameters decay, too", &C::decay_all),
      text("schedule", "SPEC", "how the learning rate changes, as in one_cycle or steps:at=80|120",
           "constant", &C::schedule),
      text("loss", "NAME", "what is minimized", "by the kind of labels", &C::loss, loss_names()),
      number("label_smoothing", "share of the label spread over the classes", "0", &C::label_smoothing,
             {.high = 1, .open = true}),
      number("huber_delta", "where the huber loss turns linear", "1", &C::huber_delta,
             {.low = std::numeric_limits<double>::min()}),
      number("l1", "adds X times the sum of the weights' magnitudes to the loss", "0", &C::l1),
      number("l2", "adds X / 2 times the sum of the weights' squares to the loss", "0", &C::l2),
      text("class_weight", "NAME", "weights of the classes; balanced: rare ones count more", "none",
           &C::class_weight, {"none", "balanced"}),
      number("clip_norm", "scales gradients down to this norm; 0: off", "0", &C::clip_norm),
      number("clip_value", "cuts gradient elements off at +-X; 0: off", "0", &C::clip_value),
      text("on_nan", "stop|skip|rollback",
           "a NaN ends the run, leaves its step out, or also goes back, with half the rate", "stop",
           &C::on_nan, {"stop", "skip", "rollback"}),
      number("max_norm", "limits the norm of each unit's or filter's weights; 0: off", "0", &C::max_norm),
      number("ema", "decay of moving averages of the weights, which are kept; 0: off", "0", &C::ema,
             {.high = 1, .open = true}),
      integer("accumulate", "batches whose gradients make one update", "1", &C::accumulate,
              {.low = 1, .high = 1e6}),
      integer("seed", "of initial weights, order, dropout, splits and generators", "0", &C::seed,
              {.high = 9e18}),
      integer("threads", "threads to compute with; 0: all there are", "0", &C::threads, {.high = 4096}),
      text("precision", "NAME", "f32, f64, or bf16: f32 with products and convolutions of bf16", "f32",
           &C::precision, {"f32", "bf16", "bf16-emulated", "f64"}),
      number("val_split", "share of the training examples held out for validation", "0", &C::val_split,
             {.high = 1, .open = true}),
      text("fold", "I/K", "validation part: the I-th of K equal parts of the training examples", "",
           &C::fold),
      integer("patience", "epochs without a lower validation loss before training stops", "10", &C::patience,
              {.low = 1, .high = kMany}),
      text("init_from", "FILE.safetensors", "weights to start from", "", &C::init_from),
      text("init_layers", "all|fitting|I-J,...",
           "what to take from --init-from: entries of the model's layers", "all", &C::init_layers),
      text("freeze", "I-J,...", "entries of the model's layers that are left as they are", "", &C::freeze),
      text("standardize", "auto|on|off", "bring features to mean 0, deviation 1; auto: CSV columns", "auto",
           &C::standardize, {"auto", "on", "off"}),
      text("normalize", "auto|on|off",
           "bring each channel of images to mean 0, deviation 1; auto: with augment", "auto", &C::normalize,
           {"auto", "on", "off"}),
      text("augment", "SPEC", "random changes of training examples, as in crop=4,flip,erase=0.25,mixup=0.2",
           "none", &C::augment),
      integer("shards",
              "parts a batch is computed in, a power of two: equal bits on 1 to N threads and ranks", "1",
              &C::shards, {.low = 1, .high = 4096}),
      boolean("sync_batch_norm", "batch normalization takes the statistics of all ranks' examples",
              &C::sync_batch_norm),
      boolean("shard_optimizer", "each rank keeps the optimizer's state of its share of the weights (ZeRO 1)",
              &C::shard_optimizer),
      checkpoint_every(),
      integer("log_every", "steps between the step lines of history.jsonl; 0: none",
              "200 lines a run, or every 100 steps", &C::log_every, {.high = kMany}),
      text("probe", "STEPS", "steps whose activations and gradients are recorded, as in 0,100 or every=50",
           "", &C::probe),
      integer("health_every", "steps between looks at every layer's health; 0: none",
              "so many that they take less than 2 %", &C::health_every, {.high = kMany}),
      boolean("tensorboard", "write event files for TensorBoard too, in the run's folder", &C::tensorboard),
      unsaved(text("out", "DIR", "folder of the run; without it nothing is saved", "", &C::out)),
      unsaved(boolean("resume", "go on where the run in --out stopped", &C::resume)),
      unsaved(boolean("no_report", "write no report.html and no figures at the end", &C::no_report)),
      unsaved(boolean("dry_run", "check everything, show the plan and stop", &C::dry_run)),
  };
  for (ConfigKey& k : keys) {
    k.set = [inner = std::move(k.set), name = k.name](RunConfig& c, const ConfigValue& value,
                                                      const std::string& where) {
      inner(c, value, where);
      if (name == "epochs") exclude(c, name, "steps", where), c.steps.reset();
      if (name == "steps") exclude(c, name, "epochs", where), c.epochs.reset();
      if (name == "model") exclude(c, name, "layers", where), c.layers.reset();
      c.given[name] = where;
    };
  }
  return keys;
}

}  // namespace

const std::vector<ConfigKey>& config_keys() {
  static const std::vector<ConfigKey> keys = make_keys();
  return keys;
}

}  // namespace gradus::train
