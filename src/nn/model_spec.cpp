// The model description: equality, checks, and the text form it is written in.
#include "nn/model_spec.h"

#include <fmt/format.h>

#include "base/check.h"
#include "nn/layer_def.h"

namespace gradus::nn {

bool operator==(const OptionSpec& a, const OptionSpec& b) { return a.name == b.name && a.value == b.value; }
bool operator==(const LayerSpec& a, const LayerSpec& b) { return a.kind == b.kind && a.options == b.options; }
bool operator==(const ModelSpec& a, const ModelSpec& b) { return a.input == b.input && a.layers == b.layers; }

void check_model(ModelSpec& spec) {
  require(!spec.layers.empty(), "{}: a model needs layers. Write layers = [\"flatten\", {{ dense = 10 }}].",
          spec.where);
  for (LayerSpec& layer : spec.layers) check_layer(layer, spec.where);
}

namespace {

std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\')
      result += '\\', result += c;
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      result += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    else
      result += c;
  }
  return result + '"';
}

std::string layer_text(const LayerSpec& spec);

struct Write {
  std::string operator()(bool flag) const { return flag ? "true" : "false"; }
  std::string operator()(std::int64_t number) const { return fmt::to_string(number); }
  std::string operator()(double number) const {
    const std::string text = fmt::to_string(number);
    return text.find_first_of(".en") == std::string::npos ? text + ".0" : text;
  }
  std::string operator()(const std::string& text) const { return quoted(text); }
  // One integer is read as the list of it.
  std::string operator()(const std::vector<std::int64_t>& list) const {
    if (list.size() == 1) return fmt::to_string(list[0]);
    return fmt::format("[{}]", fmt::join(list, ", "));
  }
  std::string operator()(const std::vector<LayerSpec>& list) const {
    std::vector<std::string> parts;
    for (const LayerSpec& layer : list) parts.push_back(layer_text(layer));
    return fmt::format("[{}]", fmt::join(parts, ", "));
  }
};

std::string layer_text(const LayerSpec& spec) {
  if (spec.options.empty()) return quoted(spec.kind);
  for (const LayerDef* def : layer_defs()) {
    const bool bare = def->kind == spec.kind && spec.options.size() == 1 && spec.options[0].name == def->main;
    if (bare) return fmt::format("{{ {} = {} }}", spec.kind, std::visit(Write(), spec.options[0].value));
  }
  std::vector<std::string> parts;
  for (const OptionSpec& option : spec.options)
    parts.push_back(fmt::format("{} = {}", option.name, std::visit(Write(), option.value)));
  return fmt::format("{{ {} = {{ {} }} }}", spec.kind, fmt::join(parts, ", "));
}

}  // namespace

std::string to_toml(const ModelSpec& spec) {
  std::string text;
  if (spec.input) text += fmt::format("input = {}\n", spec.input->str());
  text += "layers = [\n";
  for (const LayerSpec& layer : spec.layers) text += fmt::format("  {},\n", layer_text(layer));
  return text + "]\n";
}

}  // namespace gradus::nn
