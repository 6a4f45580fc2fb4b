#include "train/run_folder.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "base/check.h"
#include "train/config.h"

namespace gradus::train {

namespace {

namespace fs = std::filesystem;

// Settings that may change when a run goes on.
constexpr const char* kFree[] = {"epochs",           "steps", "threads",      "patience",    "log_every",
                                 "checkpoint_every", "probe", "health_every", "tensorboard", "on_nan"};

constexpr const char* kModel = "the model";

std::string shown(const ConfigKey& key, const RunConfig& config) {
  const auto value = key.get(config);
  return value ? toml_text(*value) : "not set";
}

}  // namespace

RunConfig saved_config(const fs::path& dir) {
  const fs::path file = dir / "run.toml";
  require(Fault::model, fs::exists(file), "{}: a run's folder was needed, {}.", dir.string(),
          fs::exists(dir) ? "it has no run.toml" : "there is none");
  try {
    return read_config(file);
  } catch (const Error& error) {  // a file of ours, not of the call
    throw Error(error.what(), Fault::model);
  }
}

RunConfig resumed_config(const RunConfig& given) {
  const fs::path file = fs::path(given.out) / "run.toml";
  if (!fs::exists(file)) return given;
  RunConfig config = saved_config(given.out);
  config.given.clear();
  for (const auto& [name, where] : given.given) {
    if (name == "layers") {
      config.layers = given.layers;
      config.model.clear();
      config.given[name] = where;
      continue;
    }
    const ConfigKey& key = find_key(name);
    if (const auto value = key.get(given)) key.set(config, *value, where);
  }
  config.out = given.out;
  config.resume = true;
  config.dry_run = given.dry_run;
  return config;
}

std::optional<std::string> first_difference(const RunConfig& a, const RunConfig& b) {
  if (a.layers != b.layers) return kModel;
  for (const ConfigKey& key : config_keys()) {
    const bool free = std::find(std::begin(kFree), std::end(kFree), key.name) != std::end(kFree);
    if (key.saved && !free && key.get(a) != key.get(b)) return key.name;
  }
  return std::nullopt;
}

void require_same(const RunConfig& saved, const RunConfig& resolved) {
  const std::optional<std::string> differs = first_difference(saved, resolved);
  if (!differs) return;
  require(Fault::usage, *differs != kModel,
          "--resume: the model must be the one the run began with; it differs. Leave it out, or take another "
          "--out.");
  const ConfigKey& key = find_key(*differs);
  fail(Fault::usage,
       "--resume: {} must be what the run began with, {}; {} was given. Leave it out, or take another --out.",
       key.name, shown(key, saved), shown(key, resolved));
}

void require_writable(const fs::path& dir) {
  std::error_code ignored;
  const auto require_folder = [&](const fs::path& path) {
    require(Fault::output, !fs::exists(path, ignored) || fs::is_directory(path, ignored),
            "{}: a folder was needed, it is a file. Take another --out.", path.string());
  };
  fs::path nearest = fs::absolute(dir);  // that exists
  while (!fs::exists(nearest, ignored) && nearest.has_relative_path()) nearest = nearest.parent_path();
  require_folder(dir);
  require(Fault::output, fs::is_directory(nearest, ignored),
          "{}: the folder cannot be made: {}: a folder was needed, it is a file. Take another --out.",
          dir.string(), nearest.string());
  const int error = ::access(nearest.c_str(), W_OK | X_OK) == 0 ? 0 : errno;
  require(Fault::output, error == 0, "{}: the folder cannot be written to: {}: {}. Take another --out.",
          dir.string(), nearest.string(), std::generic_category().message(error));
  require_folder(dir / "checkpoints");
  require_folder(dir / "tensorboard");
  for (const char* name : {"run.toml", "history.jsonl", "model.toml", "model.safetensors"}) {
    require(Fault::output, !fs::is_directory(dir / name, ignored),
            "{}: a file was needed, it is a folder. Take another --out.", (dir / name).string());
  }
}

void require_free(const fs::path& dir) {
  std::error_code ignored;
  if (!fs::exists(dir / "run.toml", ignored)) return;
  const bool finished = finished_result(dir).has_value();
  fail(Fault::output, "{}: it holds {} run. Take another --out, or {} with --resume.", dir.string(),
       finished ? "a finished" : "an unfinished", finished ? "see its result" : "go on");
}

}  // namespace gradus::train
