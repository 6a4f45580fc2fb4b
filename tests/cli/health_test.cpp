// gradus explain --health, and what training says of a run's health.
#include "cli/program.h"

namespace gradus {
namespace {

class HealthView : public Program {};

TEST_F(HealthView, TellsWhatIsWrongWhileItTrainsAndAfterwards) {
  write("twice.toml", "layers = [{ dense = 4 }, \"relu\", { dense = 2 }, \"softmax\"]");
  const Words words = {"train", "--data", "make_moons",   "--model", "twice.toml",     "--epochs", "30",
                       "--out", "run",    "--batch-size", "50",      "--health-every", "20"};
  const Outcome trained = gradus(words);
  ASSERT_EQ(trained.code, 0) << trained.err;
  const std::string finding = "softmax is taken twice: by the last layer, and by softmax_cross_entropy.";
  EXPECT_NE(
      trained.err.find("health    layers.3 (softmax): " + finding + " Remedy: leave the last softmax out.\n"),
      std::string::npos)
      << trained.err;
  const std::string text = output({"explain", "run", "--health"});
  EXPECT_EQ(text.rfind("Trained on ", 0), 0U) << text;
  const std::size_t from = text.find("\nIt came to its end after step 60.\n\n");
  ASSERT_NE(from, std::string::npos) << text;
  const std::string rest = text.substr(text.find("\n\n", from) + 2);
  EXPECT_EQ(rest.substr(0, rest.find("\n\n")), "wrong_loss, before the first step: layers.3 (softmax)\n  " +
                                                   finding + "\n  Remedy: leave the last softmax out.");
  for (const char* part : {"\n3 looks, from step 0 to step 40\n", "\nGradient norm, dL/dy\n",
                           "\nDead units: 0 for the whole batch\n  layer            first",
                           "\n  layers.2.weight  ", "\nUpdate-to-weight ratio (1e-3 is usual)\n"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  EXPECT_EQ(text.find("Saturated"), std::string::npos) << "the network has no such layer";

  const auto found = json({"explain", "run", "--health", "--json"});
  EXPECT_EQ(found["findings"][0]["rule"], "wrong_loss");
  EXPECT_EQ(found["environment"]["precision"], "f32");
  EXPECT_EQ(found["end"], (nlohmann::json{{"cause", "finished"}, {"step", 60}, {"what", ""}}));
  ASSERT_EQ(found["looks"].size(), 3U);
  EXPECT_EQ(found["looks"][2]["step"], 40);
  EXPECT_EQ(found["looks"][0]["layers"].size(), 4U);
  EXPECT_EQ(found["looks"][0]["layers"][1]["kind"], "relu");
  EXPECT_TRUE(found["looks"][0]["layers"][1]["dead"].is_number());
  EXPECT_TRUE(found["looks"][0]["layers"][0]["dead"].is_null());
  EXPECT_EQ(found["looks"][0]["parameters"][0]["name"], "layers.0.weight");
}

TEST_F(HealthView, OfARunThatDoesNotLook) {
  output({"train", "--data", "make_moons", "--model", "linear", "--epochs", "1", "--out", "run",
          "--health-every", "0"});
  const std::string text = output({"explain", "run", "--health"});
  EXPECT_EQ(
      text.substr(text.find('\n')),
      "\nIt came to its end after step 1.\n\nNothing was found wrong.\n\nThe network was not looked at.\n");
}

TEST_F(HealthView, SaysWhatEndedARun) {
  const Words words = {"train", "--data",  "make_moons",   "--model", "mlp",  "--epochs",
                       "9",     "--out",   "run",          "--lr",    "1e30", "--optimizer",
                       "sgd",   "--quiet", "--batch-size", "full"};
  EXPECT_EQ(gradus(words).code, 5);
  const std::string text = output({"explain", "run", "--health"});
  EXPECT_NE(text.find("\nIt diverged at step 2: the first NaN or infinity came from "), std::string::npos)
      << text;
  EXPECT_EQ(json({"explain", "run", "--health", "--json"})["end"]["cause"], "diverged");
  EXPECT_NE(read("run/report.html").find("It diverged at step 2: the first NaN"), std::string::npos);
}

TEST_F(HealthView, RefusesWhatItCannotShow) {
  write("d/a", "");
  const std::vector<std::pair<Words, std::string>> all = {
      {{"explain", "--health"}, "--health: a run folder was needed. Name one, as in runs/moons."},
      {{"explain", "d", "--health", "--row", "1"},
       "--health: it shows a run's history, the other views one step. Leave them out."},
      {{"explain", "d", "--health"}, "d: a run's folder was needed, it has no run.toml."},
      {{"explain", "d", "--health", "--lr", "1"},
       "--lr: a run folder has its own settings; leave the flag out."}};
  for (const auto& [words, message] : all) {
    const Outcome outcome = gradus(words);
    EXPECT_NE(outcome.code, 0);
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(outcome.err.substr(0, outcome.err.find('\n')), "gradus: error: " + message);
  }
}

}  // namespace
}  // namespace gradus
