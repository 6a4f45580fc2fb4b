// mpirun -n N gradus train ...
#include <fmt/core.h>
#include <gtest/gtest.h>

#include "cli/program.h"

namespace gradus {
namespace {

// Open MPI runs nothing as root, and no more ranks than cores, unless it is told to.
const CallOptions kMpirun = {.environment = {{"OMPI_ALLOW_RUN_AS_ROOT", "1"},
                                             {"OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1"},
                                             {"OMPI_MCA_rmaps_base_oversubscribe", "1"}}};

class Mpirun : public Program {
 protected:
  void SetUp() override {
    write("run.toml",
          "data = \"make_moons:n_samples=300,noise=0.2\"\n"
          "layers = [{ dense = 16 }, \"batch_norm\", \"relu\", { dropout = 0.3 }, { dense = 2 }]\n"
          "steps = 200\nbatch_size = 32\nlr = 0.02\nno_report = true\n");
  }

  Outcome train(int ranks, const Words& more) const {
    Words words = {"-n", std::to_string(ranks), GRADUS_CLI, "train", "run.toml", "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return gradus(words, kMpirun);
  }
};

TEST_F(Mpirun, ShardsGiveEqualBits) {
  std::string weights;
  for (const auto& [ranks, threads] : {std::pair(1, "1"), {1, "2"}, {2, "1"}, {4, "1"}}) {
    const std::string out = std::to_string(ranks) + "x" + threads;
    const Outcome outcome = train(ranks, {"--shards", "4", "--threads", threads, "--out", out});
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    const nlohmann::json result = nlohmann::json::parse(outcome.out);
    EXPECT_EQ(result["ranks"], ranks);
    EXPECT_EQ(result["steps"], 200);
    if (weights.empty()) weights = read(out + "/model.safetensors");
    EXPECT_EQ(read(out + "/model.safetensors"), weights) << out;
  }
}

// Three ranks sum their gradients in buckets, by MPI; two and four of one machine exchange halves. The
// optimizer's state may be in parts on the way.
TEST_F(Mpirun, AnyNumberOfRanksTakesTheSameSteps) {
  const auto loss_of = [&](int ranks, const Words& more) {
    Words words = {"--threads",   "1",     "--sync-batch-norm",
                   "--precision", "f64",   "--steps",
                   "50",          "--out", fmt::format("r{}{}", ranks, more.size())};
    words.insert(words.end(), more.begin(), more.end());
    const Outcome outcome = train(ranks, words);
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return nlohmann::json::parse(outcome.out)["train"]["loss"].get<double>();
  };
  const double one = loss_of(1, {});
  for (const int ranks : {2, 3}) {
    const double loss = loss_of(ranks, {});
    EXPECT_NEAR(loss, one, 1e-3 * one) << ranks;
    EXPECT_EQ(loss_of(ranks, {"--shard-optimizer"}), loss) << ranks;
  }
}

TEST_F(Mpirun, OnlyRank0Tells) {
  const Outcome outcome = train(2, {"--steps", "3", "--threads", "1"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '\n'), 1) << outcome.out;
  const std::size_t first = outcome.err.find("settings  ");
  EXPECT_NE(first, std::string::npos) << outcome.err;
  EXPECT_EQ(outcome.err.find("settings  ", first + 1), std::string::npos) << outcome.err;
}

TEST_F(Mpirun, DifferentDataEndAllRanksBeforeTheFirstStep) {
  write("a.csv", "x,y\n1,0\n2,1\n3,0\n4,1\n");
  const Words rest = {"-n", "1", GRADUS_CLI, "train", "--data", "csv:b.csv", "--out", "r"};
  Words words = {"-n", "1", GRADUS_CLI, "train", "--data", "csv:a.csv", "--out", "r", ":"};
  words.insert(words.end(), rest.begin(), rest.end());
  const Outcome outcome = gradus(words, kMpirun);
  EXPECT_EQ(outcome.code, 3) << outcome.err;
  EXPECT_NE(outcome.err.find("rank 1: "), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("b.csv"), std::string::npos) << outcome.err;
  EXPECT_FALSE(exists("r"));
}

TEST_F(Mpirun, AFaultOfRank0EndsAllWithItsCode) {
  write("out", "a file where the folder should be");
  const Outcome outcome = train(2, {"--out", "out"});
  EXPECT_EQ(outcome.code, 6) << outcome.err;
}

}  // namespace
}  // namespace gradus
