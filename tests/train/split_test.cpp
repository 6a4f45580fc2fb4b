// Steps whose batches are split over threads and ranks.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <cmath>
#include <mutex>

#include "support/temporary_folder.h"
#include "support/thread_ranks.h"
#include "train/buckets.h"
#include "train/prepare.h"
#include "train/ranks.h"
#include "train/runs.h"
#include "train/share.h"
#include "train/stepper.h"

namespace gradus::train {
namespace {

using Settings = std::vector<std::pair<const char*, std::string>>;

constexpr const char* kNormalized =
    "layers = [{ dense = 16 }, \"batch_norm\", \"relu\", { dropout = 0.3 }, { dense = 3 }]";
constexpr const char* kPlain = "layers = [{ dense = 15 }, \"tanh\", { dropout = 0.3 }, { dense = 3 }]";

// 100 examples: batches of 32, and one of 4.
RunConfig blobs(const char* layers, const Settings& settings) {
  RunConfig c = config_of({{"data", "make_blobs:n_samples=100,centers=3,cluster_std=3"},
                           {"epochs", "3"},
                           {"batch_size", "32"},
                           {"threads", "1"}});
  c.layers = nn::parse_model(layers, "model.toml");
  for (const auto& [key, value] : settings) set_from_text(c, key, value);
  return c;
}

// The losses on the way, and all variables at the end.
std::vector<double> trained(const RunConfig& c, Communicator* ranks = nullptr) {
  const Prepared run = prepare(c);
  Stepper stepper(run, 0, ranks);
  std::vector<double> all;
  for (std::int64_t i = 0; i < stepper.total_steps(); ++i) {
    const StepResult done = stepper.step();
    all.push_back(done.loss);
    all.push_back(static_cast<double>(done.correct));
    all.push_back(static_cast<double>(done.examples));
  }
  for (const Variable& variable : stepper.variables())
    for (std::int64_t i = 0; i < variable.type().shape.size(); ++i) all.push_back(variable.value().at(i));
  return all;
}

std::vector<double> trained_by(int ranks, const RunConfig& c) {
  std::vector<std::vector<double>> all(static_cast<std::size_t>(ranks));
  run_ranks(ranks,
            [&](Communicator& mine) { all[static_cast<std::size_t>(mine.rank())] = trained(c, &mine); });
  for (const std::vector<double>& each : all) EXPECT_EQ(each, all.front());
  return all.front();
}

double difference(const std::vector<double>& a, const std::vector<double>& b) {
  EXPECT_EQ(a.size(), b.size());
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    most = std::max(most, std::abs(a[i] - b[i]) / std::max(1.0, std::abs(b[i])));
  return most;
}

void expect_equal(const Tensor& a, const Tensor& b, const std::string& name) {
  ASSERT_EQ(a.type(), b.type()) << name;
  for (std::int64_t i = 0; i < a.size(); ++i) ASSERT_EQ(a.at(i), b.at(i)) << name << ", element " << i;
}

template <class F>
void refused(F&& f, Fault fault, const std::string& beginning) {
  try {
    f();
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).substr(0, beginning.size()), beginning);
    EXPECT_EQ(error.fault(), fault);
    return;
  }
  ADD_FAILURE() << "no Error was thrown; expected: " << beginning;
}

const std::vector<Settings>& kinds() {
  static const std::vector<Settings> list = {
      {},
      {{"precision", "f64"}, {"optimizer", "sgd"}, {"clip_norm", "0.5"}, {"batch_size", "30"}},
      {{"accumulate", "2"}, {"batch_size", "9"}},
      {{"class_weight", "balanced"}, {"weight_decay", "0.01"}, {"ema", "0.9"}, {"max_norm", "0.7"}}};
  return list;
}

// A short batch of 4 leaves half of 8 parts without examples.
TEST(Shards, BitsDoNotDependOnThreadsOrRanks) {
  for (const Settings& settings : kinds()) {
    for (const char* shards : {"4", "8"}) {
      if (*shards == '8' && !settings.empty()) continue;
      RunConfig c = blobs(kNormalized, settings);
      set_from_text(c, "shards", shards);
      const std::vector<double> expected = trained(c);
      for (const char* threads : {"2", "3"}) {
        set_from_text(c, "threads", threads);
        EXPECT_EQ(trained(c), expected) << shards << " shards, threads " << threads;
      }
      for (const auto& [ranks, threads] : {std::pair(2, "1"), {2, "2"}, {4, "1"}}) {
        set_from_text(c, "threads", threads);
        EXPECT_EQ(trained_by(ranks, c), expected) << shards << " shards, ranks " << ranks;
      }
    }
  }
}

// What sees the batch alone, batch normalization, sees a part; all else is one batch's, dropout too.
TEST(Shards, AreOneBatch) {
  for (Settings settings : kinds()) {
    settings.emplace_back("precision", "f64");
    RunConfig c = blobs(kPlain, settings);
    const std::vector<double> whole = trained(c);
    set_from_text(c, "shards", "4");
    EXPECT_LT(difference(trained(c), whole), 1e-11);
  }
}

TEST(Ranks, AreOneBatchWithoutShards) {
  for (Settings settings : kinds()) {
    settings.emplace_back("precision", "f64");
    const RunConfig c = blobs(kPlain, settings);
    const std::vector<double> whole = trained(c);
    for (const int ranks : {2, 3, 5}) EXPECT_LT(difference(trained_by(ranks, c), whole), 1e-11) << ranks;
  }
}

TEST(Ranks, NormalizeOverAllExamplesWithSyncBatchNorm) {
  for (Settings settings : kinds()) {
    settings.emplace_back("precision", "f64");
    if (settings.front().first == std::string("accumulate")) settings[1].second = "16";  // 6 batches, and 4
    RunConfig c = blobs(kNormalized, settings);
    const std::vector<double> whole = trained(c);
    for (const int ranks : {2, 4}) EXPECT_GT(difference(trained_by(ranks, c), whole), 1e-6) << ranks;
    set_from_text(c, "sync_batch_norm", "true");
    for (const int ranks : {2, 4}) EXPECT_LT(difference(trained_by(ranks, c), whole), 1e-8) << ranks;
  }
}

TEST(Buckets, CoverTheVectorLastPiecesFirst) {
  const VectorPlan plan{.first = {0, 16, 48, 64}, .type = {DType::f32, Shape{112}}};
  for (const auto& [bytes, count] :
       {std::pair<std::size_t, std::size_t>{1, 4}, {192, 3}, {256, 2}, {10000, 1}})
    EXPECT_EQ(Buckets(plan, bytes).count(), count) << bytes;
  run_ranks(2, [&](Communicator& ranks) {
    const Tensor vector(plan.type);
    vector.fill(ranks.rank() + 1);
    Buckets buckets(plan, 192);
    for (int time = 0; time < 2; ++time) {
      vector.fill(ranks.rank() + 1);
      buckets.begin();
      for (const std::size_t piece : {2u, 0u}) buckets.made(piece, vector, ranks);
      EXPECT_EQ(vector.at(100), ranks.rank() + 1) << "its last piece is not there yet";
      buckets.made(3, vector, ranks);
      EXPECT_EQ(vector.at(100), 3);
      buckets.begin_rest(vector, ranks);
      ranks.finish();
      for (std::int64_t i = 0; i < vector.size(); ++i) EXPECT_EQ(vector.at(i), 3) << i;
    }
  });
}

TEST(Shards, RunningStatisticsAreTheMeanOverParts) {
  RunConfig c = blobs("layers = [\"batch_norm\", { dense = 3 }]", {{"precision", "f64"}});
  const Prepared whole = prepare(c);
  Stepper(whole).step();
  set_from_text(c, "shards", "4");
  const Prepared split = prepare(c);
  Stepper(split).step();
  const Tensor& a = whole.model.network.variables().at(2).value();
  const Tensor& b = split.model.network.variables().at(2).value();
  ASSERT_EQ(whole.model.network.variables().at(2).name(), "layers.0.running_mean");
  for (std::int64_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a.at(i), b.at(i), 1e-12);
  EXPECT_NE(a.at(0), 0);
}

TEST(Ranks, TrainAWholeRunThatOneOfThemWrites) {
  const TemporaryFolder folder;
  const auto run = [&](int ranks, const std::string& name, const Settings& settings) {
    RunConfig c = blobs(kNormalized, settings);
    c.out = (folder / name).string();
    set_from_text(c, "shards", "4");
    set_from_text(c, "val_split", "0.2");
    TrainResult first;
    run_ranks(ranks, [&](Communicator& mine) {
      const TrainResult result = train(c, {}, nullptr, nullptr, &mine);
      if (mine.rank() == 0) first = result;
    });
    return first;
  };
  const TrainResult one = run(1, "one", {}), four = run(4, "four", {});
  EXPECT_EQ(four.ranks, 4);
  EXPECT_EQ(four.val->loss, one.val->loss);
  EXPECT_EQ(four.train->loss, one.train->loss);
  const std::string weights = read_text(folder / "one/model.safetensors");
  EXPECT_EQ(read_text(folder / "four/model.safetensors"), weights);
}

// A run that is stopped twice, each time going on with another number of ranks.
void go_on_with_more_or_fewer(const Settings& settings) {
  const TemporaryFolder folder;
  const auto run = [&](int ranks, const std::string& name, bool resume, std::int64_t stop_after) {
    RunConfig c = blobs(kNormalized, settings);
    c.out = (folder / name).string();
    c.resume = resume;
    std::atomic<bool> stop = false;
    Events events;
    events.step_interval_ms = 0;
    events.step = [&](const StepEvent& e) { stop = e.step == stop_after; };
    run_ranks(ranks, [&](Communicator& mine) {
      // One of them is told to stop; all do.
      const bool told = mine.rank() == 0;
      const TrainResult result = train(c, told ? events : Events(), told ? &stop : nullptr, nullptr, &mine);
      EXPECT_EQ(result.interrupted, stop_after > 0);
      if (stop_after > 0) {
        EXPECT_EQ(result.steps, ranks == 1 ? stop_after : stop_after + 1);
      }
    });
    return read_text(folder / name / "model.safetensors");
  };
  const std::string whole = run(1, "whole", false, 0);
  run(4, "parts", false, 3);
  run(1, "parts", true, 5);
  EXPECT_EQ(run(2, "parts", true, 0), whole);
}

TEST(Ranks, GoOnWithMoreOrFewer) {
  go_on_with_more_or_fewer({{"shards", "4"}});
  go_on_with_more_or_fewer({{"shards", "4"}, {"shard_optimizer", "true"}, {"clip_norm", "0.5"}});
}

// Six parameters: of eight ranks some have none.
TEST(ShardedOptimizer, EachRankHasItsShareAndAllHaveTheWeights) {
  for (const char* optimizer : {"adam", "sgd", "adagrad"}) {
    RunConfig c = blobs(kNormalized, {{"optimizer", optimizer}, {"clip_norm", "0.5"}, {"shards", "8"}});
    const Prepared whole = prepare(c);
    Stepper one(whole);
    for (int i = 0; i < 8; ++i) one.step();
    std::size_t all = 0, most = 0;
    const auto bytes = [](const Update& update) {
      std::size_t sum = 0;
      for (const Variable& variable : update.state())
        if (variable.type().shape.rank() > 0) sum += variable.type().bytes();
      return sum;
    };
    set_from_text(c, "shard_optimizer", "true");
    for (const int ranks : {2, 8}) {
      all = most = 0;
      std::mutex mutex;
      run_ranks(ranks, [&](Communicator& mine) {
        const Prepared run = prepare(c);
        Stepper stepper(run, 0, &mine);
        for (int i = 0; i < 8; ++i) stepper.step();
        const std::vector<Variable> state = gather_state(run, stepper.update(), mine);
        const std::lock_guard lock(mutex);
        all += bytes(stepper.update());
        most = std::max(most, bytes(stepper.update()));
        const std::vector<Variable> expected = one.update().state();
        ASSERT_EQ(state.size(), expected.size());
        for (std::size_t i = 0; i < state.size(); ++i) {
          EXPECT_EQ(state[i].name(), expected[i].name());
          expect_equal(state[i].value(), expected[i].value(), state[i].name());
        }
        const std::vector<Variable> weights = run.model.network.variables();
        for (std::size_t i = 0; i < weights.size(); ++i)
          expect_equal(weights[i].value(), whole.model.network.variables()[i].value(), weights[i].name());
      });
      EXPECT_EQ(all, bytes(one.update())) << optimizer << ", " << ranks << " ranks";
      EXPECT_TRUE(all == 0 || most < all) << most;
    }
  }
}

TEST(ShardedOptimizer, RangesAreOfAboutTheSameSize) {
  std::vector<Variable> parameters;
  for (const std::int64_t size : {100, 1, 40, 60, 100, 99})
    parameters.emplace_back("w", Type{DType::f32, Shape{size}}, Role::parameter);
  EXPECT_EQ(owners(parameters, 1), (std::vector<int>{0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(owners(parameters, 2), (std::vector<int>{0, 0, 0, 0, 1, 1}));
  EXPECT_EQ(owners(parameters, 4), (std::vector<int>{0, 1, 1, 1, 2, 3}));
  EXPECT_TRUE(owners({}, 4).empty());
}

TEST(Ranks, DifferencesAreFoundBeforeTheFirstStep) {
  const auto fault = [](const Settings& of_rank_1) {
    run_ranks(2, [&](Communicator& mine) {
      train(blobs(kPlain, mine.rank() == 1 ? of_rank_1 : Settings()), {}, nullptr, nullptr, &mine);
    });
  };
  refused(
      [&] {
        fault({{"lr", "0.5"}});
      },
      Fault::model, "rank 1: its settings must be that of rank 0: lr = 0.001; it is: lr = 0.5.");
  refused(
      [&] {
        fault({{"data", "make_blobs:n_samples=100,centers=3,cluster_std=4"}});
      },
      Fault::model, "rank 1: its settings");
  refused([&] { fault({{"data", "csv:nothing.csv"}}); }, Fault::data, "rank 1: ");
}

TEST(Ranks, FilesOfTheSameNameThatDifferAreFound) {
  const TemporaryFolder folder;
  const auto data = [&](int rank) { return folder / std::to_string(rank) / "a.csv"; };
  for (const int rank : {0, 1}) {
    std::filesystem::create_directory(data(rank).parent_path());
    std::string text = "x,y\n";
    for (int i = 0; i < 40; ++i) text += fmt::format("{},{}\n", i == 30 ? rank : i, i % 2);
    write_text(data(rank), text);
  }
  // What a rank reads there differs, as on two machines.
  const auto run = [&](Communicator& mine) {
    RunConfig c = config_of({{"data", "csv:" + data(mine.rank()).string()}, {"threads", "1"}});
    Prepared prepared = prepare(c);
    prepared.config.data = "csv:a.csv";
    require_alike(&mine, prepared, 0);
  };
  refused([&] { run_ranks(2, run); }, Fault::data, "rank 1: its data must be that of rank 0: training:");
}

TEST(Ranks, RefuseWhatTheyCannotShare) {
  const auto fault = [](int ranks, const Settings& settings) {
    run_ranks(ranks,
              [&](Communicator& mine) { train(blobs(kPlain, settings), {}, nullptr, nullptr, &mine); });
  };
  refused([&] { fault(3, {{"shards", "4"}}); }, Fault::usage, "--shards 4: its parts can be shared by");
  refused([&] { fault(3, {{"batch_size", "2"}}); }, Fault::usage, "--batch-size 2: each of the 3 ranks");
}

}  // namespace
}  // namespace gradus::train
