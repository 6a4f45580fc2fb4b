// What becomes of --out.
#include <gtest/gtest.h>

#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "train/runs.h"

namespace gradus::train {
namespace {

namespace fs = std::filesystem;

RunConfig quick(const fs::path& out) {
  return config_of({{"data", "make_moons:n_samples=40"},
                    {"model", "linear"},
                    {"epochs", "2"},
                    {"log_every", "1"},
                    {"batch_size", "20"},
                    {"threads", "1"},
                    {"out", out.string()}});
}

TEST(RunFolder, HoldsTheRun) {
  const TemporaryFolder folder;
  const fs::path dir = folder / "deep" / "run";
  EXPECT_EQ(train(quick(dir)).out, dir.string());
  for (const char* file : {"run.toml", "history.jsonl", "model.toml", "model.safetensors", "checkpoints"})
    EXPECT_TRUE(fs::exists(dir / file)) << file;
  EXPECT_EQ(to_toml(read_config(dir / "run.toml")), read_text(dir / "run.toml"));
  std::ifstream history(dir / "history.jsonl");
  std::vector<std::string> kinds;
  for (std::string line; std::getline(history, line);) kinds.push_back(line.substr(9, line.find('"', 9) - 9));
  EXPECT_EQ(kinds, (std::vector<std::string>{"start", "health", "step", "step", "epoch", "step", "step",
                                             "epoch", "finish"}));
}

TEST(RunFolder, AFinishedRunIsRefused) {
  const TemporaryFolder folder;
  const fs::path dir = folder / "run";
  train(quick(dir));
  const std::string weights = read_text(dir / "model.safetensors");
  expect_error(
      [&] { train(quick(dir)); }, Fault::output,
      dir.string() + ": it holds a finished run. Take another --out, or see its result with --resume.");
  EXPECT_EQ(read_text(dir / "model.safetensors"), weights);
}

TEST(RunFolder, AnUnfinishedRunIsRefused) {
  const TemporaryFolder folder;
  const fs::path dir = folder / "run";
  std::atomic<bool> stop = true;
  EXPECT_TRUE(train(quick(dir), {}, &stop).interrupted);
  expect_error([&] { train(quick(dir)); }, Fault::output,
               dir.string() + ": it holds an unfinished run. Take another --out, or go on with --resume.");
}

TEST(RunFolder, OneWithoutARunIsUsed) {
  const TemporaryFolder folder;
  write_text(folder / "notes.txt", "mine");
  train(quick(folder.path()));
  EXPECT_EQ(read_text(folder / "notes.txt"), "mine");
  EXPECT_TRUE(fs::exists(folder / "model.safetensors"));
}

TEST(RunFolder, IsNotMadeForARunThatIsRefused) {
  const TemporaryFolder folder;
  RunConfig c = quick(folder / "run");
  set_from_text(c, "init_from", (folder / "none.safetensors").string());
  EXPECT_THROW(train(c), Error);
  c = quick(folder / "run");
  set_from_text(c, "optimizer", "least_squares");
  set_from_text(c, "loss", "mae");
  EXPECT_THROW(train(c), Error);
  EXPECT_FALSE(fs::exists(folder / "run"));
}

TEST(RunFolder, ThatCannotBeUsedIsRefusedBeforeAnythingIsMade) {
  const TemporaryFolder folder;
  const fs::path dir = folder / "run";
  fs::create_directory(dir);
  write_text(dir / "checkpoints", "");
  expect_error([&] { train(quick(dir)); }, Fault::output,
               (dir / "checkpoints").string() + ": a folder was needed, it is a file. Take another --out.");
  EXPECT_FALSE(fs::exists(dir / "run.toml"));
  fs::remove(dir / "checkpoints");
  fs::create_directory(dir / "model.toml");
  expect_error([&] { train(quick(dir)); }, Fault::output,
               (dir / "model.toml").string() + ": a file was needed, it is a folder. Take another --out.");
  EXPECT_FALSE(fs::exists(dir / "run.toml"));
  write_text(folder / "file", "");
  expect_error([&] { train(quick(folder / "file" / "a" / "b")); }, Fault::output,
               (folder / "file" / "a" / "b").string() + ": the folder cannot be made: " +
                   (folder / "file").string() + ": a folder was needed, it is a file. Take another --out.");
}

TEST(RunFolder, WithoutPermissionIsRefused) {
  const TemporaryFolder folder;
  const fs::path locked = folder / "locked";
  fs::create_directory(locked);
  fs::permissions(locked, fs::perms::owner_read | fs::perms::owner_exec);
  std::ofstream probe(locked / "probe");
  if (probe) GTEST_SKIP() << "this user may write anywhere";
  expect_error([&] { train(quick(locked / "run")); }, Fault::output,
               (locked / "run").string() + ": the folder cannot be written to: " + locked.string() +
                   ": Permission denied. Take another --out.");
}

TEST(RunFolder, FaultsOfASavedRunAreFaultsOfTheModel) {
  const TemporaryFolder folder;
  const fs::path dir = folder / "run";
  expect_error([&] { gradcheck(dir); }, Fault::model,
               dir.string() + ": a run's folder was needed, there is none.");
  train(quick(dir));
  const std::string settings = read_text(dir / "run.toml");
  fs::remove(dir / "run.toml");
  const std::string missing = dir.string() + ": a run's folder was needed, it has no run.toml.";
  expect_error([&] { evaluate(dir); }, Fault::model, missing);
  expect_error([&] { gradcheck(dir); }, Fault::model, missing);
  EXPECT_EQ(evaluate(dir, {.data = "make_moons:n_samples=30"}).scores.n, 30);
  write_text(dir / "run.toml", "epohcs = 3\n" + settings);
  fs::remove(dir / "history.jsonl");  // the run counts as unfinished
  const std::string wrong =
      (dir / "run.toml").string() + ":1:1: there is no key 'epohcs'. Did you mean 'epochs'?";
  expect_error([&] { evaluate(dir); }, Fault::model, wrong);
  expect_error([&] { gradcheck(dir); }, Fault::model, wrong);
  expect_error([&] { train(config_of({{"out", dir.string()}, {"resume", "true"}})); }, Fault::model, wrong);
}

TEST(RunFolder, ThatCannotBeMadeIsAFaultOfOutput) {
  const TemporaryFolder folder;
  write_text(folder / "file", "");
  expect_error([&] { train(quick(folder / "file")); }, Fault::output,
               (folder / "file").string() + ": a folder was needed, it is a file. Take another --out.");
  try {
    train(quick(folder / "file" / "run"));
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::output) << error.what();
  }
}

}  // namespace
}  // namespace gradus::train
