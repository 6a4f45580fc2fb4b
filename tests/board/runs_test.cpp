// Runs as the board finds and follows them.
#include <gtest/gtest.h>

#include <fstream>

#include "app/board/run_list.h"
#include "base/file_lock.h"
#include "support/temporary_folder.h"

namespace gradus::board {
namespace {

namespace fs = std::filesystem;

void append(const fs::path& file, const std::string& text) { std::ofstream(file, std::ios::app) << text; }

fs::path make_run(const fs::path& dir) {
  fs::create_directories(dir);
  append(dir / "run.toml", "data = 'make_moons'\nmodel = 'mlp'\nlr = 0.25\n");
  return dir;
}

TEST(RunList, FindsRunsAndForgetsThem) {
  const TemporaryFolder folder;
  make_run(folder / "a");
  make_run(folder / "deep" / "b");
  make_run(folder / "a" / "checkpoints" / "no");  // inside a run
  make_run(folder / ".hidden");
  make_run(folder / "1" / "2" / "3" / "4");  // too deep
  RunList runs(folder / "");
  EXPECT_TRUE(runs.scan());
  std::vector<std::string> names;
  for (const auto& [name, run] : runs.all()) names.push_back(name);
  EXPECT_EQ(names, (std::vector<std::string>{"a", "deep/b"}));
  EXPECT_EQ(runs.find("../a"), nullptr);
  EXPECT_FALSE(runs.scan());
  fs::remove_all(folder / "a");
  EXPECT_TRUE(runs.scan());
  EXPECT_EQ(runs.find("a"), nullptr);
}

TEST(RunEntry, FollowsAHistoryLineByLine) {
  const TemporaryFolder folder;
  const fs::path dir = make_run(folder / "run"), history = dir / "history.jsonl";
  RunEntry run("run", dir);
  run.update();
  EXPECT_EQ(run.summary()["settings"]["lr"], 0.25);
  EXPECT_EQ(run.summary()["state"], "new");
  append(history, "{\"type\":\"step\",\"step\":5,\"smoothed_loss\":0.5}\n{\"type\":\"step\",\"st");
  EXPECT_TRUE(run.update());
  EXPECT_EQ(run.summary()["step"], 5);
  EXPECT_EQ(run.summary()["state"], "stopped");
  append(history, "ep\":6,\"smoothed_loss\":0.4}\nno json\n");
  EXPECT_TRUE(run.update());
  EXPECT_EQ(run.summary()["loss"], 0.4);
  append(history,
         "{\"type\":\"step\",\"step\":7,\"seconds\":9}\n{\"type\":\"epoch\",\"epoch\":1,\"step\":8,"
         "\"seconds\":2}\n");
  EXPECT_TRUE(run.update());
  EXPECT_EQ(run.summary()["seconds"], 9);  // not the epoch's
  EXPECT_FALSE(run.update());
  const Json all = run.history(0);
  EXPECT_EQ(all["lines"].size(), 4u);
  EXPECT_EQ(run.history(all["next"].get<std::uint64_t>())["lines"].size(), 0u);
}

TEST(RunEntry, TellsWhetherItRuns) {
  const TemporaryFolder folder;
  const fs::path dir = make_run(folder / "run"), history = dir / "history.jsonl";
  append(history, "{\"type\":\"order\",\"step\":1,\"order\":\"pause\"}\n");
  RunEntry run("run", dir);
  {
    const FileLock lock(history);
    run.update();
    EXPECT_EQ(run.summary()["state"], "paused");
    append(history, "{\"type\":\"order\",\"step\":1,\"order\":\"resume\"}\n");
    run.update();
    EXPECT_EQ(run.summary()["state"], "running");
  }
  run.update();
  EXPECT_EQ(run.summary()["state"], "stopped");
  append(history, "{\"type\":\"finish\",\"steps\":9,\"epochs\":1}\n");
  run.update();
  EXPECT_EQ(run.summary()["state"], "finished");
}

TEST(RunEntry, BeginsAnewWithAnotherHistory) {
  const TemporaryFolder folder;
  const fs::path dir = make_run(folder / "run"), history = dir / "history.jsonl";
  append(history, "{\"type\":\"step\",\"step\":50}\n{\"type\":\"finish\",\"steps\":60}\n");
  RunEntry run("run", dir);
  run.update();
  const Json before = run.history(0);
  append(dir / "other", "{\"type\":\"step\",\"step\":1}\n");
  fs::rename(dir / "other", history);
  EXPECT_TRUE(run.update());
  EXPECT_EQ(run.summary()["step"], 1);
  EXPECT_EQ(run.summary()["state"], "stopped");
  EXPECT_NE(run.history(0)["generation"], before["generation"]);
}

TEST(RunEntry, SettingsThatCannotBeReadAreAProblemOfTheirOwn) {
  const TemporaryFolder folder;
  fs::create_directories(folder / "run");
  append(folder / "run" / "run.toml", "lr = 'fast'\n");
  RunEntry run("run", folder / "run");
  run.update();
  EXPECT_NE(run.summary()["problem"].get<std::string>().find("lr"), std::string::npos);
}

}  // namespace
}  // namespace gradus::board
