// Help, version, models, doctor and gradcheck.
#include "cli/program.h"

namespace gradus {
namespace {

class Verbs : public Program {};

TEST_F(Verbs, VersionIsALine) { EXPECT_EQ(output({"--version"}), "gradus " GRADUS_VERSION "\n"); }

TEST_F(Verbs, HelpFitsAScreenAndHasExamples) {
  const std::string help = output({"--help"});
  EXPECT_LE(std::count(help.begin(), help.end(), '\n'), 32);
  EXPECT_NE(help.find("Examples:\n  gradus train --data fashion-mnist"), std::string::npos) << help;
  EXPECT_EQ(output({"-h"}), help);
}

TEST_F(Verbs, EveryVerbHasHelp) {
  const std::vector<Words> verbs = {{"train"},        {"lr-find"},      {"tune"},         {"average"},
                                    {"eval"},         {"report"},       {"predict"},      {"run"},
                                    {"explain"},      {"gradcheck"},    {"export"},       {"import"},
                                    {"data", "list"}, {"data", "info"}, {"data", "make"}, {"data", "show"},
                                    {"board"},        {"models"},       {"bench"},        {"doctor"}};
  for (Words words : verbs) {
    words.push_back("--help");
    const Outcome outcome = gradus(words);
    EXPECT_EQ(outcome.code, 0) << words[0] << outcome.err;
    EXPECT_NE(outcome.out.find("Usage: gradus " + words[0]), std::string::npos) << outcome.out;
    EXPECT_NE(outcome.out.find("Examples:"), std::string::npos) << outcome.out;
    EXPECT_EQ(outcome.err, "");
  }
  EXPECT_NE(output({"data", "--help"}).find("  make "), std::string::npos);
}

TEST_F(Verbs, ModelsAreListed) {
  const std::string text = output({"models"});
  EXPECT_NE(text.find("mlp "), std::string::npos) << text;
  EXPECT_GE(json({"models", "--json"})["models"].size(), 3u);
}

TEST_F(Verbs, AModelIsAModelFile) {
  const Outcome outcome = gradus({"models", "mlp", "--input", "6", "--outputs", "2"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_NE(outcome.err.find("total"), std::string::npos) << outcome.err;
  write("m.toml", outcome.out);
  const auto result = json({"train", "--data", "symmetry", "--model", "m.toml", "--epochs", "1", "--json"});
  const auto model = json({"models", "mlp", "--input", "6", "--outputs", "2", "--json"});
  EXPECT_EQ(result["parameters"], model["parameters"]);
  EXPECT_EQ(model["parameters"], 6 * 256 + 256 + 256 * 128 + 128 + 128 * 2 + 2);
  EXPECT_EQ(model["layers"].size(), 5u);
}

TEST_F(Verbs, DoctorKnowsTheMachine) {
  const auto found = json({"doctor", "--json"});
  EXPECT_EQ(found["version"], GRADUS_VERSION);
  EXPECT_GE(found["threads"], 1);
  EXPECT_EQ(found["kernels"].back()["name"], "Highway");
  EXPECT_FALSE(found["kernels"].back()["instructions"].get<std::string>().empty());
  EXPECT_TRUE(found["bf16"].is_boolean());
  EXPECT_TRUE(found["data"].contains("fashion-mnist"));
  EXPECT_NE(output({"doctor"}).find("processor"), std::string::npos);
}

TEST_F(Verbs, GradcheckOfSettings) {
  const Outcome outcome = gradus({"gradcheck", "--data", "make_moons", "--model", "seed"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("layers.0.weight"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("All gradients agree.\n"), std::string::npos) << outcome.out;
}

TEST_F(Verbs, GradcheckFailsBelowWhatDoublesCanDo) {
  const Outcome outcome =
      gradus({"gradcheck", "--data", "make_moons", "--model", "seed", "--tolerance", "1e-300"});
  EXPECT_EQ(outcome.code, 1) << outcome.err;
  EXPECT_NE(outcome.out.find("Gradients differ.\n"), std::string::npos) << outcome.out;
}

TEST_F(Verbs, AFullDiskIsToldEvenForStandardOutput) {
  const Outcome outcome = gradus({"data", "list"}, {.output_file = "/dev/full"});
  EXPECT_EQ(outcome.code, 6);
  EXPECT_NE(outcome.err.find("standard output: cannot be written"), std::string::npos) << outcome.err;
}

}  // namespace
}  // namespace gradus
