// What is tried before a run: which learning rate, which settings.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gradus/train.h"

#pragma GCC visibility push(default)  // what the shared library exports
namespace gradus::train {

// ---- Learning-rate range test -------------------------------------------------------------------

struct LrFindOptions {
  double low = 1e-7, high = 10;  // of the ramp, both above 0
  std::int64_t steps = 100;      // at least 10
  double smoothing = 0.9;        // of the loss: bias-corrected moving average, in [0, 1)
  double stop_at = 4;            // times the lowest smoothed loss: there the test ends
};
// A step of the test: its rate, the loss of its batch, and the smoothed loss.
struct LrPoint {
  double lr = 0, loss = 0, smoothed = 0;
};
// The curve, and the two rates that stand out.
struct LrFindResult {
  std::vector<LrPoint> points;     // one for each step done; all finite
  bool diverged = false;           // it ended before the ramp did
  std::optional<double> steepest;  // where the smoothed loss falls fastest over log lr: the one to take
  std::optional<double> lowest;    // where it is lowest
};

// Trains while the learning rate grows from step to step by one factor (Smith 2017), on the training part of
// the run that `config` describes; its own learning rate, schedule and length are not used. Nothing is
// written. Stops early when *stop becomes true. `watch` sees every point.
// Fault::usage: options out of range, least_squares; the faults of prepare().
LrFindResult find_learning_rate(const RunConfig& config, const LrFindOptions& options = {},
                                const std::function<void(const LrPoint&)>& watch = {},
                                const std::atomic<bool>* stop = nullptr);
// The two rates that stand out among points, as LrFindResult has them; `steepest` not among the first
// `settling` ones, where the average is still that of a few losses.
void find_landmarks(LrFindResult& result, std::size_t settling = 0);

// ---- Search over settings -----------------------------------------------------------------------

// The values one key of RUN.toml may take.
struct SearchAxis {
  enum Scale { listed, uniform, log, integer, log_integer };
  std::string key;
  Scale scale = listed;
  std::vector<std::string> values = {};  // listed
  double low = 0, high = 0;              // the others
};
// "lr=0.1,0.01"; values with commas in them stand between semicolons:
// "schedule=cosine;steps:at=0.5,unit=share". Fault::usage: unknown keys (with the nearest known one), no
// values, the same twice.
SearchAxis parse_grid(std::string_view text);
// "lr=log:1e-4..1e-1", "momentum=uniform:0..0.99", "patience=int:5..20", "batch_size=logint:16..256", or a
// list as above to choose from. Fault::usage.
SearchAxis parse_random(std::string_view text);

struct SearchOptions {
  std::vector<SearchAxis> grid = {};    // all combinations, the last axis fastest
  std::vector<SearchAxis> random = {};  // each combination with the same `trials` draws of these
  std::int64_t trials = 1;
  std::int64_t folds = 0;    // K: each trial is trained K times, with each K-th part held out; 0: val_split
  bool by_accuracy = false;  // what makes a trial the better one; false: the validation loss
  std::string out = {};      // DIR/NAME or DIR/NAME/fold-I are the runs' folders; "": nothing is saved
};

// A combination of settings, and how it did.
struct Trial {
  std::vector<std::pair<std::string, std::string>> settings;  // key, value as a flag takes it
  std::string name;                                           // "lr=0.1,optimizer=sgd"
  std::vector<std::string> folders = {};                      // of its runs, if saved
  // Means over its runs, on the validation part; none if it diverged.
  std::optional<double> loss = {}, accuracy = {};
  double loss_std = 0;     // between folds (N - 1), 0 without
  double seconds = 0;      // of training
  std::string fault = {};  // why it has no scores
};
// All trials of a search.
struct SearchResult {
  std::vector<Trial> trials;  // the best first; those that diverged last
  bool interrupted = false;   // some were not run
};

// The trials in the order they are run, without scores. Draws depend on the seed, the axis and the number of
// the draw only.
std::vector<Trial> plan_trials(const SearchOptions& options, std::uint64_t seed);

// Runs every trial as a run of its own: `base` with the trial's settings. All trials are prepared before the
// first one runs, so that settings that do not go together are refused at once. In an `out` that holds trials
// of the same base, finished runs are not repeated and others go on where they stopped; with another base it
// is refused (Fault::output). A trial that diverges ends without scores, any other fault ends the search.
// `done` sees every trial as it ends.
SearchResult search(const RunConfig& base, const SearchOptions& options,
                    const std::function<void(const Trial&)>& done = {},
                    const std::atomic<bool>* stop = nullptr);

}  // namespace gradus::train
#pragma GCC visibility pop
