// model.toml written, and the folder's two files together.
#include "train/model_file.h"

#include <fmt/format.h>

#include "base/file.h"
#include "train/config.h"
#include "train/names.h"

namespace gradus::train {

namespace {

namespace fs = std::filesystem;

std::string list(const std::vector<std::string>& texts) {
  std::vector<std::string> quoted;
  for (const std::string& text : texts) quoted.push_back(toml_quoted(text));
  return fmt::format("[{}]", fmt::join(quoted, ", "));
}

std::string list(const std::vector<double>& numbers) {
  std::vector<std::string> texts;
  for (const double number : numbers) texts.push_back(toml_text(number));
  return fmt::format("[{}]", fmt::join(texts, ", "));
}

void add_list(std::string& text, const char* key, const std::vector<std::string>& texts) {
  if (!texts.empty()) text += fmt::format("{} = {}\n", key, list(texts));
}

std::string scaling_text(const char* table, const std::vector<double>& mean, const std::vector<double>& std) {
  return fmt::format("\n[{}]\nmean = {}\nstd = {}\n", table, list(mean), list(std));
}

std::string csv_text(const data::CsvSchema& csv) {
  std::string text = "\n[csv]\n";
  add_list(text, "file_columns", csv.file_columns);
  add_list(text, "targets", csv.targets);
  if (!csv.weight.empty()) text += fmt::format("weight = {}\n", toml_quoted(csv.weight));
  text += fmt::format("header = {}\nmissing = \"{}\"\n", csv.header, print(csv.missing));
  for (const data::CsvColumn& column : csv.columns) {
    text += fmt::format("\n[[csv.columns]]\nname = {}\n", toml_quoted(column.name));
    if (column.category) text += fmt::format("categories = {}\n", list(column.categories));
    if (column.fill) text += fmt::format("fill = {}\n", toml_text(*column.fill));
    if (column.fill_text) text += fmt::format("fill_text = {}\n", toml_quoted(*column.fill_text));
  }
  return text;
}

}  // namespace

std::string model_toml(const Model& model) {
  nn::ModelSpec spec = model.network.spec;
  spec.input = model.network.input;
  std::string text = nn::to_toml(spec);
  if (model.standardizer) text += scaling_toml(*model.standardizer);
  if (model.normalizer) text += scaling_toml(*model.normalizer);
  return text + purpose_toml(model);
}

std::string scaling_toml(const data::Standardizer& scaling) {
  return scaling_text("standardizer", scaling.mean, scaling.std);
}

std::string scaling_toml(const data::Normalizer& scaling) {
  return scaling_text("normalizer", scaling.mean, scaling.std);
}

std::string purpose_toml(const Model& model) {
  std::string text = fmt::format("\n[task]\nkind = \"{}\"\nloss = \"{}\"\nprecision = \"{}\"\nclasses = {}\n",
                                 print(model.kind), model.loss, model.precision, model.classes);
  add_list(text, "labels", model.labels.values);
  add_list(text, "class_names", model.class_names);
  add_list(text, "target_names", model.target_names);
  if (model.csv) text += csv_text(*model.csv);
  return text;
}

void save_model(const fs::path& dir, const Model& model) {
  write_file(dir / "model.toml", model_toml(model));
  save_weights(model.network, dir / "model.safetensors");
}

Model load_model(const fs::path& dir) {
  const fs::path file = dir / "model.toml";
  const std::vector<std::byte> bytes = read_file(file, Fault::model);
  Model model = parse_model_toml({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, file.string());
  load_weights(model.network, dir / "model.safetensors");
  return model;
}

}  // namespace gradus::train
