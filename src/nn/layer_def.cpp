// The table of layer kinds and the checks every entry of a model file goes through.
#include "nn/layer_def.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "base/suggest.h"
#include "nn/images.h"

namespace gradus::nn {

#define GRADUS_LAYER(kind) extern const LayerDef kind##_layer;
#include "nn/layers/list.def"
#undef GRADUS_LAYER

const std::vector<const LayerDef*>& layer_defs() {
  static const std::vector<const LayerDef*> defs = {
#define GRADUS_LAYER(kind) &kind##_layer,
#include "nn/layers/list.def"
#undef GRADUS_LAYER
  };
  return defs;
}

const std::vector<OptionDef>& common_options() {
  static const std::vector<OptionDef> options = {{.name = "freeze",
                                                  .type = OptionDef::Type::flag,
                                                  .doc = "true: the optimizer leaves the layer alone",
                                                  .preset = false},
                                                 {.name = "lr",
                                                  .type = OptionDef::Type::number,
                                                  .doc = "multiplies the learning rate of the layer",
                                                  .preset = 1.0,
                                                  .low = 0}};
  return options;
}

OptionDef bias_option() {
  return {.name = "bias", .type = OptionDef::Type::flag, .doc = "whether a bias is added", .preset = true};
}

OptionDef init_option() {
  return {.name = "init",
          .type = OptionDef::Type::text,
          .doc =
              "initializer of the weight; by default he_uniform before relu and its kin, else "
              "glorot_uniform",
          .optional = true,
          .check = [](const std::string& text) { Initializer::parse(text); }};
}

const OptionValue* LayerOptions::find(std::string_view name) const {
  for (const OptionSpec& option : spec_.options)
    if (option.name == name) return &option.value;
  for (const OptionDef& def : defs_)
    if (def.name == name && def.preset) return &*def.preset;
  return nullptr;
}

std::vector<std::int64_t> LayerOptions::extents(std::string_view name, std::size_t count) const {
  return per_axis(integers(name), count, std::numeric_limits<std::int64_t>::min(), name);
}

std::optional<Initializer> LayerOptions::init() const {
  if (!has("init")) return {};
  return Initializer::parse(text("init"));
}

std::string at(const std::string& where, const Place& place) {
  return place.line == 0 ? where : fmt::format("{}:{}:{}", where, place.line, place.column);
}

namespace {

using Type = OptionDef::Type;

std::string_view needed(Type type) {
  switch (type) {
    case Type::flag:
      return "true or false";
    case Type::integer:
      return "an integer";
    case Type::number:
      return "a number";
    case Type::text:
      return "a string";
    case Type::integers:
      return "a list of integers";
    case Type::layers:
      return "a list of layers";
    case Type::padding:
      return "\"valid\", \"same\" or integers";
  }
  return "";
}

std::string given(const OptionValue& value) {
  struct Describe {
    std::string operator()(bool flag) const { return flag ? "true" : "false"; }
    std::string operator()(std::int64_t number) const { return fmt::format("the integer {}", number); }
    std::string operator()(double number) const { return fmt::format("the number {}", number); }
    std::string operator()(const std::string& text) const { return fmt::format("the string \"{}\"", text); }
    std::string operator()(const std::vector<std::int64_t>&) const { return "a list of integers"; }
    std::string operator()(const std::vector<LayerSpec>&) const { return "a list of layers"; }
  };
  return std::visit(Describe(), value);
}

// What TOML cannot tell apart: 1 may be a number, [] may be a list of layers, 3 may be the list [3].
OptionValue converted(const OptionValue& value, Type type) {
  const auto* integer = std::get_if<std::int64_t>(&value);
  if (integer && type == Type::number) return static_cast<double>(*integer);
  if (integer && (type == Type::integers || type == Type::padding))
    return std::vector<std::int64_t>{*integer};
  const auto* list = std::get_if<std::vector<std::int64_t>>(&value);
  if (list && list->empty() && type == Type::layers) return std::vector<LayerSpec>();
  return value;
}

bool has_type(const OptionValue& value, Type type) {
  switch (type) {
    case Type::flag:
      return std::holds_alternative<bool>(value);
    case Type::integer:
      return std::holds_alternative<std::int64_t>(value);
    case Type::number:
      return std::holds_alternative<double>(value);
    case Type::text:
      return std::holds_alternative<std::string>(value);
    case Type::integers:
      return std::holds_alternative<std::vector<std::int64_t>>(value);
    case Type::layers:
      return std::holds_alternative<std::vector<LayerSpec>>(value);
    case Type::padding: {
      const auto* text = std::get_if<std::string>(&value);
      return text ? *text == "valid" || *text == "same"
                  : std::holds_alternative<std::vector<std::int64_t>>(value);
    }
  }
  return false;
}

void check_range(double number, const OptionDef& def, const std::string& where) {
  require(std::isfinite(number), "{}: {} must be finite, got {}.", where, def.name, number);
  require(number >= def.low, "{}: {} must be at least {}, got {}.", where, def.name, def.low, number);
  require(number <= def.high, "{}: {} must be at most {}, got {}.", where, def.name, def.high, number);
}

void check_option(OptionSpec& option, const OptionDef& def, const std::string& kind,
                  const std::string& file) {
  const std::string where = fmt::format("{}: {}", at(file, option.place), kind);
  option.value = converted(option.value, def.type);
  require(has_type(option.value, def.type), "{}: {} must be {}, got {}.", where, def.name, needed(def.type),
          given(option.value));
  if (const auto* integer = std::get_if<std::int64_t>(&option.value))
    check_range(static_cast<double>(*integer), def, where);
  if (const auto* number = std::get_if<double>(&option.value)) check_range(*number, def, where);
  if (const auto* list = std::get_if<std::vector<std::int64_t>>(&option.value))
    for (const std::int64_t integer : *list) check_range(static_cast<double>(integer), def, where);
  if (auto* layers = std::get_if<std::vector<LayerSpec>>(&option.value))
    for (LayerSpec& layer : *layers) check_layer(layer, file);
  if (const auto* text = std::get_if<std::string>(&option.value); text && def.check) {
    try {
      def.check(*text);
    } catch (const Error& error) {
      fail(Fault::model, "{}: {}", where, error.what());
    }
  }
}

const LayerDef& find_def(const LayerSpec& spec, const std::string& where) {
  std::vector<std::string> kinds;
  for (const LayerDef* def : layer_defs()) {
    if (def->kind == spec.kind) return *def;
    kinds.push_back(def->kind);
  }
  fail(Fault::model, "{}: there is no layer '{}'.{} Known are {}.", at(where, spec.place), spec.kind,
       did_you_mean(spec.kind, kinds), fmt::join(kinds, ", "));
}

}  // namespace

void check_layer(LayerSpec& spec, const std::string& where) {
  const LayerDef& def = find_def(spec, where);
  std::vector<OptionDef> options = def.options;
  options.insert(options.end(), common_options().begin(), common_options().end());
  std::vector<std::string> names;
  for (const OptionDef& option : options) names.push_back(option.name);

  for (OptionSpec& option : spec.options) {
    if (option.name.empty()) {
      require(!def.main.empty(), "{}: {} takes no value of its own, got {}. Write \"{}\".",
              at(where, option.place), spec.kind, given(option.value), spec.kind);
      option.name = def.main;
    }
    const auto known = std::find(names.begin(), names.end(), option.name);
    require(known != names.end(), "{}: {} has no option '{}'.{} Known are {}.", at(where, option.place),
            spec.kind, option.name, did_you_mean(option.name, names), fmt::join(names, ", "));
    check_option(option, options[static_cast<std::size_t>(known - names.begin())], spec.kind, where);
  }
  for (const OptionDef& option : def.options) {
    const bool set = std::any_of(spec.options.begin(), spec.options.end(),
                                 [&](const OptionSpec& o) { return o.name == option.name; });
    require(set || option.preset || option.optional, "{}: {} needs {}: {}. Write {{ {} = {{ {} = ... }} }}.",
            at(where, spec.place), spec.kind, option.name, option.doc, spec.kind, option.name);
  }
}

}  // namespace gradus::nn
