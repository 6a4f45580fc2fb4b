// Every rule on a run built to have its fault, and all rules silent on healthy runs.
#include "train/health/rules.h"

#include <gtest/gtest.h>

#include "gradus/ops.h"
#include "support/temporary_folder.h"
#include "train/health/health_runs.h"

namespace gradus::train {
namespace {

std::string deep(const std::string& layer, const std::string& activation, int times) {
  std::string layers;
  for (int i = 0; i < times; ++i) layers += "{ dense = " + layer + " }, \"" + activation + "\", ";
  return layers + "{ dense = 2 }";
}

struct Faulty {
  std::string rule;
  RunConfig config;
};

std::vector<Faulty> faulty_runs(const std::filesystem::path& folder) {
  const std::string moons = "make_moons:n_samples=256,noise=0.1";
  const auto in_order = [](std::int64_t row, const Tensor& x) { return sign_of_first(row, x); };
  const auto by_chance = [](std::int64_t row, const Tensor&) {
    return RandomSequence(3, 9).normal(static_cast<std::uint64_t>(row)) > 0 ? 1 : 0;
  };
  const std::string large = write_table(folder / "large.npz", 256, 100, in_order);
  const std::string chance = write_table(folder / "chance.npz", 256, 1, by_chance);
  return {
      {"vanishing_gradients", watched({{"data", moons}}, deep("16", "sigmoid", 8))},
      {"vanishing_gradients",
       watched({{"data", moons}, {"optimizer", "sgd"}, {"lr", "0.1"}}, deep("16", "sigmoid", 8))},
      {"exploding_gradients",
       watched({{"data", moons}}, deep("{ units = 32, init = \"normal:mean=0,std=2\" }", "relu", 8))},
      {"no_gradient", watched({{"data", moons}}, deep("{ units = 16, init = \"zeros\" }", "relu", 2))},
      {"dying_units", watched({{"data", moons}, {"optimizer", "sgd"}, {"lr", "6"}}, deep("32", "relu", 2))},
      {"dying_units", watched({{"data", moons}, {"lr", "0.5"}}, deep("32", "relu", 2))},
      {"saturation", watched({{"data", large}}, deep("16", "tanh", 1))},
      {"saturation",
       watched({{"data", moons}}, deep("{ units = 16, init = \"normal:mean=0,std=30\" }", "sigmoid", 1))},
      {"high_learning_rate", watched({{"data", moons}, {"lr", "3"}}, deep("16", "tanh", 1))},
      {"high_learning_rate",
       watched({{"data", moons}, {"optimizer", "sgd"}, {"lr", "30"}}, deep("16", "tanh", 2))},
      {"low_learning_rate", watched({{"data", moons}, {"lr", "1e-6"}}, deep("16", "tanh", 1))},
      {"low_learning_rate",
       watched({{"data", moons}, {"optimizer", "sgd"}, {"lr", "1e-5"}}, deep("16", "relu", 2))},
      {"overfitting", watched({{"data", "make_classification:n_samples=120,flip_y=0.3"},
                               {"val_split", "0.5"},
                               {"batch_size", "20"},
                               {"epochs", "60"},
                               {"lr", "0.01"},
                               {"patience", "60"}},
                              deep("64", "relu", 1))},
      {"unrelated_labels",
       watched({{"data", chance}, {"val_split", "0.3"}, {"epochs", "100"}, {"patience", "100"}},
               deep("16", "relu", 1))},
      {"unrelated_labels",
       watched({{"data", chance}, {"batch_size", "32"}, {"epochs", "30"}}, "{ dense = 2 }")},
      {"unscaled_inputs", watched({{"data", large}}, deep("16", "relu", 1))},
      {"wrong_loss", watched({{"data", moons}}, "{ dense = 2 }, \"softmax\"")},
      {"wrong_loss", watched({{"data", moons}}, "{ dense = 2 }, \"sigmoid\"")},
      {"wrong_loss", watched({{"data", moons}}, "{ dense = 2 }, \"relu\"")},
      {"wrong_loss",
       watched({{"data", moons}, {"loss", "sigmoid_cross_entropy"}}, "{ dense = 2 }, \"sigmoid\"")},
      {"wrong_loss", watched({{"data", "make_regression"}, {"lr", "1e-3"}}, "{ dense = 1 }, \"relu\"")},
      {"not_finite",
       watched({{"data", "make_regression"}, {"optimizer", "sgd"}, {"lr", "100"}}, "{ dense = 1 }")},
  };
}

TEST(HealthRules, FindTheFaultsOfRunsBuiltToHaveThem) {
  const TemporaryFolder folder;
  for (const Faulty& faulty : faulty_runs(folder.path())) {
    const auto rules = rules_of(faulty.config);
    EXPECT_TRUE(rules.contains(faulty.rule))
        << faulty.rule << " in " << ::testing::PrintToString(rules) << "\n"
        << to_toml(faulty.config);
  }
}

// A layer that passes values on and gradients not.
struct Cut : nn::Activation {
  Cut() : Activation("cut", [](const Value& x) { return stop_gradient(x); }) {}
};

TEST(HealthRules, SeeParametersThatTheLossDoesNotReach) {
  Prepared run = prepare(watched({{"data", "make_moons:n_samples=64"}}, "{ dense = 2 }"));
  EXPECT_FALSE(health::unreachable_parameters(run));
  run.config.l2 = 0.1;  // a penalty reaches every weight
  run.model.network.layers =
      nn::Sequential(nn::Dense({.in = 2, .out = 4}), Cut(), nn::Dense({.in = 4, .out = 2}));
  const auto found = health::unreachable_parameters(run);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->rule, "no_gradient");
  EXPECT_EQ(found->place, "layers.0.weight, layers.0.bias");
}

TEST(HealthRules, SeeClassesThatOnlyTheTestPartHas) {
  const TemporaryFolder folder;
  Tensor y(DType::i64, {20}), y_test(DType::i64, {10});
  for (std::int64_t i = 0; i < 20; ++i) y.set(i, static_cast<double>(i / 10));
  for (std::int64_t i = 0; i < 10; ++i) y_test.set(i, i < 4 ? 1 : 2);
  const auto file = folder / "sorted.npz";
  io::write_npz(file, {{"x_train", random_numbers({20, 3}, 1, 1)},
                       {"y_train", y},
                       {"x_test", random_numbers({10, 3}, 1, 2)},
                       {"y_test", y_test}});
  RunConfig config = watched({{"data", "npz:" + file.string()}, {"steps", "1"}}, "{ dense = 3 }");
  const std::vector<Finding> found = findings_of(config);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].rule, "unshuffled_labels");
  EXPECT_EQ(found[0].evidence, "6 of 10 test examples are of classes that no training example has (2)");
}

std::vector<RunConfig> healthy_runs(const std::filesystem::path& folder) {
  const std::string bars = write_bars(folder / "bars.npz", 128);
  const std::string conv = "{ conv2d = { filters = 8, kernel = 3, padding = \"same\" } }";
  return {
      watched({{"data", "make_moons:n_samples=256,noise=0.1"}, {"val_split", "0.25"}, {"epochs", "50"}}),
      watched({{"data", "make_moons"}, {"model", "mlp"}, {"val_split", "0.2"}}),  // 20 examples tell little
      watched({{"data", "make_classification:n_samples=512,n_features=20,n_informative=8,n_classes=4"}},
              "{ dense = 64 }, \"relu\", { dropout = 0.3 }, { dense = 4 }"),
      watched({{"data", "make_regression:n_samples=256,n_features=5"},
               {"optimizer", "sgd"},
               {"lr", "0.05"},
               {"momentum", "0"}},
              "{ dense = 1 }"),
      watched({{"data", "make_regression:n_samples=256,n_features=5"},
               {"val_split", "0.2"},
               {"epochs", "100"},
               {"lr", "0.01"}},
              "{ dense = 32 }, \"relu\", { dense = 1 }"),
      watched({{"data", bars}, {"batch_size", "32"}},
              conv + ", \"relu\", { max_pool2d = 2 }, \"flatten\", { dense = 16 }, \"relu\", { dense = 2 }"),
      watched({{"data", bars},
               {"batch_size", "32"},
               {"optimizer", "sgd"},
               {"lr", "0.1"},
               {"momentum", "0.9"},
               {"weight_decay", "1e-4"}},
              conv + ", \"batch_norm\", \"relu\", { residual = [" + conv + ", \"batch_norm\", \"relu\", " +
                  conv + ", \"batch_norm\"] }, \"relu\", \"global_avg_pool2d\", { dense = 2 }"),
      watched({{"data", bars}, {"batch_size", "32"}},
              conv + ", { dense_block = { layers = 3, growth = 4 } }, \"batch_norm\", \"relu\", "
                     "\"global_avg_pool2d\", { dense = 2 }"),
      watched({{"data", "make_moons:n_samples=200"},
               {"model", "seed"},
               {"batch_size", "3"},
               {"optimizer", "sgd"},
               {"lr", "0.1"},
               {"l2", "0.01"},
               {"epochs", "6"}}),
      watched({{"data", "make_blobs:n_samples=300,centers=3"},
               {"optimizer", "adamw"},
               {"weight_decay", "0.01"},
               {"schedule", "one_cycle"},
               {"lr", "0.01"}},
              "{ dense = 32 }, \"tanh\", { dense = 3 }"),
      watched({{"data", "make_circles:n_samples=256,noise=0.05,factor=0.5"},
               {"loss", "sigmoid_cross_entropy"},
               {"optimizer", "rmsprop"},
               {"accumulate", "2"},
               {"batch_size", "50"}},
              "{ dense = 32 }, \"gelu\", { dense = 32 }, \"gelu\", { dense = 1 }"),
      watched({{"data", "spirals:n_samples=300"}, {"lr", "0.01"}, {"steps", "600"}, {"clip_norm", "1"}},
              "{ dense = 64 }, \"tanh\", { dense = 64 }, \"tanh\", { dense = 2 }"),
      watched({{"data", "symmetry"},
               {"optimizer", "sgd"},
               {"lr", "0.5"},
               {"momentum", "0.9"},
               {"batch_size", "full"},
               {"steps", "1000"}},
              "{ dense = 8 }, \"sigmoid\", { dense = 2 }"),
  };
}

TEST(HealthRules, AreSilentOnHealthyRuns) {
  const TemporaryFolder folder;
  for (const RunConfig& config : healthy_runs(folder.path())) {
    std::string told;
    for (const Finding& finding : findings_of(config)) told += finding.rule + ": " + finding.str() + "\n";
    EXPECT_EQ(told, "") << to_toml(config);
  }
}

}  // namespace
}  // namespace gradus::train
