// gradus lr-find, tune and average.
#include "cli/program.h"

namespace gradus {
namespace {

class SearchVerbs : public Program {};

const Words kMoons = {"--data", "make_moons:n_samples=90,noise=0.1", "--model", "logistic", "--threads", "1"};

Words call(const Words& first, const Words& more = {}) {
  Words words = first;
  words.insert(words.end(), kMoons.begin(), kMoons.end());
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

TEST_F(SearchVerbs, LrFindSuggestsAndWritesNothing) {
  const std::string text = output(call({"lr-find"}, {"--optimizer", "sgd", "--high", "1000"}));
  EXPECT_NE(text.find("Suggested: --lr "), std::string::npos) << text;
  EXPECT_NE(text.find("*"), std::string::npos) << text;
  EXPECT_TRUE(list().empty());
  const nlohmann::json result = json(call({"lr-find"}, {"--ramp", "20", "--csv", "ramp.csv", "--json"}));
  EXPECT_EQ(result["points"].size(), 20u);
  EXPECT_GT(result["suggestion"], 1e-7);
  const std::string csv = read("ramp.csv");
  EXPECT_EQ(csv.rfind("lr,loss,smoothed\n", 0), 0u);
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 21);
}

TEST_F(SearchVerbs, TuneNamesTheCommandThatTrainsTheBest) {
  write("base.toml", "epochs = 3\n");
  const Words words =
      call({"tune", "base.toml"}, {"--val-split", "0.3", "--grid", "lr=1e-6,0.1", "--out", "trials"});
  const Outcome outcome = gradus(words);
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(outcome.err.find("1/2  lr=1e-6  val loss "), std::string::npos) << outcome.err;
  EXPECT_NE(
      outcome.out.find("best    lr=0.1\nsaved   trials/lr=0.1\n"
                       "train   gradus train base.toml --data make_moons:n_samples=90,noise=0.1 --model "
                       "logistic --threads 1 --val-split 0.3 --lr 0.1 --out trials/best\n"),
      std::string::npos)
      << outcome.out;
  const nlohmann::json best =
      json({"train", "base.toml", "--data", "make_moons:n_samples=90,noise=0.1", "--model", "logistic",
            "--threads", "1", "--val-split", "0.3", "--lr", "0.1", "--out", "trials/best", "--json"});
  Words again = words;
  again.push_back("--json");
  const nlohmann::json result = json(again);
  EXPECT_EQ(result["trials"][0]["val"]["loss"], best["val"]["loss"]);
  EXPECT_EQ(result["trials"][0]["settings"]["lr"], "0.1");
  EXPECT_TRUE(exists("trials/lr=1e-6/run.toml"));
}

TEST_F(SearchVerbs, TuneRefusesUnknownKeys) {
  const Outcome outcome = gradus(call({"tune"}, {"--val-split", "0.3", "--grid", "optimiser=sgd,adam"}));
  EXPECT_EQ(outcome.code, 2);
  EXPECT_NE(outcome.err.find("there is no setting 'optimiser'. Did you mean 'optimizer'?"), std::string::npos)
      << outcome.err;
  EXPECT_TRUE(list().empty());
}

TEST_F(SearchVerbs, AverageMakesARunFolder) {
  output(call({"train"}, {"--epochs", "1", "--out", "a"}));
  output(call({"train"}, {"--epochs", "2", "--out", "b"}));
  const nlohmann::json result = json({"average", "a", "b", "--out", "mean", "--json"});
  EXPECT_EQ(result["runs"], 2);
  EXPECT_EQ(json({"eval", "mean", "--split", "train", "--json"})["loss"], result["train"]["loss"]);
  EXPECT_EQ(gradus({"average", "a", "--out", "mean2"}).code, 2);
  EXPECT_EQ(gradus({"average", "a", "b", "--statistics", "x", "--out", "mean2"}).code, 2);
  EXPECT_FALSE(exists("mean2"));
}

}  // namespace
}  // namespace gradus
