#include "train/checkpoint.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/check.h"
#include "base/file.h"
#include "gradus/io.h"
#include "train/run_folder.h"

namespace gradus::train {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr const char* kState = "run.json";
constexpr const char* kBest = "best/";

fs::path folder_of(const fs::path& dir) { return dir / "checkpoints"; }
fs::path file_of(const fs::path& dir, std::int64_t step) {
  return folder_of(dir) / fmt::format("step-{:09}.safetensors", step);
}

// Our files by their step, in ascending order.
std::vector<fs::path> files_in(const fs::path& dir) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder_of(dir), error)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("step-") && name.ends_with(".safetensors")) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }
double number(const Json& value, double absent) { return value.is_null() ? absent : value.get<double>(); }

std::string to_json(const RunState& s, const std::string& config_hash) {
  return Json{{"config", config_hash},
              {"step", s.step},
              {"seconds", s.seconds},
              {"average", s.average},
              {"epoch_loss", s.epoch_loss},
              {"epoch_seconds", s.epoch_seconds},
              {"epoch_correct", s.epoch_correct},
              {"epoch_examples", s.epoch_examples},
              {"best_loss", number(s.best_loss)},
              {"best_step", s.best_step},
              {"best_epoch", s.best_epoch},
              {"epochs_without_gain", s.epochs_without_gain},
              {"stopped_early", s.stopped_early},
              {"schedule", s.schedule},
              {"lr", s.lr ? Json(*s.lr) : Json(nullptr)}}
      .dump();
}

RunState from_json(const Json& json) {
  RunState s;
  s.step = json.at("step").get<std::int64_t>();
  s.seconds = json.at("seconds").get<double>();
  s.average = json.at("average").get<double>();
  s.epoch_loss = json.at("epoch_loss").get<double>();
  s.epoch_seconds = json.at("epoch_seconds").get<double>();
  s.epoch_correct = json.at("epoch_correct").get<std::int64_t>();
  s.epoch_examples = json.at("epoch_examples").get<std::int64_t>();
  s.best_loss = number(json.at("best_loss"), s.best_loss);
  s.best_step = json.at("best_step").get<std::int64_t>();
  s.best_epoch = json.at("best_epoch").get<std::int64_t>();
  s.epochs_without_gain = json.at("epochs_without_gain").get<std::int64_t>();
  s.stopped_early = json.at("stopped_early").get<bool>();
  for (const Json& value : json.at("schedule")) {
    s.schedule.push_back(number(value, std::numeric_limits<double>::infinity()));
  }
  // Checkpoints of earlier versions have none.
  if (const auto lr = json.find("lr"); lr != json.end() && !lr->is_null()) s.lr = lr->get<double>();
  return s;
}

Checkpoint read_checkpoint(const fs::path& file) {
  Checkpoint checkpoint;
  bool found = false;
  for (auto& [name, tensor] : io::read_safetensors(file)) {
    if (name == kState) {
      require(Fault::model, tensor.dtype() == DType::u8, "{}: '{}' must be u8, it is {}.", file.string(),
              kState, tensor.type().str());
      const auto bytes = tensor.values<std::uint8_t>();
      try {
        const Json json = Json::parse(bytes.begin(), bytes.end());
        checkpoint.state = from_json(json);
        checkpoint.config_hash = json.at("config").get<std::string>();
      } catch (const Json::exception& error) {
        fail(Fault::model, "{}: '{}' cannot be read: {}.", file.string(), kState, error.what());
      }
      found = true;
    } else if (name.starts_with(kBest)) {
      checkpoint.best.emplace_back(name.substr(std::string_view(kBest).size()), tensor);
    } else {
      checkpoint.variables.emplace_back(name, tensor);
    }
  }
  require(Fault::model, found, "{}: '{}' was needed, the file has no such tensor.", file.string(), kState);
  return checkpoint;
}

}  // namespace

fs::path write_checkpoint(const fs::path& dir, const Checkpoint& checkpoint) {
  io::NamedTensors tensors = checkpoint.variables;
  for (const auto& [name, tensor] : checkpoint.best) tensors.emplace_back(kBest + name, tensor);
  const std::string json = to_json(checkpoint.state, checkpoint.config_hash);
  const std::span bytes(reinterpret_cast<const std::uint8_t*>(json.data()), json.size());
  tensors.emplace_back(kState, Tensor::of(Shape{static_cast<std::int64_t>(json.size())}, bytes));

  make_folder(folder_of(dir));
  const fs::path file = file_of(dir, checkpoint.state.step);
  io::write_safetensors(file, tensors);
  const std::vector<fs::path> files = files_in(dir);
  const fs::path best = file_of(dir, checkpoint.state.best_step);
  for (std::size_t i = 0; i + 2 < files.size(); ++i) {
    std::error_code ignored;  // one file too many does no harm
    if (files[i] != best) fs::remove(files[i], ignored);
  }
  return file;
}

std::optional<Checkpoint> read_latest_checkpoint(const fs::path& dir, std::vector<std::string>* notes) {
  const std::vector<fs::path> files = files_in(dir);
  std::optional<Error> newest;  // its fault
  for (auto file = files.rbegin(); file != files.rend(); ++file) {
    try {
      return read_checkpoint(*file);
    } catch (const Error& error) {
      if (notes) notes->push_back(fmt::format("a damaged checkpoint was passed over: {}", error.what()));
      if (!newest) newest = error;
    }
  }
  if (newest) throw Error(newest->what(), Fault::model);
  return std::nullopt;
}

fs::path latest_checkpoint(const fs::path& dir) {
  const std::vector<fs::path> files = files_in(dir);
  return files.empty() ? fs::path() : files.back();
}
bool has_checkpoint(const fs::path& dir) { return !files_in(dir).empty(); }

void remove_checkpoints(const fs::path& dir) {
  for (const fs::path& file : files_in(dir)) {
    std::error_code error;
    fs::remove(file, error);
    require(Fault::output, !error, "{}: cannot be removed: {}.", file.string(), error.message());
  }
}

void restore_variables(const std::vector<Variable>& variables, const io::NamedTensors& tensors,
                       const std::string& where) {
  for (const Variable& variable : variables) {
    const auto found = std::find_if(tensors.begin(), tensors.end(),
                                    [&](const auto& entry) { return entry.first == variable.name(); });
    require(Fault::model, found != tensors.end() && found->second.type() == variable.type(),
            "{}: '{}' {} was needed, {}.", where, variable.name(), variable.type().str(),
            found == tensors.end() ? "there is no such tensor" : "it is " + found->second.type().str());
    variable.set(found->second);
  }
}

std::string hash_of(const RunConfig& config) {
  RunConfig same = config;
  same.epochs.reset();
  same.steps.reset();
  same.probe.clear();
  same.health_every.reset();
  same.threads = same.patience = 1;
  same.log_every = 1;
  same.checkpoint_every = {};
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  for (const char c : to_toml(same)) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return fmt::format("{:016x}", hash);
}

}  // namespace gradus::train
