// Weights in files: the network's variables by name, float32.
#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "gradus/io.h"
#include "train/entries.h"
#include "train/model_file.h"

namespace gradus::train {

namespace {

const Tensor* find(const io::NamedTensors& tensors, const std::string& name) {
  for (const auto& [key, tensor] : tensors)
    if (key == name) return &tensor;
  return nullptr;
}

void require_floats(const Tensor& tensor, const Variable& variable, const std::filesystem::path& file) {
  require(Fault::model, is_float(tensor.dtype()), "{}: '{}' must hold floats, the file has {}.",
          file.string(), variable.name(), tensor.type().str());
}

// The file's tensor for a variable; none for a running statistic it does not have.
const Tensor* find_fitting(const io::NamedTensors& tensors, const Variable& variable,
                           const std::filesystem::path& file) {
  const Tensor* tensor = find(tensors, variable.name());
  if (tensor == nullptr && variable.role() == Role::statistic) return nullptr;
  require(Fault::model, tensor != nullptr, "{}: '{}' {} was needed, the file has no such tensor.",
          file.string(), variable.name(), variable.type().shape.str());
  require(Fault::model, tensor->shape() == variable.type().shape,
          "{}: '{}' must have the shape {}, the file has {}.", file.string(), variable.name(),
          variable.type().shape.str(), tensor->shape().str());
  require_floats(*tensor, variable, file);
  return tensor;
}

// Of "layers.12.0.weight": 12.
std::size_t entry_of(const Variable& variable) {
  return static_cast<std::size_t>(std::stoll(variable.name().substr(std::string_view("layers.").size())));
}

}  // namespace

void load_weights(const nn::Network& network, const std::filesystem::path& file) {
  const io::NamedTensors tensors = io::read_safetensors(file);
  const std::vector<Variable> variables = network.variables();
  for (const Variable& variable : variables) find_fitting(tensors, variable, file);
  for (const auto& [name, tensor] : tensors) {
    const bool known = std::any_of(variables.begin(), variables.end(),
                                   [&name = name](const Variable& v) { return v.name() == name; });
    require(Fault::model, known, "{}: the file has '{}' {}, the model has no such variable.", file.string(),
            name, tensor.shape().str());
  }
  // Set only when all is well: a refused file changes nothing.
  for (const Variable& variable : variables) {
    if (const Tensor* tensor = find(tensors, variable.name()))
      variable.set(tensor->cast(variable.type().dtype));
  }
}

std::vector<std::string> load_some_weights(const nn::Network& network, const std::filesystem::path& file,
                                           const std::string& which) {
  const io::NamedTensors tensors = io::read_safetensors(file);
  const bool fitting = which == "fitting";
  std::vector<bool> chosen;
  if (!fitting)
    chosen = parse_entries(which, static_cast<std::int64_t>(network.spec.layers.size()), "--init-layers");
  std::vector<std::pair<Variable, const Tensor*>> found;
  for (const Variable& variable : network.variables()) {
    if (!fitting && !chosen[entry_of(variable)]) continue;
    const Tensor* tensor = fitting ? find(tensors, variable.name()) : find_fitting(tensors, variable, file);
    if (tensor == nullptr || !(tensor->shape() == variable.type().shape)) continue;
    require_floats(*tensor, variable, file);
    found.emplace_back(variable, tensor);
  }
  require(Fault::model, !found.empty(), "{}: no tensor of it fits the model{}.", file.string(),
          fitting ? "" : "'s layers " + which);
  std::vector<std::string> names;
  for (const auto& [variable, tensor] : found) {
    variable.set(tensor->cast(variable.type().dtype));
    names.push_back(variable.name());
  }
  return names;
}

std::optional<std::string> load_initial_weights(const nn::Network& network, const RunConfig& c) {
  if (c.init_layers == "all") {
    load_weights(network, c.init_from);
    return std::nullopt;
  }
  const std::vector<std::string> taken = load_some_weights(network, c.init_from, c.init_layers);
  std::vector<std::string> fresh;
  for (const Variable& parameter : network.parameters())
    if (std::find(taken.begin(), taken.end(), parameter.name()) == taken.end())
      fresh.push_back(parameter.name());
  return fmt::format("weights taken from {}: {}; new: {}", c.init_from, fmt::join(taken, ", "),
                     fresh.empty() ? "none" : fmt::format("{}", fmt::join(fresh, ", ")));
}

void save_weights(const nn::Network& network, const std::filesystem::path& file) {
  io::NamedTensors tensors;
  for (const Variable& variable : network.variables())
    tensors.emplace_back(variable.name(), variable.value().cast(DType::f32));
  io::write_safetensors(file, tensors);
}

}  // namespace gradus::train
