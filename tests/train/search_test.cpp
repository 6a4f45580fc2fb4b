// Searching the learning rate and other settings.
#include "gradus/search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "train/runs.h"

namespace gradus::train {
namespace {

namespace fs = std::filesystem;

RunConfig moons() {
  RunConfig c = config_of({{"data", "make_moons:n_samples=90,noise=0.1"},
                           {"epochs", "2"},
                           {"batch_size", "16"},
                           {"threads", "1"}});
  c.layers = small_mlp();
  return c;
}

LrPoint point(double lr, double smoothed) { return {.lr = lr, .loss = 0, .smoothed = smoothed}; }

TEST(LrFind, LandmarksAreTheSteepestAndTheLowestPoint) {
  LrFindResult result{
      .points = {point(0.001, 3), point(0.01, 2.9), point(0.1, 1), point(1, 0.5), point(10, 9)},
      .steepest = {},
      .lowest = {}};
  find_landmarks(result);
  EXPECT_EQ(result.steepest, 0.1);  // 2.4 over two decades
  EXPECT_EQ(result.lowest, 1);
  find_landmarks(result, 3);
  EXPECT_EQ(result.steepest, std::nullopt);  // from the lowest point on it rises
  LrFindResult rising{.points = {point(0.1, 1), point(1, 2), point(10, 3)}, .steepest = {}, .lowest = {}};
  find_landmarks(rising);
  EXPECT_FALSE(rising.steepest);
  LrFindResult none{.points = {}, .steepest = {}, .lowest = {}};
  find_landmarks(none);
  EXPECT_FALSE(none.lowest);
}

TEST(LrFind, RampsGeometricallyUntilTheLossGrows) {
  RunConfig c = moons();
  set_from_text(c, "optimizer", "sgd");
  set_from_text(c, "schedule", "cosine");
  std::size_t watched = 0;
  const LrFindResult result =
      find_learning_rate(c, {.low = 1e-4, .high = 1e4, .steps = 81}, [&](const LrPoint&) { ++watched; });
  EXPECT_TRUE(result.diverged);
  EXPECT_EQ(watched, result.points.size());
  ASSERT_LT(result.points.size(), 81u);
  for (std::size_t i = 0; i < result.points.size(); ++i)
    EXPECT_NEAR(std::log10(result.points[i].lr), -4 + static_cast<double>(i) / 10, 1e-9);
  // The rate it suggests trains; the one where the test ended does not.
  const auto loss_at = [&](double lr) {
    RunConfig at = moons();
    set_from_text(at, "optimizer", "sgd");
    at.lr = lr;
    at.epochs = 20;
    return train(at).train->loss;
  };
  ASSERT_TRUE(result.steepest);
  EXPECT_LT(loss_at(*result.steepest), 0.6);
  EXPECT_GT(loss_at(result.points.back().lr), loss_at(*result.steepest));
}

TEST(LrFind, SmoothsWithoutBiasAndRepeats) {
  const LrFindResult a = find_learning_rate(moons(), {.low = 1e-9, .high = 1e-8, .steps = 10});
  const LrFindResult b = find_learning_rate(moons(), {.low = 1e-9, .high = 1e-8, .steps = 10});
  ASSERT_EQ(a.points.size(), 10u);
  EXPECT_FALSE(a.diverged);
  EXPECT_NEAR(a.points[0].smoothed, a.points[0].loss, 1e-12);
  EXPECT_NEAR(a.points[1].smoothed, (0.9 * a.points[0].loss + a.points[1].loss) / 1.9, 1e-12);
  for (std::size_t i = 0; i < 10; ++i) EXPECT_EQ(a.points[i].loss, b.points[i].loss);
}

TEST(LrFind, RefusesOtherOptions) {
  const auto refuse = [](const LrFindOptions& options, const char* message) {
    expect_error([&] { find_learning_rate(moons(), options); }, Fault::usage, message);
  };
  refuse({.low = 1, .high = 0.1}, "lr-find: rates with 0 < low < high were needed, got 1 and 0.1.");
  refuse({.low = 0}, "lr-find: rates with 0 < low < high were needed, got 0 and 10.");
  refuse({.steps = 9}, "lr-find: at least 10 steps were needed, got 9.");
  refuse({.smoothing = 1}, "lr-find: smoothing must be in [0, 1), got 1.");
  refuse({.stop_at = 1}, "lr-find: it must stop at more than 1 times the lowest loss, got 1.");
  RunConfig c = config_of({{"data", "make_regression"}, {"optimizer", "least_squares"}});
  expect_error([&] { find_learning_rate(c); }, Fault::usage,
               "lr-find: --optimizer least_squares has no learning rate. Take another.");
}

TEST(Search, GridsAreAllCombinations) {
  const SearchOptions options{.grid = {parse_grid("lr=0.1,0.01"), parse_grid("optimizer=sgd,adam")}};
  std::vector<std::string> names;
  for (const Trial& trial : plan_trials(options, 0)) names.push_back(trial.name);
  EXPECT_EQ(names, (std::vector<std::string>{"lr=0.1,optimizer=sgd", "lr=0.1,optimizer=adam",
                                             "lr=0.01,optimizer=sgd", "lr=0.01,optimizer=adam"}));
  EXPECT_EQ(parse_grid("schedule=cosine;steps:at=0.5,unit=share").values,
            (std::vector<std::string>{"cosine", "steps:at=0.5,unit=share"}));
}

TEST(Search, DrawsFollowTheSeedAndStayInTheirRanges) {
  SearchOptions options{.random = {parse_random("lr=log:1e-4..1e-1"), parse_random("momentum=uniform:0..0.9"),
                                   parse_random("patience=int:2..4"), parse_random("batch_size=logint:8..64"),
                                   parse_random("optimizer=sgd,nesterov")},
                        .trials = 200};
  const std::vector<Trial> trials = plan_trials(options, 3);
  ASSERT_EQ(trials.size(), 200u);
  int low = 0;
  std::vector<int> patience(5);
  for (const Trial& trial : trials) {
    const double lr = std::stod(trial.settings[0].second), momentum = std::stod(trial.settings[1].second);
    EXPECT_TRUE(lr >= 1e-4 && lr <= 1e-1) << lr;
    EXPECT_TRUE(momentum >= 0 && momentum <= 0.9) << momentum;
    low += lr < std::sqrt(1e-5) ? 1 : 0;
    ++patience.at(std::stoul(trial.settings[2].second));
    const int batch = std::stoi(trial.settings[3].second);
    EXPECT_TRUE(batch >= 8 && batch <= 64) << batch;
  }
  EXPECT_NEAR(low, 100, 30);  // half of them below the geometric middle
  for (const int value : {2, 3, 4}) EXPECT_NEAR(patience[static_cast<std::size_t>(value)], 200.0 / 3, 25);
  EXPECT_EQ(plan_trials(options, 3)[7].name, trials[7].name);
  EXPECT_NE(plan_trials(options, 4)[7].name, trials[7].name);
  options.trials = 10;  // fewer draws are the first ones
  EXPECT_EQ(plan_trials(options, 3)[7].name, trials[7].name);
}

TEST(Search, RefusesOtherAxes) {
  const auto refuse = [](const auto& call, const char* message) {
    expect_error(call, Fault::usage, message);
  };
  refuse([] { parse_grid("lrr=1,2"); }, "there is no setting 'lrr'. Did you mean 'lr'?");
  refuse([] { parse_grid("lr"); }, "--grid: KEY=VALUES was needed, got 'lr'.");
  refuse([] { parse_grid("lr=1,"); }, "--grid: lr: a value between the separators was needed, got '1,'.");
  refuse([] { parse_grid("lr=1,1"); }, "--grid: lr: 1 stands there twice. Leave one out.");
  refuse([] { parse_grid("out=a,b"); }, "--grid: out is about the call, not about training. Leave it out.");
  refuse([] { parse_random("lr=logg:1..2"); },
         "--random: lr: uniform, log, int or logint was needed before the range, got 'logg'.");
  refuse([] { parse_random("lr=log:0..1"); },
         "--random: lr: a logarithmic range must begin above 0, got 'log:0..1'.");
  refuse([] { parse_random("lr=uniform:2..1"); },
         "--random: lr: a range A..B with A < B was needed, got 'uniform:2..1'.");
  refuse([] { parse_random("patience=int:1..2.5"); },
         "--random: patience: a range of whole numbers was needed, got 'int:1..2.5'.");
  refuse([] { plan_trials({}, 0); }, "tune: something to search was needed. Give --grid or --random.");
  refuse([] { plan_trials({.grid = {parse_grid("lr=1,2")}, .trials = 3}, 0); },
         "tune: --trials counts draws of --random, which was not given. Leave it out.");
  refuse([] { plan_trials({.grid = {parse_grid("lr=1,2")}, .random = {parse_random("lr=3,4")}}, 0); },
         "tune: lr is searched twice. Leave one out.");
}

TEST(Search, RanksTrialsAndDoesNotRepeatThem) {
  const TemporaryFolder folder;
  RunConfig base = moons();
  set_from_text(base, "val_split", "0.3");
  const SearchOptions options{.grid = {parse_grid("lr=1e-6,0.05")}, .out = (folder / "trials").string()};
  std::vector<std::string> ended;
  const SearchResult first = search(base, options, [&](const Trial& trial) { ended.push_back(trial.name); });
  EXPECT_EQ(ended, (std::vector<std::string>{"lr=1e-6", "lr=0.05"}));
  ASSERT_EQ(first.trials.size(), 2u);
  EXPECT_EQ(first.trials[0].name, "lr=0.05");
  EXPECT_LT(*first.trials[0].loss, *first.trials[1].loss);
  EXPECT_EQ(first.trials[0].folders, (std::vector<std::string>{(folder / "trials" / "lr=0.05").string()}));
  // A trial is a run like any other.
  RunConfig alone = base;
  set_from_text(alone, "lr", "0.05");
  EXPECT_EQ(train(alone).val->loss, *first.trials[0].loss);

  const fs::file_time_type written = fs::last_write_time(folder / "trials" / "lr=0.05" / "model.safetensors");
  SearchOptions wider = options;
  wider.grid = {parse_grid("lr=1e-6,0.05,0.01")};
  const SearchResult second = search(base, wider);
  ASSERT_EQ(second.trials.size(), 3u);
  EXPECT_EQ(fs::last_write_time(folder / "trials" / "lr=0.05" / "model.safetensors"), written);
  const auto same = std::find_if(second.trials.begin(), second.trials.end(),
                                 [](const Trial& trial) { return trial.name == "lr=0.05"; });
  EXPECT_EQ(*same->loss, *first.trials[0].loss);

  base.seed = 9;
  expect_error([&] { search(base, wider); }, Fault::output,
               wider.out + ": it holds trials of other settings, see " + wider.out +
                   "/tune.toml. Take another --out.");
}

TEST(Search, FoldsHoldOutEveryPart) {
  const SearchOptions options{.grid = {parse_grid("lr=0.05,0.01")}, .folds = 3};
  const SearchResult result = search(moons(), options);
  ASSERT_EQ(result.trials.size(), 2u);
  for (const Trial& trial : result.trials) {
    std::vector<double> losses;
    for (const char* fold : {"1/3", "2/3", "3/3"}) {
      RunConfig c = moons();
      set_from_text(c, trial.settings[0].first, trial.settings[0].second);
      set_from_text(c, "fold", fold);
      losses.push_back(train(c).val->loss);
    }
    const double mean = (losses[0] + losses[1] + losses[2]) / 3;
    double squares = 0;
    for (const double loss : losses) squares += (loss - mean) * (loss - mean);
    EXPECT_NEAR(*trial.loss, mean, 1e-12);
    EXPECT_NEAR(trial.loss_std, std::sqrt(squares / 2), 1e-12);
  }
}

TEST(Search, GoesOnAfterATrialThatDiverged) {
  RunConfig base = moons();
  set_from_text(base, "val_split", "0.3");
  set_from_text(base, "optimizer", "sgd");
  const SearchResult result = search(base, {.grid = {parse_grid("lr=1e300,0.1")}});
  ASSERT_EQ(result.trials.size(), 2u);
  EXPECT_EQ(result.trials[0].name, "lr=0.1");
  EXPECT_FALSE(result.trials[1].loss);
  EXPECT_FALSE(result.trials[1].fault.empty());
}

TEST(Search, GoesOnWhereItWasStopped) {
  const TemporaryFolder folder;
  RunConfig base = moons();
  set_from_text(base, "val_split", "0.3");
  const SearchOptions options{.grid = {parse_grid("lr=0.05,0.01")}, .out = (folder / "cut").string()};
  std::atomic<bool> stop = false;
  const SearchResult cut = search(
      base, options, [&](const Trial&) { stop = true; }, &stop);
  EXPECT_TRUE(cut.interrupted);
  EXPECT_EQ(cut.trials.size(), 1u);
  const SearchResult rest = search(base, options);
  EXPECT_FALSE(rest.interrupted);
  const SearchResult whole = search(base, {.grid = options.grid});
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(rest.trials[i].name, whole.trials[i].name);
    EXPECT_EQ(*rest.trials[i].loss, *whole.trials[i].loss);
  }
}

TEST(Search, RefusesWhatCannotBeComparedOrTrained) {
  RunConfig base = moons();
  const SearchOptions options{.grid = {parse_grid("lr=0.1,0.01")}};
  expect_error([&] { search(base, options); }, Fault::usage,
               "tune: a validation part was needed to compare trials. Give --val-split X or --folds K.");
  set_from_text(base, "val_split", "0.3");
  SearchOptions folds = options;
  folds.folds = 3;
  expect_error([&] { search(base, folds); }, Fault::usage,
               "tune: --folds holds out each part in turn; leave --val-split and --fold out.");
  // Nothing runs before all trials are known to go together.
  bool ran = false;
  expect_error(
      [&] {
        search(base, {.grid = {parse_grid("optimizer=sgd,adam"), parse_grid("momentum=0.9,0.5")}},
               [&](const Trial&) { ran = true; });
      },
      Fault::usage, "--momentum: it belongs to sgd and nesterov, the optimizer is adam. Leave it out.");
  EXPECT_FALSE(ran);
}

}  // namespace
}  // namespace gradus::train
