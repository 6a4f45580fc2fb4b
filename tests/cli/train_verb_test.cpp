// gradus train, from a command line to a run folder.
#include "cli/program.h"

namespace gradus {
namespace {

class TrainVerb : public Program {};

const Words kMoons = {"train",     "--data", "make_moons:n_samples=200,noise=0.1,test=0.2", "--model", "mlp",
                      "--threads", "1"};

Words moons(const Words& more) {
  Words words = kMoons;
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

TEST_F(TrainVerb, LearnsAndFillsARunFolder) {
  const nlohmann::json result = json(moons({"--epochs", "150", "--patience", "150", "--lr", "0.01",
                                            "--val-split", "0.2", "--out", "run", "--json"}));
  EXPECT_GT(result["test"]["accuracy"], 0.9);
  EXPECT_EQ(result["out"], "run");
  EXPECT_EQ(result["ranks"], 1);
  EXPECT_EQ(result["parameters"], 2 * 256 + 256 + 256 * 128 + 128 + 128 * 2 + 2);
  for (const char* file : {"run.toml", "history.jsonl", "model.toml", "model.safetensors", "checkpoints"}) {
    EXPECT_TRUE(exists(std::string("run/") + file)) << file;
  }
}

TEST_F(TrainVerb, JsonHasTheAgreedKeys) {
  const std::string text = output(moons({"--epochs", "1", "--json"}));
  const auto result = nlohmann::ordered_json::parse(text);
  EXPECT_EQ(keys(result),
            (std::vector<std::string>{"train", "val", "test", "steps", "seconds", "samples_per_s",
                                      "parameters", "ranks", "resumed_from_step", "out"}));
  EXPECT_EQ(keys(result["train"]), (std::vector<std::string>{"loss", "accuracy"}));
  EXPECT_TRUE(result["val"].is_null());
  EXPECT_TRUE(result["resumed_from_step"].is_null());
  EXPECT_TRUE(result["out"].is_null());
}

TEST_F(TrainVerb, RegressionHasNoAccuracy) {
  const auto result = json({"train", "--data", "make_regression:n_samples=50,n_features=3,n_informative=3",
                            "--model", "linear", "--epochs", "1", "--json"});
  EXPECT_TRUE(result["train"]["loss"].is_number());
  EXPECT_TRUE(result["train"]["accuracy"].is_null());
}

TEST_F(TrainVerb, EqualCommandsGiveEqualBytes) {
  output(moons({"--epochs", "2", "--out", "a"}));
  output(moons({"--epochs", "2", "--out", "b"}));
  const std::string a = read("a/model.safetensors");
  EXPECT_GT(a.size(), 1000u);
  EXPECT_TRUE(a == read("b/model.safetensors"));
  EXPECT_EQ(read("a/model.toml"), read("b/model.toml"));
  output(moons({"--epochs", "2", "--seed", "1", "--out", "c"}));
  EXPECT_FALSE(a == read("c/model.safetensors"));
}

TEST_F(TrainVerb, TheSavedSettingsTrainTheSameModel) {
  output(moons({"--epochs", "2", "--lr", "0.02", "--batch-size", "50", "--out", "a"}));
  output({"train", "a/run.toml", "--out", "b"});
  EXPECT_TRUE(read("a/model.safetensors") == read("b/model.safetensors"));
}

TEST_F(TrainVerb, FlagsWinOverTheFile) {
  write("run.toml", "data = \"symmetry\"\nepochs = 50\nbatch_size = 32\n");
  EXPECT_EQ(json({"train", "run.toml", "--epochs", "3", "--json"})["steps"], 6);
  EXPECT_EQ(json({"train", "run.toml", "--steps", "5", "--json"})["steps"], 5);
  EXPECT_EQ(json({"train", "run.toml", "--steps", "5", "--batch-size", "full", "--json"})["steps"], 5);
}

TEST_F(TrainVerb, ModelsMayStandInTheFile) {
  write("run.toml", "data = \"symmetry\"\nepochs = 1\nlayers = [{ dense = 3 }, \"tanh\", { dense = 2 }]\n");
  EXPECT_EQ(json({"train", "run.toml", "--json"})["parameters"], 6 * 3 + 3 + 3 * 2 + 2);
}

TEST_F(TrainVerb, DataGoToOneStreamMessagesToTheOther) {
  const Outcome human = gradus(moons({"--epochs", "2", "--out", "run"}));
  EXPECT_EQ(human.code, 0) << human.err;
  EXPECT_NE(human.out.find("test    loss "), std::string::npos) << human.out;
  EXPECT_NE(human.out.find("saved   run\n"), std::string::npos) << human.out;
  EXPECT_NE(human.err.find("layers.0"), std::string::npos) << human.err;
  EXPECT_NE(human.err.find("160 training"), std::string::npos) << human.err;
  EXPECT_NE(human.err.find("\nepoch 1/2  loss "), std::string::npos) << human.err;
  EXPECT_NE(human.err.find("\nepoch 2/2  loss "), std::string::npos) << human.err;
  EXPECT_NE(human.err.find("gradus eval run"), std::string::npos) << human.err;
  EXPECT_EQ(human.err.find('\x1b'), std::string::npos);
  EXPECT_EQ(human.err.find('\r'), std::string::npos);
}

TEST_F(TrainVerb, QuietSilencesProgressAndNotesOnly) {
  const Outcome outcome = gradus(moons({"--epochs", "2", "--quiet"}));
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.err, "");
  EXPECT_NE(outcome.out.find("train   loss "), std::string::npos) << outcome.out;
  const Outcome wrong = gradus({"train", "--quiet"});
  EXPECT_EQ(wrong.code, 2);
  EXPECT_NE(wrong.err, "");
}

TEST_F(TrainVerb, DryRunMakesNothing) {
  const Outcome outcome = gradus(moons({"--epochs", "2", "--out", "run", "--dry-run"}));
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.out, "");
  EXPECT_NE(outcome.err.find("layers.0"), std::string::npos) << outcome.err;
  EXPECT_TRUE(list().empty());
}

TEST_F(TrainVerb, DivergingIsCodeFiveAndNamesTheStep) {
  const Outcome outcome =
      gradus({"train", "--data", "make_regression:n_samples=64,n_features=4,n_informative=4", "--model",
              "linear", "--optimizer", "sgd", "--lr", "1e30", "--epochs", "100", "--json"});
  EXPECT_EQ(outcome.code, 5) << outcome.err;
  EXPECT_EQ(outcome.out, "");
  EXPECT_NE(outcome.err.find("step "), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("--lr"), std::string::npos) << outcome.err;
}

TEST_F(TrainVerb, DumpsTheGraphAndStops) {
  const Outcome graph = gradus(moons({"--out", "run", "--dump-graph"}));
  EXPECT_EQ(graph.code, 0) << graph.err;
  EXPECT_NE(graph.out.find("%0: "), std::string::npos) << graph.out;
  EXPECT_NE(graph.out.find("output \"loss\""), std::string::npos);
  EXPECT_TRUE(list().empty());
  const std::string folded = output(moons({"--dump-graph=after:cse"}));
  EXPECT_LT(std::count(folded.begin(), folded.end(), '\n'),
            std::count(graph.out.begin(), graph.out.end(), '\n'));
}

TEST_F(TrainVerb, DumpsTheProgramAndStops) {
  const std::string text = output(moons({"--dump-program"}));
  EXPECT_NE(text.find("matmul"), std::string::npos) << text;
}

TEST_F(TrainVerb, ProfilesAStepAndStops) {
  const std::string text = output(moons({"--out", "run", "--profile=trace.json"}));
  EXPECT_NE(text.find("training step: "), std::string::npos) << text;
  EXPECT_NE(text.find("simd.matmul"), std::string::npos) << text;
  EXPECT_EQ(list(), (std::vector<std::string>{"trace.json"}));
  EXPECT_FALSE(nlohmann::json::parse(read("trace.json"))["traceEvents"].empty());
}

TEST_F(TrainVerb, SolvesLeastSquares) {
  const auto result = json({"train", "--data", "make_regression:n_samples=60,n_features=4,n_informative=4",
                            "--optimizer", "least_squares", "--json"});
  EXPECT_LT(result["train"]["loss"], 1e-6);
}

TEST_F(TrainVerb, HelpGroupsTheFlags) {
  const std::string help = output({"train", "--help"});
  for (const char* part : {"Usage: gradus train [OPTIONS] [RUN.toml]", "\nWhat:\n", "\nOptimization:\n",
                           "\nFiles:\n", "--checkpoint-every", "(constant)", "Examples:"}) {
    EXPECT_NE(help.find(part), std::string::npos) << part << help;
  }
  for (const std::size_t end : {help.find("\n\n\n")}) EXPECT_EQ(end, std::string::npos);
}

}  // namespace
}  // namespace gradus
