// Search over settings: every trial a run of its own.
#include "gradus/search.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <filesystem>

#include "base/check.h"
#include "base/file.h"
#include "train/run_folder.h"

namespace gradus::train {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestName = 100;

// A name for a folder: the trial's own where it can be one, else with a hash of it.
std::string folder_name(const std::string& name) {
  std::string folder;
  for (const char c : name)
    folder += std::isalnum(static_cast<unsigned char>(c)) ||
                      std::string_view("=.,_-+").find(c) != std::string_view::npos
                  ? c
                  : '_';
  if (folder == name && name.size() <= kLongestName) return folder;
  std::uint32_t hash = 2166136261;  // FNV-1a
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619;
  return fmt::format("{}-{:08x}", folder.substr(0, kLongestName), hash);
}

// The runs of one trial.
std::vector<RunConfig> runs_of(const RunConfig& base, Trial& trial, const SearchOptions& options) {
  RunConfig config = base;
  for (const auto& [key, value] : trial.settings) set_from_text(config, key, value);
  config.dry_run = config.resume = false;
  const fs::path folder = fs::path(options.out) / folder_name(trial.name);
  std::vector<RunConfig> runs;
  for (std::int64_t fold = 1; fold <= std::max<std::int64_t>(options.folds, 1); ++fold) {
    RunConfig run = config;
    if (options.folds > 0) run.fold = fmt::format("{}/{}", fold, options.folds);
    run.out.clear();
    if (!options.out.empty())
      run.out = (options.folds > 0 ? folder / fmt::format("fold-{}", fold) : folder).string();
    run.resume = !run.out.empty();
    if (!run.out.empty()) trial.folders.push_back(run.out);
    runs.push_back(std::move(run));
  }
  return runs;
}

// A folder holds trials of one base only.
void claim_folder(const RunConfig& base, const SearchOptions& options) {
  if (options.out.empty()) return;
  require_writable(options.out);
  require_free(options.out);
  const fs::path file = fs::path(options.out) / "tune.toml";
  const std::string text = to_toml(base);
  if (fs::exists(file)) {
    const std::vector<std::byte> bytes = read_file(file, Fault::output);
    require(Fault::output,
            std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()) == text,
            "{}: it holds trials of other settings, see {}. Take another --out.", options.out, file.string());
    return;
  }
  make_folder(options.out);
  write_file(file, text);
}

void score(Trial& trial, const std::vector<TrainResult>& results) {
  const auto n = static_cast<double>(results.size());
  double loss = 0, accuracy = 0, squares = 0;
  bool counts = true;
  for (const TrainResult& result : results) {
    loss += result.val->loss / n;
    counts = counts && result.val->accuracy;
    if (counts) accuracy += *result.val->accuracy / n;
    trial.seconds += result.seconds;
  }
  for (const TrainResult& result : results) squares += std::pow(result.val->loss - loss, 2);
  trial.loss = loss;
  if (counts) trial.accuracy = accuracy;
  trial.loss_std = results.size() > 1 ? std::sqrt(squares / (n - 1)) : 0;
}

// Smaller is better.
double rank(const Trial& trial, bool by_accuracy) {
  const std::optional<double>& value = by_accuracy ? trial.accuracy : trial.loss;
  if (!value || std::isnan(*value)) return std::numeric_limits<double>::infinity();
  return by_accuracy ? -*value : *value;
}

}  // namespace

SearchResult search(const RunConfig& base, const SearchOptions& options,
                    const std::function<void(const Trial&)>& done, const std::atomic<bool>* stop) {
  require(Fault::usage, options.folds == 0 || options.folds >= 2,
          "tune: at least 2 folds were needed, got {}.", options.folds);
  require(Fault::usage, options.folds > 0 || base.val_split > 0 || !base.fold.empty(),
          "tune: a validation part was needed to compare trials. Give --val-split X or --folds K.");
  require(Fault::usage, options.folds == 0 || (base.val_split == 0 && base.fold.empty()),
          "tune: --folds holds out each part in turn; leave --val-split and --fold out.");
  std::vector<Trial> trials = plan_trials(options, base.seed);
  std::vector<std::vector<RunConfig>> runs;
  for (Trial& trial : trials) {
    runs.push_back(runs_of(base, trial, options));
    RunConfig checked = runs.back()[0];
    checked.resume = false;
    const Prepared prepared = prepare(checked);
    require(Fault::usage, !options.by_accuracy || nn::find_loss(prepared.config.loss).classifies,
            "tune: --by accuracy: the loss {} has none. Take --by loss.", prepared.config.loss);
  }
  claim_folder(base, options);

  SearchResult result;
  for (std::size_t i = 0; i < trials.size(); ++i) {
    Trial& trial = trials[i];
    std::vector<TrainResult> results;
    try {
      for (const RunConfig& run : runs[i]) {
        results.push_back(train(run, {}, stop));
        if (results.back().interrupted) break;
      }
      result.interrupted = results.back().interrupted || (stop && stop->load());
      if (results.back().interrupted) break;
      score(trial, results);
    } catch (const Error& error) {
      if (error.fault() != Fault::diverged) throw;
      trial.fault = error.what();
    }
    if (done) done(trial);
    result.trials.push_back(std::move(trial));
    if (result.interrupted) break;
  }
  if (result.trials.size() == trials.size()) result.interrupted = false;
  std::stable_sort(result.trials.begin(), result.trials.end(), [&](const Trial& a, const Trial& b) {
    return rank(a, options.by_accuracy) < rank(b, options.by_accuracy);
  });
  return result;
}

}  // namespace gradus::train
