// What prepare() fills in and refuses.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "gradus/compile.h"
#include "gradus/io.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "train/runs.h"

namespace gradus::train {
namespace {

RunConfig moons() { return config_of({{"data", "make_moons:n_samples=300"}}); }

TEST(Prepare, FallsBackToF32WithoutInstructionsForBf16) {
  RunConfig config = moons();
  config.precision = "bf16";
  const Prepared run = prepare(config);
  const auto is_remark = [](const std::string& note) { return note.starts_with("bf16: "); };
  const bool remarked = std::any_of(run.notes.begin(), run.notes.end(), is_remark);
  EXPECT_EQ(run.config.precision, has_fast_bf16() ? "bf16" : "f32");
  EXPECT_EQ(remarked, !has_fast_bf16());
  EXPECT_EQ(run.model.precision, "f32") << "of the weights";
  config.precision = "bf16-emulated";
  EXPECT_EQ(prepare(config).config.precision, "bf16-emulated");
}

TEST(Prepare, FillsInDefaults) {
  const RunConfig c = prepare(moons()).config;
  EXPECT_EQ(c.model, "mlp");
  EXPECT_EQ(c.epochs, 10);
  EXPECT_EQ(c.batch_size, 128);
  EXPECT_EQ(c.lr, 1e-3);
  EXPECT_EQ(c.weight_decay, 0);
  EXPECT_FALSE(c.momentum);
  EXPECT_EQ(c.loss, "softmax_cross_entropy");
  EXPECT_EQ(c.standardize, "auto");
  EXPECT_GE(c.threads, 1);
  EXPECT_EQ(prepare(config_of({{"data", "make_moons:n_samples=50"}})).config.batch_size, 50);
  EXPECT_EQ(prepare(config_of({{"data", "make_regression"}})).config.loss, "mse");
}

TEST(Prepare, IsSettledAfterOnce) {
  const RunConfig once = prepare(moons()).config;
  EXPECT_EQ(to_toml(prepare(parse_config(to_toml(once), "run.toml")).config), to_toml(once));
}

TEST(Prepare, NamedModelsEndInOneUnitPerClassOrTarget) {
  EXPECT_EQ(prepare(moons()).model.network.output, Shape{2});
  EXPECT_EQ(prepare(config_of({{"data", "make_blobs:centers=5"}})).model.network.output, Shape{5});
  EXPECT_EQ(prepare(config_of({{"data", "make_regression:n_targets=3"}})).model.network.output, Shape{3});
  EXPECT_EQ(prepare(config_of({{"data", "make_moons"}, {"loss", "mse"}})).model.network.output, Shape{1});
}

TEST(Prepare, ReadsModelFilesAndWritesThemOut) {
  const TemporaryFolder folder;
  write_text(folder / "net.toml", "layers = [{ dense = 3 }, 'relu', { dense = 2 }]\n");
  RunConfig c = moons();
  set_from_text(c, "model", (folder / "net.toml").string());
  const Prepared run = prepare(c);
  EXPECT_TRUE(run.config.model.empty());
  ASSERT_TRUE(run.config.layers);
  EXPECT_EQ(run.config.layers->layers.size(), 3u);
  EXPECT_EQ(run.config.layers->input, Shape{2});
}

TEST(Prepare, SplitsAsTheSettingsSay) {
  RunConfig c = config_of({{"data", "make_moons:n_samples=200,test=0.25"}, {"val_split", "0.2"}});
  const Parts parts = prepare(c).parts;
  EXPECT_EQ(parts.test->size(), 50);
  EXPECT_EQ(parts.val->size(), 30);
  EXPECT_EQ(parts.train.size(), 120);
  const Parts plain = prepare(moons()).parts;
  EXPECT_FALSE(plain.val || plain.test);
}

TEST(Prepare, StandardizesCsvColumnsByTheTrainingPart) {
  const TemporaryFolder folder;
  std::string text = "a,b,label\n";
  for (int i = 0; i < 40; ++i) text += fmt::format("{},{},{}\n", 100 + i, 5, i % 2 ? "yes" : "no");
  write_text(folder / "d.csv", text);
  RunConfig c = config_of({{"data", "csv:" + (folder / "d.csv").string()}, {"val_split", "0.25"}});
  const Prepared run = prepare(c);
  EXPECT_EQ(run.config.standardize, "auto");
  ASSERT_TRUE(run.model.standardizer);
  double sum = 0, squares = 0;
  for (std::int64_t i = 0; i < run.parts.train.size(); ++i) {
    sum += run.parts.train.x.at(2 * i);
    squares += run.parts.train.x.at(2 * i) * run.parts.train.x.at(2 * i);
    EXPECT_EQ(run.parts.train.x.at(2 * i + 1), 0);  // constant: only centred
  }
  EXPECT_NEAR(sum, 0, 1e-10);
  EXPECT_NEAR(squares, 30, 1e-10);
  EXPECT_EQ(run.model.labels.values, (std::vector<std::string>{"no", "yes"}));
  set_from_text(c, "standardize", "off");
  EXPECT_FALSE(prepare(c).model.standardizer);
  EXPECT_TRUE(prepare(config_of({{"data", "make_moons"}, {"standardize", "on"}})).model.standardizer);
  EXPECT_FALSE(prepare(config_of({{"data", "make_moons"}})).model.standardizer);
}

TEST(Prepare, GivesNotes) {
  RunConfig c = moons();
  set_from_text(c, "optimizer", "adamw");
  set_from_text(c, "weight_decay", "0");
  set_from_text(c, "patience", "3");
  EXPECT_EQ(prepare(c).notes, (std::vector<std::string>{
                                  "nothing is saved: give --out DIR to keep the model",
                                  "adamw without weight decay is the same as adam",
                                  "patience has no effect without a validation part: give --val-split X"}));
}

TEST(Prepare, NotesWhatLeastSquaresIgnores) {
  const RunConfig c = config_of({{"data", "make_regression"},
                                 {"optimizer", "least_squares"},
                                 {"steps", "20"},
                                 {"batch_size", "full"},
                                 {"patience", "3"},
                                 {"out", "none"}});
  const std::vector<std::string> notes = prepare(c).notes;
  ASSERT_FALSE(notes.empty());
  EXPECT_EQ(notes[0], "least_squares solves at once: these have no effect: steps, batch_size, patience");
}

TEST(Prepare, NotesATrainingPartOfOneClass) {
  const TemporaryFolder folder;
  write_text(folder / "d.csv", "a,label\n1,yes\n2,yes\n3,yes\n");
  RunConfig c = config_of({{"data", "csv:" + (folder / "d.csv").string()}, {"out", "none"}});
  EXPECT_EQ(prepare(c).notes, (std::vector<std::string>{"all training examples are of class 'yes'"}));
  set_from_text(c, "data", "make_moons");
  EXPECT_TRUE(prepare(c).notes.empty());
}

struct Refusal {
  std::vector<std::pair<const char*, const char*>> settings;
  Fault fault;
  const char* message;
};

TEST(Prepare, Refuses) {
  const Refusal refusals[] = {
      {{},
       Fault::usage,
       "train: data was needed, none was given. Name some with --data, as in --data fashion-mnist."},
      {{{"data", "make_moons"}, {"shards", "3"}},
       Fault::usage,
       "--shards 3: a power of two was needed. Take 2 or 4."},
      {{{"data", "make_moons"}, {"batch_size", "3"}, {"shards", "4"}},
       Fault::usage,
       "--shards 4: each part needs an example of a batch of 3. Take fewer, or a larger --batch-size."},
      {{{"data", "make_moons"}, {"sync_batch_norm", "true"}, {"shards", "2"}},
       Fault::usage,
       "--sync-batch-norm: the parts of --shards are normalized on their own. Leave one of the two out."},
      {{{"data", "make_moons"}, {"shard_optimizer", "true"}, {"ema", "0.9"}},
       Fault::usage,
       "--shard-optimizer: the averages of --ema belong to all weights. Leave one of the two out."},
      {{{"data", "make_moons"}, {"shard_optimizer", "true"}, {"on_nan", "skip"}},
       Fault::usage,
       "--shard-optimizer: --on-nan skip goes back to a state that no rank has alone. Leave one of the two "
       "out."},
      {{{"data", "make_moons"}, {"momentum", "0.9"}},
       Fault::usage,
       "--momentum: it belongs to sgd and nesterov, the optimizer is adam. Leave it out."},
      {{{"data", "make_moons"}, {"resume", "true"}},
       Fault::usage,
       "--resume: the run's folder was needed. Add --out DIR."},
      {{{"data", "make_regression"}, {"loss", "softmax_cross_entropy"}},
       Fault::usage,
       "--loss softmax_cross_entropy: class labels were needed, the targets of make_regression are numbers. "
       "Take mse, mae or huber."},
      {{{"data", "make_regression"}, {"class_weight", "balanced"}},
       Fault::usage,
       "--class-weight balanced: class labels were needed, make_regression has none. Leave it out."},
      {{{"data", "make_regression"}, {"loss", "mse"}, {"huber_delta", "2"}},
       Fault::usage,
       "--huber-delta: it belongs to --loss huber, the loss is mse. Leave it out."},
      {{{"data", "make_moons"}, {"model", "resnet"}}, Fault::usage, nullptr},
      {{{"data", "make_moons"}, {"model", "no/such.toml"}},
       Fault::model,
       "no/such.toml: cannot be read: No such file or directory."},
      {{{"data", "csv:no-such.csv"}}, Fault::data, "no-such.csv: cannot be read: No such file or directory."},
  };
  for (const auto& [settings, fault, message] : refusals) {
    RunConfig c;
    for (const auto& [key, value] : settings) set_from_text(c, key, value);
    if (message) {
      expect_error([&] { prepare(c); }, fault, message);
    } else {
      try {
        prepare(c);
        ADD_FAILURE();
      } catch (const Error& error) {
        EXPECT_EQ(error.fault(), fault) << error.what();
      }
    }
  }
}

TEST(Prepare, LabelsBeyondTheModelsOutputsAreAFaultOfTheData) {
  RunConfig c = config_of({{"data", "make_blobs:n_samples=4,centers=4,shuffle=false"}});
  c.layers = small_mlp("relu", 3);
  expect_error([&] { prepare(c); }, Fault::data,
               "make_blobs:n_samples=4,centers=4,shuffle=false: labels must be below 3, the number of the "
               "model's outputs; row 3 has 3.");
  c.layers = small_mlp("relu", 7);  // more outputs than classes are fine
  EXPECT_EQ(prepare(c).model.network.output, Shape{7});
}

TEST(Prepare, WeightsMustFit) {
  const TemporaryFolder folder;
  const std::string file = (folder / "w.safetensors").string();
  RunConfig c = moons();
  set_from_text(c, "model", "linear");
  set_from_text(c, "init_from", file);
  const Tensor weight(DType::f32, {2, 2}), bias(DType::f32, Shape{2});
  const auto refused = [&](const io::NamedTensors& tensors, const std::string& message) {
    io::write_safetensors(file, tensors);
    expect_error([&] { prepare(c); }, Fault::model, file + message);
  };
  refused({{"layers.0.weight", weight}}, ": 'layers.0.bias' [2] was needed, the file has no such tensor.");
  refused({{"layers.0.weight", weight}, {"layers.0.bias", bias}, {"more", bias}},
          ": the file has 'more' [2], the model has no such variable.");
  refused({{"layers.0.weight", weight.reshaped({4, 1})}, {"layers.0.bias", bias}},
          ": 'layers.0.weight' must have the shape [2, 2], the file has [4, 1].");
  io::write_safetensors(file, {{"layers.0.bias", bias}, {"layers.0.weight", weight}});
  EXPECT_NO_THROW(prepare(c));
}

TEST(Prepare, RunningStatisticsMayBeAbsentFromTheFile) {
  const TemporaryFolder folder;
  const std::string file = (folder / "w.safetensors").string();
  RunConfig c = moons();
  c.layers = nn::parse_model("layers = ['batch_norm', { dense = 2 }]", "m.toml");
  set_from_text(c, "init_from", file);
  const Tensor two = Tensor::of<float>({2}, {3, 4}), weight(DType::f32, {2, 2});
  io::NamedTensors tensors = {
      {"layers.0.weight", two}, {"layers.0.bias", two}, {"layers.1.weight", weight}, {"layers.1.bias", two}};
  const auto statistics = [&] {
    io::write_safetensors(file, tensors);
    const Prepared run = prepare(c);
    std::vector<double> values;
    for (const Variable& v : run.model.network.variables())
      if (v.role() == Role::statistic) values.push_back(v.value().at(1));
    return values;
  };
  EXPECT_EQ(statistics(), (std::vector<double>{0, 1}));  // mean and variance of a new layer
  tensors.push_back({"layers.0.running_mean", two});
  tensors.push_back({"layers.0.running_var", two});
  EXPECT_EQ(statistics(), (std::vector<double>{4, 4}));
}

}  // namespace
}  // namespace gradus::train
