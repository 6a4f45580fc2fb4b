// Networks from texts, and what they are made of.
#pragma once

#include <string>
#include <vector>

#include "gradus/nn.h"
#include "nn/layer_def.h"

namespace gradus::nn::test {

inline Network from(const std::string& text, const Shape& input, const BuildOptions& options = {}) {
  return build(parse_model(text, "m.toml"), input, options);
}

// "layers.0.weight f32[5, 6]", ...
inline std::vector<std::string> described(const std::vector<Variable>& variables) {
  std::vector<std::string> list;
  for (const Variable& variable : variables) list.push_back(variable.name() + " " + variable.type().str());
  return list;
}

// All kinds of layer, as messages list them.
inline std::string layer_kinds() {
  std::string text;
  for (const LayerDef* def : layer_defs()) text += (text.empty() ? "" : ", ") + def->kind;
  return text;
}

inline std::int64_t parameters_of(const Network& network) {
  std::int64_t count = 0;
  for (const Variable& variable : network.parameters()) count += variable.type().shape.size();
  return count;
}

}  // namespace gradus::nn::test
