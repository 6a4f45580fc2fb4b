#include "train/model_file.h"

#include <gtest/gtest.h>

#include "gradus/io.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "train/runs.h"

namespace gradus::train {
namespace {

Model sample() {
  Model model;
  model.network = nn::build(small_mlp("relu", 3), Shape{3}, {.seed = 4});
  model.loss = "softmax_cross_entropy";
  model.classes = 3;
  model.labels.values = {"-1", "a,\"b\"", "z"};
  model.class_names = {"-1", "a,\"b\"", "z"};
  model.standardizer = data::Standardizer{{0.1, -2.5, 1e-30}, {1, 3.25, 1e10}};
  data::CsvSchema csv;
  csv.file_columns = {"colour", "size", "label"};
  data::CsvColumn colour, size;
  colour.name = "colour";
  colour.category = true;
  colour.categories = {"blue", "red"};
  colour.fill_text = "red";
  size.name = "size";
  size.fill = 0.5;
  csv.columns = {colour, size};
  csv.targets = {"label"};
  csv.missing = data::Missing::median;
  csv.classes = 3;
  csv.labels = model.labels;
  model.csv = csv;
  return model;
}

TEST(ModelFile, KeepsAllThatPredictionsNeed) {
  const TemporaryFolder folder;
  const Model model = sample();
  save_model(folder.path(), model);
  const Model back = load_model(folder.path());
  EXPECT_EQ(back.network.spec.layers, model.network.spec.layers);
  EXPECT_EQ(back.network.input, model.network.input);
  EXPECT_EQ(back.loss, model.loss);
  EXPECT_EQ(back.classes, 3);
  EXPECT_EQ(back.labels, model.labels);
  EXPECT_EQ(back.class_names, model.class_names);
  EXPECT_EQ(back.standardizer, model.standardizer);
  EXPECT_EQ(back.csv, model.csv);
  const std::vector<Variable> a = model.network.variables(), b = back.network.variables();
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_TRUE(a[i].value().same_bits(b[i].value()));
  EXPECT_EQ(model_toml(back), model_toml(model));
}

TEST(ModelFile, HoldsFloat32TensorsNamedByPlaceOnly) {
  const TemporaryFolder folder;
  Model model = sample();
  model.network = nn::build(small_mlp("relu", 3), Shape{3}, {.dtype = DType::f64});
  save_model(folder.path(), model);
  const io::NamedTensors tensors = io::read_safetensors(folder / "model.safetensors");
  std::vector<std::string> names;
  for (const auto& [name, tensor] : tensors) {
    names.push_back(name + " " + tensor.type().str());
  }
  EXPECT_EQ(names, (std::vector<std::string>{"layers.0.weight f32[16, 3]", "layers.0.bias f32[16]",
                                             "layers.2.weight f32[3, 16]", "layers.2.bias f32[3]"}));
}

TEST(ModelFile, RefusesMissingFiles) {
  const TemporaryFolder folder;
  expect_error([&] { load_model(folder.path()); }, Fault::model,
               (folder / "model.toml").string() + ": cannot be read: No such file or directory.");
  save_model(folder.path(), sample());
  std::filesystem::remove(folder / "model.safetensors");
  expect_error([&] { load_model(folder.path()); }, Fault::model,
               (folder / "model.safetensors").string() + ": cannot be read: No such file or directory.");
}

TEST(ModelFile, RefusesWhatItDoesNotKnow) {
  const std::string head = "input = [2]\nlayers = [{ dense = 2 }]\n";
  const std::pair<const char*, const char*> refusals[] = {
      {"[task]\nlos = 'mse'\n", "m.toml:4:7: there is no key 'los'. Did you mean 'loss'?"},
      {"[task]\nkind = 'colours'\n", "m.toml: kind 'colours' is not known."},
      {"[task]\nlabels = 3\n", "m.toml:4:10: labels must be a list of texts."},
      {"[task]\nprecision = 'bf16'\n", "m.toml: precision must be f32 or f64, got 'bf16'."},
      {"[standardizer]\nmean = [1.0]\nstd = [1.0]\n",
       "m.toml: the standardizer needs 2 means and deviations, it has 1 and 1."},
      {"[normalizer]\nmean = [1.0]\nstd = [1.0]\n",
       "m.toml: the normalizer needs 2 means and deviations, it has 1 and 1."},
      {"[standardizer]\nmean = [1.0, nan]\nstd = [1.0, 1.0]\n", "m.toml: mean must hold finite numbers."},
  };
  for (const auto& [tail, message] : refusals) {
    expect_error([&, t = tail] { parse_model_toml(head + t, "m.toml"); }, Fault::model, message);
  }
  expect_error([&] { parse_model_toml("layers = [{ dense = 2 }]\n", "m.toml"); }, Fault::model,
               "m.toml: the model's input was needed, as in input = [1, 28, 28].");
}

}  // namespace
}  // namespace gradus::train
