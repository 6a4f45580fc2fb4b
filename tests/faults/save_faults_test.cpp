// A disk that fails while a run saves: training goes on, what was saved stays, and the user is told.
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <sstream>

#include "cli/program.h"

namespace gradus {
namespace {

struct Call {
  std::string name, file;  // as the shim logs them
};

class SaveFaults : public Program {
 protected:
  void SetUp() override {
    write("run.toml", R"(
data = "make_moons:n_samples=60"
layers = [{ dense = 4 }, "relu", { dense = 2 }]
epochs = 2
batch_size = 20
val_split = 0.2
log_every = 1
threads = 1
checkpoint_every = "2steps"
)");
  }

  // Trains into `out`; calls number `first` to `last` (0: all that follow) about its files fail with `error`.
  // Or the program is killed there; or only calls about what begins with `part` in the folder count.
  Outcome train(const std::string& out, int first, int last, int error, const Words& more = {},
                const std::string& act = "", const std::string& part = "") {
    std::filesystem::remove(path(out + ".log"));
    Words words = {"train", "run.toml", "--out", out, "--no-report", "--json", "--quiet"};
    words.insert(words.end(), more.begin(), more.end());
    const std::string folder = (std::filesystem::canonical(path(".")) / out).string();
    return gradus(words, {.environment = {{"LD_PRELOAD", GRADUS_FAULT_SHIM},
                                          {"ASAN_OPTIONS", "verify_asan_link_order=0"},
                                          {"GRADUS_FAULT_UNDER", folder + part},
                                          {"GRADUS_FAULT_LOG", path(out + ".log")},
                                          {"GRADUS_FAULT_AT", std::to_string(first)},
                                          {"GRADUS_FAULT_UNTIL", std::to_string(last)},
                                          {"GRADUS_FAULT_DO", act.empty() ? std::to_string(error) : act}}});
  }

  std::vector<Call> calls(const std::string& out) {
    std::vector<Call> found;
    std::istringstream text(read(out + ".log"));
    for (std::string line; std::getline(text, line);) {
      const std::size_t name = line.find(' ') + 1, file = line.find(' ', name) + 1;
      found.push_back({line.substr(name, file - name - 1), line.substr(file)});
    }
    return found;
  }

  // The first call that is about saving while the run goes on: what comes before lays out the folder.
  static int first_save(const std::vector<Call>& calls) {
    const auto found = std::find_if(calls.begin(), calls.end(), [](const Call& call) {
      return call.name == "write" && call.file.ends_with("history.jsonl");
    });
    return static_cast<int>(found - calls.begin()) + 1;
  }

  // Names of temporary files left anywhere in a folder.
  std::vector<std::string> temporaries(const std::string& out) {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path(out))) {
      const std::string name = entry.path().filename();
      if (name.ends_with(".tmp")) found.push_back(name);
    }
    return found;
  }

  std::string history(const std::string& out) {
    std::string text, line;
    std::istringstream lines(read(out + "/history.jsonl"));
    while (std::getline(lines, line)) {
      auto json = nlohmann::ordered_json::parse(line);
      for (const char* key : {"seconds", "samples_per_s", "resumed_from_step"}) json.erase(key);
      text += json.dump() + "\n";
    }
    return text;
  }
};

// Every call in turn fails once: the run ends as if nothing had been, but for a warning where it matters.
TEST_F(SaveFaults, OneFailingCallChangesNothingThatIsSaved) {
  ASSERT_EQ(train("whole", 0, 0, 0).code, 0);
  const std::string model = read("whole/model.safetensors"), lines = history("whole");
  const std::vector<Call> all = calls("whole");
  const int count = static_cast<int>(all.size());
  ASSERT_GT(count, 40);
  int failed_at_the_end = 0;
  for (int i = first_save(all); i <= count; ++i) {
    const int error = i % 3 == 0 ? ENOSPC : i % 3 == 1 ? EIO : EROFS;
    const std::string out = "run" + std::to_string(i);
    const Outcome outcome = train(out, i, i, error);
    const std::vector<Call> here = calls(out);
    const Call call = here.at(std::min<std::size_t>(static_cast<std::size_t>(i), here.size()) - 1);
    SCOPED_TRACE(call.name + " of " + call.file + ": " + std::strerror(error) + ": " + outcome.err);
    if (outcome.code == 6) {  // the trained model itself
      EXPECT_NE(outcome.err.find("model."), std::string::npos);
      EXPECT_NE(outcome.err.find("The checkpoint of step "), std::string::npos);
      ++failed_at_the_end;
      EXPECT_EQ(train(out, 0, 0, 0, {"--resume"}).code, 0);
    } else {
      EXPECT_EQ(outcome.code, 0);
    }
    EXPECT_TRUE(read(out + "/model.safetensors") == model);
    EXPECT_EQ(history(out), lines);
    const bool may_leave = call.name == "unlink";
    EXPECT_TRUE(may_leave || temporaries(out).empty());
    std::filesystem::remove_all(path(out));
  }
  EXPECT_GE(failed_at_the_end, 8) << "open, write, fsync, close, rename, ... of the two files of a model";
}

// A disk that is full from some moment on: exit 6 at the end only, and the older checkpoint is there.
TEST_F(SaveFaults, ADiskThatStaysFullEndsWithSix) {
  const Words longer = {"--epochs", "4"};
  ASSERT_EQ(train("whole", 0, 0, 0, longer).code, 0);
  for (const std::string out : {"full", "probe"}) {  // the second one tells where saving begins
    train(out, 1, 1, 0, {}, "kill", "/model.toml");
    ASSERT_TRUE(exists(out + "/checkpoints/step-000000006.safetensors"));
  }
  const Words resumed = {"--epochs", "4", "--resume"};
  ASSERT_EQ(train("probe", 0, 0, 0, resumed).code, 0);
  const Outcome full = train("full", first_save(calls("probe")), 0, ENOSPC, resumed);
  EXPECT_EQ(full.code, 6) << full.err;
  EXPECT_EQ(full.out, "");
  EXPECT_NE(full.err.find("warning: the checkpoint of step "), std::string::npos) << full.err;
  EXPECT_NE(full.err.find("No space left on device. Training goes on; that of step 6 stands.\n"),
            std::string::npos)
      << full.err;
  EXPECT_NE(
      full.err.find("error: full/model.toml: cannot be written: No space left on device. The checkpoint "
                    "of step 6 is there: make room, and go on with: gradus train --out full --resume"),
      std::string::npos)
      << full.err;
  EXPECT_FALSE(exists("full/model.safetensors"));
  EXPECT_EQ(train("full", 0, 0, 0, resumed).code, 0);
  EXPECT_TRUE(read("full/model.safetensors") == read("whole/model.safetensors"));
}

// A folder that cannot be made ready is told of before the first step.
TEST_F(SaveFaults, BeforeTheFirstStepNothingIsTrained) {
  const Outcome outcome = train("none", 1, 0, EROFS);
  EXPECT_EQ(outcome.code, 6) << outcome.err;
  EXPECT_NE(outcome.err.find("Read-only file system"), std::string::npos) << outcome.err;
  EXPECT_FALSE(exists("none/run.toml"));
}

// The same without the shim: no file may grow beyond 1 KB, which the trained model does not need.
TEST_F(SaveFaults, AFileSizeLimitIsAFullDisk) {
  const std::string call =
      "ulimit -f 1; exec " GRADUS_PROGRAM " train run.toml --out run --no-report --quiet";
  const int status = std::system(("cd " + path(".").string() + " && bash -c '" + call + "' 2> err").c_str());
  EXPECT_EQ(WEXITSTATUS(status), 0) << read("err");
  EXPECT_NE(read("err").find("warning: the checkpoint of step "), std::string::npos) << read("err");
  EXPECT_NE(read("err").find("File too large"), std::string::npos) << read("err");
  EXPECT_TRUE(exists("run/model.safetensors"));
}

}  // namespace
}  // namespace gradus
