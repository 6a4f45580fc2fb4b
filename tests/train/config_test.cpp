#include "train/config.h"

#include <gtest/gtest.h>

#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "train/runs.h"

namespace gradus::train {
namespace {

TEST(Config, EveryKeyHasADocAndAFlagOfItsName) {
  for (const ConfigKey& key : config_keys()) {
    EXPECT_FALSE(key.doc.empty()) << key.name;
    EXPECT_EQ(key.flag.substr(0, 2), "--");
    EXPECT_EQ(&find_key(key.flag.substr(2)), &key);
    EXPECT_EQ(&find_key(key.name), &key);
  }
}

TEST(Config, TakesTextsOfFlags) {
  const RunConfig c = config_of({{"data", "make_moons"},
                                 {"batch-size", "full"},
                                 {"lr", "1e30"},
                                 {"seed", "7"},
                                 {"checkpoint_every", "50steps"},
                                 {"resume", "true"}});
  EXPECT_EQ(c.data, "make_moons");
  EXPECT_EQ(c.batch_size, kFullBatch);
  EXPECT_EQ(c.lr, 1e30);
  EXPECT_EQ(c.seed, 7u);
  EXPECT_EQ(c.checkpoint_every, (CheckpointEvery{50, CheckpointEvery::steps}));
  EXPECT_TRUE(c.resume);
  EXPECT_EQ(c.given.at("batch_size"), "--batch-size");
}

TEST(Config, ReadsHowOftenCheckpointsAreTaken) {
  EXPECT_EQ(parse_checkpoint_every("3"), (CheckpointEvery{3, CheckpointEvery::epochs}));
  EXPECT_EQ(parse_checkpoint_every("10 minutes"), (CheckpointEvery{10, CheckpointEvery::minutes}));
  EXPECT_EQ(parse_checkpoint_every("1epoch"), (CheckpointEvery{1, CheckpointEvery::epochs}));
  for (const char* wrong : {"", "0", "steps", "-1", "3days", "1.5epochs"})
    EXPECT_FALSE(parse_checkpoint_every(wrong)) << wrong;
}

struct Refusal {
  const char *key, *value, *message;
};

TEST(Config, RefusesWrongValuesOfFlags) {
  const Refusal refusals[] = {
      {"lr", "-1", "--lr: a number of at least 0 was needed, got -1."},
      {"lr", "fast", "--lr: a number of at least 0 was needed, got 'fast'."},
      {"lr", "nan", "--lr: a number of at least 0 was needed, got 'nan'."},
      {"epochs", "0", "--epochs: an integer from 1 to 1000000000000000 was needed, got 0."},
      {"epochs", "1.5", "--epochs: an integer from 1 to 1000000000000000 was needed, got '1.5'."},
      {"steps", "1e3", "--steps: an integer from 1 to 1000000000000000 was needed, got '1e3'."},
      {"lr", "1e-400", "--lr: a number from 2.3e-308 to 1.7e308, or 0, was needed, got '1e-400'."},
      {"lr", "1e400", "--lr: a number from 2.3e-308 to 1.7e308, or 0, was needed, got '1e400'."},
      {"out", "", "--out: text was needed, got ''."},
      {"init_from", "", "--init-from: text was needed, got ''."},
      {"val_split", "1", "--val-split: a number from 0 to below 1 was needed, got 1."},
      {"batch_size", "all", "--batch-size: an integer from 1 to 1000000000 or full was needed, got 'all'."},
      {"optimizer", "adma",
       "--optimizer: one of sgd, nesterov, rmsprop, adagrad, adam, adamw, least_squares was needed, got "
       "'adma'. Did you mean 'adam'?"},
      {"loss", "mes",
       "--loss: one of softmax_cross_entropy, sigmoid_cross_entropy, mse, mae, huber was needed, got 'mes'. "
       "Did you mean 'mse'?"},
      {"checkpoint_every", "3days",
       "--checkpoint-every: a number of at least 1 with steps, epochs or minutes, as in 500steps, was "
       "needed, got '3days'."},
      {"resume", "maybe", "--resume: true or false was needed, got 'maybe'."},
  };
  for (const auto& [key, value, message] : refusals) {
    RunConfig c;
    expect_error([&c, k = key, v = value] { set_from_text(c, k, v); }, Fault::usage, message);
  }
  RunConfig c;
  expect_error([&] { set_from_text(c, "epohcs", "3"); }, Fault::usage,
               "there is no setting 'epohcs'. Did you mean 'epochs'?");
}

TEST(Config, AFlagWinsOverAFileButTwoFlagsContradict) {
  RunConfig c = parse_config("epochs = 3\n", "run.toml");
  set_from_text(c, "steps", "50");
  EXPECT_FALSE(c.epochs);
  EXPECT_EQ(c.steps, 50);
  expect_error([&] { set_from_text(c, "epochs", "2"); }, Fault::usage,
               "--epochs: steps and epochs were both given. Give one of them.");
  EXPECT_THROW(parse_config("epochs = 3\nsteps = 4\n", "run.toml"), Error);
}

TEST(Config, RefusesWithThePlaceInTheFile) {
  const std::pair<const char*, const char*> refusals[] = {
      {"data = 'make_moons'\nlearning = 1\n", "run.toml:2:1: there is no key 'learning'."},
      {"epoch = 3\n", "run.toml:1:1: there is no key 'epoch'. Did you mean 'epochs'?"},
      {"lr = 'a'\n", "run.toml:1:6: lr: a number of at least 0 was needed, got 'a'."},
      {"\nlr = [1]\n",
       "run.toml:2:6: lr: a number, text, true or false was needed, got a list, table or date."},
      {"data = 3\n", "run.toml:1:8: data: text was needed, got 3."},
      {"steps = 4.0\n", "run.toml:1:9: steps: an integer from 1 to 1000000000000000 was needed, got 4.0."},
      {"input = [2]\n", "run.toml:1:1: input stands beside layers, and there are none."},
  };
  for (const auto& [text, message] : refusals) {
    expect_error([&, t = text] { parse_config(t, "run.toml"); }, Fault::usage, message);
  }
  try {
    parse_config("lr = = 1\n", "run.toml");
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::usage);
    EXPECT_EQ(std::string(error.what()).rfind("run.toml:1:6: this is no valid TOML: ", 0), 0u)
        << error.what();
  }
}

TEST(Config, WhatIsWrittenReadsBackTheSame) {
  RunConfig c = config_of({{"data", "csv:a \"b\".csv,target=y"},
                           {"steps", "9"},
                           {"lr", "0.1"},
                           {"l2", "1e-4"},
                           {"batch_size", "full"},
                           {"precision", "f64"},
                           {"val_split", "0.25"},
                           {"decay_all", "true"},
                           {"out", "somewhere"}});
  const std::string text = to_toml(c);
  const RunConfig back = parse_config(text, "run.toml");
  EXPECT_EQ(to_toml(back), text);
  EXPECT_EQ(back.data, c.data);
  EXPECT_EQ(back.lr, 0.1);
  EXPECT_EQ(back.l2, 1e-4);
  EXPECT_EQ(back.batch_size, kFullBatch);
  EXPECT_TRUE(back.out.empty()) << "where a run is saved is no part of it";
}

TEST(Config, HoldsAModelWrittenOut) {
  RunConfig c = parse_config("layers = [{ dense = 4 }, 'relu', { dense = 2 }]\n", "run.toml");
  ASSERT_TRUE(c.layers);
  EXPECT_EQ(c.layers->layers.size(), 3u);
  EXPECT_EQ(parse_config(to_toml(c), "run.toml").layers, c.layers);
  set_from_text(c, "model", "mlp");
  EXPECT_FALSE(c.layers);
  EXPECT_THROW(parse_config("model = 'mlp'\nlayers = ['relu']\n", "run.toml"), Error);
}

TEST(Config, AMissingFileIsAFaultOfUsage) {
  const TemporaryFolder folder;
  const std::string file = (folder / "none.toml").string();
  expect_error([&] { read_config(file); }, Fault::usage,
               file + ": cannot be read: No such file or directory.");
}

}  // namespace
}  // namespace gradus::train
