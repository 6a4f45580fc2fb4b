// Run folders: what is refused, interrupting and going on, and the verbs that read one.
#include "cli/program.h"
#include "gradus/io.h"

namespace gradus {
namespace {

class RunFolder : public Program {
 protected:
  void train(const std::string& data, const Words& more = {}) {
    Words words = {"train", "--data", data, "--epochs", "3", "--threads", "1", "--out", "run"};
    words.insert(words.end(), more.begin(), more.end());
    output(words);
  }
};

TEST_F(RunFolder, AFinishedRunIsKept) {
  train("symmetry");
  const std::string before = read("run/model.safetensors");
  const Outcome again = gradus({"train", "--data", "symmetry", "--epochs", "1", "--out", "run"});
  EXPECT_EQ(again.code, 6) << again.err;
  EXPECT_NE(again.err.find("run: "), std::string::npos) << again.err;
  EXPECT_NE(again.err.find("--resume"), std::string::npos) << again.err;
  EXPECT_TRUE(before == read("run/model.safetensors"));
}

TEST_F(RunFolder, ResumingAFinishedRunChangesNothing) {
  train("symmetry");
  const std::string model = read("run/model.safetensors"), history = read("run/history.jsonl");
  const Outcome again = gradus({"train", "--out", "run", "--resume"});
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_NE(again.err.find("finished"), std::string::npos) << again.err;
  EXPECT_TRUE(model == read("run/model.safetensors"));
  EXPECT_EQ(history, read("run/history.jsonl"));
}

TEST_F(RunFolder, AnEmptyFolderIsUsed) {
  std::filesystem::create_directory(path("run"));
  write("run/mine.txt", "kept");
  train("symmetry");
  EXPECT_TRUE(exists("run/run.toml"));
  EXPECT_EQ(read("run/mine.txt"), "kept");
}

TEST_F(RunFolder, ResumeWithoutACheckpointStartsAtZero) {
  train("symmetry", {"--resume"});
  EXPECT_TRUE(exists("run/model.safetensors"));
}

TEST_F(RunFolder, InterruptingSavesAndResumeGoesOn) {
  for (const int signal : {SIGINT, SIGTERM}) {
    const std::string out = signal == SIGINT ? "interrupted" : "terminated";
    const Words words = {
        "train", "--data", "make_moons:n_samples=2000", "--steps", "100000000", "--threads", "1", "--out",
        out,     "--json"};
    const Outcome stopped = gradus(words, {.interrupt_after_ms = 2500, .interrupt_with = signal});
    EXPECT_EQ(stopped.code, 130) << stopped.err;
    EXPECT_EQ(stopped.out, "");
    EXPECT_NE(stopped.err.find(", saved. Go on with: "), std::string::npos) << stopped.err;
    ASSERT_FALSE(list(out + "/checkpoints").empty());
    const Outcome again = gradus({"train", "--out", out, "--resume", "--steps", "1", "--json"});
    EXPECT_EQ(again.code, 0) << again.err;
    EXPECT_GT(nlohmann::json::parse(again.out)["resumed_from_step"], 0);
  }
}

TEST_F(RunFolder, EvalGivesTheAgreedKeys) {
  train("make_blobs:n_samples=90,test=0.2");
  const auto result = nlohmann::ordered_json::parse(output({"eval", "run", "--json"}));
  EXPECT_EQ(keys(result), (std::vector<std::string>{"loss", "accuracy", "n", "confusion", "classes", "macro",
                                                    "weighted", "micro", "top_k", "top_k_accuracy", "roc_auc",
                                                    "subset_accuracy", "mse", "mae", "r2"}));
  EXPECT_EQ(result["n"], 18);
  ASSERT_EQ(result["confusion"].size(), 3u);
  std::int64_t sum = 0, right = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    ASSERT_EQ(result["confusion"][i].size(), 3u);
    for (std::size_t j = 0; j < 3; ++j) sum += result["confusion"][i][j].get<std::int64_t>();
    right += result["confusion"][i][i].get<std::int64_t>();
  }
  EXPECT_EQ(sum, 18);
  EXPECT_DOUBLE_EQ(result["accuracy"], static_cast<double>(right) / 18);
  ASSERT_EQ(result["classes"].size(), 3u);
  std::int64_t support = 0;
  for (const auto& one : result["classes"]) support += one["support"].get<std::int64_t>();
  EXPECT_EQ(support, 18);
  EXPECT_EQ(result["micro"]["f1"], result["accuracy"]);
  EXPECT_TRUE(result["top_k_accuracy"].is_null()) << "all three classes are among the 5 likeliest";
  EXPECT_TRUE(result["roc_auc"].is_null());
  EXPECT_EQ(json({"eval", "run", "--top-k", "1", "--json"})["top_k_accuracy"],
            result["accuracy"].get<double>());
}

TEST_F(RunFolder, EvalRanksTwoClasses) {
  train("make_moons:n_samples=100,test=0.3");
  const auto result = json({"eval", "run", "--json"});
  EXPECT_GE(result["roc_auc"], result["accuracy"].get<double>() - 0.2);
  EXPECT_LE(result["roc_auc"], 1.0);
}

TEST_F(RunFolder, EvalTakesPartsAndOtherData) {
  train("make_blobs:n_samples=90,test=0.2");
  EXPECT_EQ(json({"eval", "run", "--split", "train", "--json"})["n"], 72);
  EXPECT_EQ(json({"eval", "run", "--split", "all", "--json"})["n"], 90);
  const Words other = {"eval", "run", "--data", "make_blobs:n_samples=30", "--split", "all", "--json"};
  EXPECT_EQ(json(other)["n"], 30);
  const Outcome none = gradus({"eval", "run", "--split", "val"});
  EXPECT_EQ(none.code, 3) << none.err;
}

TEST_F(RunFolder, EvalShowsATable) {
  train("make_blobs:n_samples=90,test=0.2");
  const std::string text = output({"eval", "run"});
  EXPECT_EQ(text.rfind("test: 18 examples, loss ", 0), 0u) << text;
  EXPECT_NE(text.find("true \\ predicted"), std::string::npos) << text;
  EXPECT_NE(text.find("precision"), std::string::npos) << text;
  EXPECT_NE(text.find("macro mean"), std::string::npos) << text;
}

TEST_F(RunFolder, RegressionHasNoConfusion) {
  train("make_regression:n_samples=40,n_features=3,n_informative=3", {"--model", "linear"});
  const auto result = json({"eval", "run", "--json"});
  EXPECT_TRUE(result["accuracy"].is_null());
  EXPECT_TRUE(result["confusion"].is_null());
  EXPECT_TRUE(result["classes"].is_null());
  EXPECT_NEAR(result["mse"], result["loss"], 1e-6 * result["loss"].get<double>());
  EXPECT_LE(result["r2"], 1.0);
  EXPECT_NE(output({"eval", "run"}).find(", R2 "), std::string::npos);
}

// Classes overlap: where a loss is all but 0, numeric gradients are rounding errors.
TEST_F(RunFolder, GradcheckPassesOnATrainedModel) {
  train("make_moons:noise=0.3");
  const auto result = json({"gradcheck", "run", "--json"});
  EXPECT_TRUE(result["passed"].get<bool>());
  EXPECT_EQ(result["parameters"].size(), 6u);
  EXPECT_EQ(gradus({"gradcheck", "run", "--seed", "3"}).code, 2);
}

class PredictVerb : public RunFolder {
 protected:
  // Two clear classes with names.
  void SetUp() override {
    std::string text = "a,b,colour\n";
    for (int i = 0; i < 40; ++i) {
      text += i % 2 ? "1." + std::to_string(i) + ",2,red\n" : "-1." + std::to_string(i) + ",-2,blue\n";
    }
    write("train.csv", text);
    write("new.csv", "b,a\n-2,-1.5\n2,1.5\n");
    train("csv:train.csv", {"--lr", "0.01"});
  }
};

TEST_F(PredictVerb, WritesCsvToStandardOutput) {
  const std::string text = output({"predict", "run", "--input", "new.csv"});
  EXPECT_EQ(text.rfind("class,name,p_blue,p_red\n0,blue,", 0), 0u) << text;
  EXPECT_NE(text.find("\n1,red,"), std::string::npos) << text;
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3);
}

TEST_F(PredictVerb, WritesJson) {
  const auto result = json({"predict", "run", "--input", "new.csv", "--json"});
  ASSERT_EQ(result["predictions"].size(), 2u);
  EXPECT_EQ(result["predictions"][0]["name"], "blue");
  EXPECT_EQ(result["predictions"][1]["class"], 1);
  const auto& p = result["predictions"][0]["probabilities"];
  EXPECT_NEAR(p[0].get<double>() + p[1].get<double>(), 1.0, 1e-6);
  EXPECT_EQ(output({"predict", "run", "--input", "new.csv", "--output", "p.json"}), "");
  EXPECT_EQ(nlohmann::json::parse(read("p.json")), result);
}

TEST_F(PredictVerb, WritesNpyByTheEndingOrTheFormat) {
  output({"predict", "run", "--input", "new.csv", "--output", "p.npy"});
  const Tensor p = io::read_npy(path("p.npy"));
  EXPECT_EQ(p.shape(), (Shape{2, 2}));
  EXPECT_GT(p.at(0), 0.5);
  output({"predict", "run", "--input", "new.csv", "--output", "p.txt", "--format", "npy"});
  EXPECT_TRUE(p.same_bits(io::read_npy(path("p.txt"))));
}

TEST_F(PredictVerb, RefusesFilesThatDoNotFit) {
  write("bad.csv", "b,z\n1,2\n");
  write("text.csv", "a,b\n1,2\n3,four\n");
  const Outcome column = gradus({"predict", "run", "--input", "bad.csv"});
  EXPECT_EQ(column.code, 3);
  EXPECT_NE(column.err.find("bad.csv: column 'a' was needed"), std::string::npos) << column.err;
  const Outcome text = gradus({"predict", "run", "--input", "text.csv"});
  EXPECT_EQ(text.code, 3);
  EXPECT_NE(text.err.find("text.csv line 3: column 'b'"), std::string::npos) << text.err;
  EXPECT_EQ(gradus({"predict", "run", "--input", "none.csv"}).code, 3);
  EXPECT_EQ(gradus({"predict", "run", "--input", "new.csv", "--output", "none/p.csv"}).code, 6);
}

TEST_F(PredictVerb, EvalRefusesUnknownLabels) {
  write("other.csv", "a,b,colour\n1,2,red\n3,4,green\n");
  const Outcome outcome = gradus({"eval", "run", "--data", "csv:other.csv"});
  EXPECT_EQ(outcome.code, 3);
  EXPECT_NE(outcome.err.find("green"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("line 3"), std::string::npos) << outcome.err;
}

TEST_F(PredictVerb, RunWritesRawOutput) {
  io::write_npy(path("x.npy"), Tensor::of<float>(Shape{2, 2}, {-1.5F, -2, 1.5F, 2}));
  EXPECT_EQ(output({"run", "run", "--input", "x.npy", "--output-dir", "answers"}), "");
  const Tensor raw = io::read_npy(path("answers/output.npy"));
  EXPECT_EQ(raw.shape(), (Shape{2, 2}));
  EXPECT_GT(raw.at(0), raw.at(1));
  const auto predicted = json({"predict", "run", "--input", "new.csv", "--json"})["predictions"][0]["output"];
  EXPECT_NEAR(raw.at(0), predicted[0].get<double>(), 1e-4);
  EXPECT_EQ(gradus({"run", "run", "--input", "none.npy", "--output-dir", "d"}).code, 3);
  write("taken", "");
  EXPECT_EQ(gradus({"run", "run", "--input", "x.npy", "--output-dir", "taken/d"}).code, 6);
}

TEST_F(PredictVerb, ExportCopiesTheWeights) {
  EXPECT_EQ(output({"export", "run", "--to", "m.safetensors"}), "");
  EXPECT_TRUE(read("m.safetensors") == read("run/model.safetensors"));
  output({"train", "--data", "csv:train.csv", "--epochs", "1", "--lr", "0", "--init-from", "m.safetensors",
          "--out", "second"});
  EXPECT_TRUE(read("m.safetensors") == read("second/model.safetensors"));
  EXPECT_EQ(gradus({"export", "run", "--to", "none/m.safetensors"}).code, 6);
}

TEST_F(PredictVerb, DamagedFoldersAreRefused) {
  std::string weights = read("run/model.safetensors");
  write("run/model.safetensors", weights.substr(0, weights.size() - 4));
  const Outcome cut = gradus({"eval", "run"});
  EXPECT_EQ(cut.code, 4);
  EXPECT_NE(cut.err.find("run/model.safetensors"), std::string::npos) << cut.err;
  std::filesystem::remove(path("run/model.safetensors"));
  EXPECT_EQ(gradus({"eval", "run"}).code, 4);
}

}  // namespace
}  // namespace gradus
