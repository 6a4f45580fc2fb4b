#include "layer_reference.h"

#include <fmt/format.h>

#include "gradus/nn.h"
#include "nn/layer_def.h"

namespace gradus {

namespace {

using nn::OptionDef;

std::string_view name(OptionDef::Type type) {
  switch (type) {
    case OptionDef::Type::flag:
      return "true or false";
    case OptionDef::Type::integer:
      return "integer";
    case OptionDef::Type::number:
      return "number";
    case OptionDef::Type::text:
      return "text";
    case OptionDef::Type::integers:
      return "integer or list";
    case OptionDef::Type::layers:
      return "layers";
    case OptionDef::Type::padding:
      return "\"same\", \"valid\", integer or list";
  }
  return "?";
}

std::string shown(const nn::OptionValue& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return fmt::to_string(*integer);
  if (const auto* number = std::get_if<double>(&value)) return fmt::format("{:g}", *number);
  if (const auto* text = std::get_if<std::string>(&value)) return fmt::format("\"{}\"", *text);
  if (const auto* list = std::get_if<std::vector<std::int64_t>>(&value))
    return list->size() == 1 ? fmt::to_string(list->front()) : fmt::format("[{}]", fmt::join(*list, ", "));
  return "";
}

std::string row(const OptionDef& option) {
  const std::string preset = option.preset ? shown(*option.preset) : option.optional ? "" : "must be given";
  return fmt::format("| `{}` | {} | {} | {} |\n", option.name, name(option.type), preset, option.doc);
}

constexpr std::string_view kHeader =
    "\n| option | takes | default | what it does |\n| --- | --- | --- | --- |\n";

}  // namespace

std::string layer_reference() {
  std::string text =
      "# Layers\n\nEvery kind of layer a model file knows, from its own description. An entry is the kind "
      "alone, "
      "`\"relu\"`; a\nkind with a value for its main option, `{ dense = 10 }`; or a kind with options, "
      "`{ dense = { units = 10, bias =\nfalse } }`. Formulas and shapes are in include/gradus/nn.h. This "
      "page is "
      "written by `write_layer_reference`.\n\nEvery entry takes\n";
  text += kHeader;
  for (const OptionDef& option : nn::common_options()) text += row(option);
  for (const nn::LayerDef* layer : nn::layer_defs()) {
    text += fmt::format("\n## {}\n\n{}\n", layer->kind, layer->doc);
    if (!layer->main.empty()) text += fmt::format("\nMain option: `{}`.\n", layer->main);
    if (layer->options.empty()) continue;
    text += kHeader;
    for (const OptionDef& option : layer->options) text += row(option);
  }
  text += "\n## Initializers\n\n";
  for (const std::string& initializer : nn::Initializer::names())
    text += fmt::format("- `{}`\n", initializer);
  return text;
}

}  // namespace gradus
