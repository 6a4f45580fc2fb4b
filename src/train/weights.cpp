// Weights in files: the network's variables by name, float32.
#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "gradus/io.h"
#include "train/model_file.h"

namespace gradus::train {

namespace {

const Tensor* find(const io::NamedTensors& tensors, const std::string& name) {
  for (const auto& [key, tensor] : tensors)
    if (key == name) return &tensor;
  return nullptr;
}

}  // namespace

void load_weights(const nn::Network& network, const std::filesystem::path& file) {
  const io::NamedTensors tensors = io::read_safetensors(file);
  const std::vector<Variable> variables = network.variables();
  for (const Variable& variable : variables) {
    const Tensor* tensor = find(tensors, variable.name());
    if (tensor == nullptr && variable.role() == Role::statistic) continue;
    require(Fault::model, tensor != nullptr, "{}: '{}' {} was needed, the file has no such tensor.",
            file.string(), variable.name(), variable.type().shape.str());
    require(Fault::model, tensor->shape() == variable.type().shape,
            "{}: '{}' must have the shape {}, the file has {}.", file.string(), variable.name(),
            variable.type().shape.str(), tensor->shape().str());
    require(Fault::model, is_float(tensor->dtype()), "{}: '{}' must hold floats, the file has {}.",
            file.string(), variable.name(), tensor->type().str());
  }
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

void save_weights(const nn::Network& network, const std::filesystem::path& file) {
  io::NamedTensors tensors;
  for (const Variable& variable : network.variables())
    tensors.emplace_back(variable.name(), variable.value().cast(DType::f32));
  io::write_safetensors(file, tensors);
}

}  // namespace gradus::train
