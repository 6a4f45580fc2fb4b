// Settings of a training run that cannot be: from flags and from RUN.toml.
#include "cli/refusal.h"

namespace gradus {
namespace {

// A training command line that would work, with more words.
Words train(const Words& more) {
  Words words = {"train", "--data", "symmetry", "--epochs", "1", "--out", "run"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

Refusal file(const std::string& name, const std::string& toml, int code, std::vector<std::string> says) {
  return {name, {{"run.toml", toml}}, {"train", "run.toml", "--out", "run"}, code, std::move(says)};
}

const std::vector<Refusal> kRefusals = {
    {"no_data", {}, {"train", "--out", "run"}, 2, {"--data"}},
    {"epochs_and_steps", {}, train({"--steps", "5"}), 2, {"epochs", "steps"}},
    {"epochs_negative", {}, {"train", "--data", "symmetry", "--epochs", "-1"}, 2, {"--epochs", "-1"}},
    {"epochs_text", {}, {"train", "--data", "symmetry", "--epochs", "many"}, 2, {"--epochs", "many"}},
    {"epochs_fraction", {}, {"train", "--data", "symmetry", "--epochs", "1.5"}, 2, {"--epochs", "1.5"}},
    {"steps_zero", {}, {"train", "--data", "symmetry", "--steps", "0"}, 2, {"--steps", "0"}},
    {"steps_huge",
     {},
     {"train", "--data", "symmetry", "--steps", "99999999999999999999"},
     2,
     {"--steps", "'99999999999999999999'"}},
    {"batch_negative", {}, train({"--batch-size", "-3"}), 2, {"--batch-size", "-3"}},
    {"batch_zero", {}, train({"--batch-size", "0"}), 2, {"--batch-size", "0"}},
    {"lr_negative", {}, train({"--lr", "-0.1"}), 2, {"--lr", "-0.1"}},
    {"lr_text", {}, train({"--lr", "fast"}), 2, {"--lr", "fast"}},
    {"lr_nan", {}, train({"--lr", "nan"}), 2, {"--lr"}},
    {"val_split_one", {}, train({"--val-split", "1"}), 2, {"--val-split", "1"}},
    {"val_split_negative", {}, train({"--val-split", "-0.1"}), 2, {"--val-split", "-0.1"}},
    {"unknown_optimizer", {}, train({"--optimizer", "adm"}), 2, {"'adm'", "Did you mean 'adam'?"}},
    {"unknown_loss", {}, train({"--loss", "mze"}), 2, {"'mze'", "Did you mean 'mse'?"}},
    {"unknown_model", {}, train({"--model", "mpl"}), 2, {"'mpl'", "Did you mean 'mlp'?"}},
    {"unknown_schedule", {}, train({"--schedule", "cosin"}), 2, {"cosin"}},
    {"unknown_precision", {}, train({"--precision", "f16"}), 2, {"--precision", "f16"}},
    {"momentum_of_adam", {}, train({"--momentum", "0.9"}), 2, {"momentum", "adam"}},
    {"shards_no_power_of_two", {}, train({"--shards", "6"}), 2, {"--shards 6", "4 or 8"}},
    {"checkpoint_every_what", {}, train({"--checkpoint-every", "5days"}), 2, {"--checkpoint-every"}},
    {"seed_negative", {}, train({"--seed", "-1"}), 2, {"--seed", "-1"}},
    {"resume_without_out", {}, {"train", "--data", "symmetry", "--resume"}, 2, {"--resume", "--out"}},
    {"dump_unknown_pass",
     {},
     train({"--dump-graph=after:prun"}),
     2,
     {"--dump-graph", "'prun'", "Did you mean 'prune'?"}},
    {"dump_bad_word", {}, train({"--dump-graph=before"}), 2, {"--dump-graph", "after:PASS"}},

    {"file_missing", {}, {"train", "none.toml"}, 2, {"none.toml"}},
    file("file_no_toml", "data = \"symmetry\"\nepochs = = 3\n", 2, {"run.toml:2"}),
    file("file_unknown_key", "data = \"symmetry\"\nepoch = 3\n", 2,
         {"run.toml:2", "epoch", "Did you mean 'epochs'?"}),
    file("file_wrong_type", "data = \"symmetry\"\n\nepochs = \"three\"\n", 2, {"run.toml:3", "epochs"}),
    file("file_wrong_choice", "data = \"symmetry\"\nstandardize = \"maybe\"\n", 2,
         {"run.toml:2", "standardize"}),
    file("file_epochs_and_steps", "data = \"symmetry\"\nepochs = 1\nsteps = 2\n", 2,
         {"run.toml:3", "epochs", "steps"}),
    file("file_unknown_layer", "data = \"symmetry\"\nlayers = [{ dens = 2 }]\n", 4,
         {"run.toml:2", "dens", "Did you mean 'dense'?"}),
};

class BadSettings : public RefusalTest {};
TEST_P(BadSettings, AreRefusedBeforeAnythingIsMade) { check(); }
INSTANTIATE_TEST_SUITE_P(Cli, BadSettings, ::testing::ValuesIn(kRefusals), refusal_name);

}  // namespace
}  // namespace gradus
