// gradus bench: its answers, not its times.
#include "cli/program.h"

namespace gradus {
namespace {

class Bench : public Program {};

TEST_F(Bench, GivesOneObjectForAWorkload) {
  const auto answer = json({"bench", "seed", "--seconds", "0.01", "--threads", "1", "--json"});
  for (const char* key :
       {"workload", "threads", "precision", "batch", "step_ms", "samples_per_s", "parameters",
        "model_gflop_per_step", "gemm_gflops", "roofline_fraction", "peak_rss_mb"})
    EXPECT_TRUE(answer.contains(key)) << key;
  EXPECT_EQ(answer["workload"], "seed");
  EXPECT_EQ(answer["batch"], 3);
  EXPECT_EQ(answer["parameters"], 20 * 20 + 20 + 20 * 2 + 2);
  // Two products forward, two for the weights' gradients, one for the hidden layer's.
  EXPECT_NEAR(answer["model_gflop_per_step"], 2e-9 * 3 * (2 * 20 * 20 + 3 * 20 * 2), 1e-15);
  const double per_second = answer["samples_per_s"], step_ms = answer["step_ms"];
  EXPECT_NEAR(per_second, 3e3 / step_ms, 1e-6 * per_second);
}

TEST_F(Bench, GivesAListForSeveral) {
  const auto answer = json({"bench", "seed", "mlp", "--seconds", "0.01", "--json"});
  ASSERT_EQ(answer["results"].size(), 2u);
  EXPECT_EQ(answer["results"][1]["workload"], "mlp");
}

TEST_F(Bench, WithoutAWorkloadTakesAll) {
  // A trace is of one: that there are more is said before any is run.
  const Outcome outcome = gradus({"bench", "--trace", "t.json"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_NE(outcome.err.find("--trace: one workload was needed, 6 were given."), std::string::npos)
      << outcome.err;
}

TEST_F(Bench, WritesATrace) {
  const std::string table = output({"bench", "seed", "--seconds", "0.01", "--trace", "trace.json"});
  EXPECT_NE(table.find("seed"), std::string::npos) << table;
  const auto trace = nlohmann::json::parse(read("trace.json"));
  ASSERT_FALSE(trace["traceEvents"].empty());
  EXPECT_TRUE(trace["traceEvents"][0].contains("dur"));
}

TEST_F(Bench, RefusesBeforeItMeasures) {
  const std::vector<std::pair<Words, std::string>> cases = {
      {{"seed", "mpl"}, "there is no workload 'mpl'; there are seed, mlp, bigmlp, cnn, resnet20, densenet40"},
      {{"seed", "--precision", "f16"},
       "bench: there is no precision 'f16'; there are f32, bf16, bf16-emulated, f64. Did you mean 'bf16'?"},
      {{"seed", "--seconds", "0"}, "--seconds: a number above 0 was needed, '0' was given."},
      {{"seed", "mlp", "--trace", "t.json"}, "--trace: one workload was needed, 2 were given."}};
  for (auto [words, message] : cases) {
    words.insert(words.begin(), "bench");
    const Outcome outcome = gradus(words);
    EXPECT_EQ(outcome.code, 2) << outcome.err;
    EXPECT_EQ(outcome.out, "");
    EXPECT_NE(outcome.err.find(message), std::string::npos) << outcome.err;
  }
}

}  // namespace
}  // namespace gradus
