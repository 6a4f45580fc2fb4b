// Settings from flags, and to and from RUN.toml.
#include "train/config.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <charconv>

#include "base/call_text.h"
#include "base/check.h"
#include "base/file.h"
#include "base/suggest.h"

namespace gradus::train {

namespace {

std::vector<std::string> key_names() {
  std::vector<std::string> names;
  for (const ConfigKey& key : config_keys()) names.push_back(key.name);
  return names;
}

const ConfigKey* look_up(std::string name) {
  std::replace(name.begin(), name.end(), '-', '_');
  for (const ConfigKey& key : config_keys())
    if (key.name == name) return &key;
  return nullptr;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// Texts that are no number stay texts: the key says whether it takes them.
ConfigValue value_of(const ConfigKey& key, std::string_view text) {
  if (key.type == ConfigKey::boolean && (text == "true" || text == "false")) return text == "true";
  const bool is_number = key.type == ConfigKey::number;
  if (is_number || key.type == ConfigKey::integer) {
    if (const auto number = parse_integer(text)) return *number;
  }
  if (is_number) {
    if (const auto number = parse_number(text)) return *number;
  }
  return std::string(text);
}

std::string place(const std::string& where, const toml::source_position& position) {
  return fmt::format("{}:{}:{}", where, position.line, position.column);
}

ConfigValue value_of(const toml::node& node, const std::string& where) {
  if (const auto* value = node.as_boolean()) return value->get();
  if (const auto* value = node.as_integer()) return value->get();
  if (const auto* value = node.as_floating_point()) return value->get();
  if (const auto* value = node.as_string()) return value->get();
  fail(Fault::usage, "{}: a number, text, true or false was needed, got a list, table or date.", where);
}

toml::table parse_text(std::string_view text, const std::string& where) {
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    fail(Fault::usage, "{}: this is no valid TOML: {}.", place(where, error.source().begin),
         error.description());
  }
}

}  // namespace

const ConfigKey& find_key(std::string_view name) {
  const ConfigKey* key = look_up(std::string(name));
  require(Fault::usage, key != nullptr, "there is no setting '{}'.{}", name, did_you_mean(name, key_names()));
  return *key;
}

void set_from_text(RunConfig& config, std::string_view name, std::string_view text, std::string where) {
  const ConfigKey& key = find_key(name);
  if (where.empty()) where = key.flag;
  key.set(config, value_of(key, text), where);
}

RunConfig parse_config(std::string_view text, const std::string& where) {
  const toml::table table = parse_text(text, where);
  RunConfig config;
  std::vector<std::string> known = key_names();
  known.insert(known.end(), {"input", "layers"});
  for (const auto& [key, node] : table) {
    const std::string at = place(where, key.source().begin);
    if (key == "input" || key == "layers") {
      require(Fault::usage, table.contains("layers"), "{}: input stands beside layers, and there are none.",
              at);
      require(Fault::usage, !table.contains("model"), "{}: model and layers were both given. Give one.", at);
      if (key == "layers") config.given["layers"] = at;
      continue;
    }
    const ConfigKey* found = std::find(known.begin(), known.end(), key.str()) == known.end()
                                 ? nullptr
                                 : look_up(std::string(key.str()));
    require(Fault::usage, found != nullptr, "{}: there is no key '{}'.{}", at, key.str(),
            did_you_mean(key.str(), known));
    const std::string value_at = place(where, node.source().begin) + ": " + found->name;
    found->set(config, value_of(node, value_at), value_at);
  }
  if (table.contains("layers")) config.layers = nn::parse_model(text, where, known);
  return config;
}

RunConfig read_config(const std::filesystem::path& file) {
  const std::vector<std::byte> bytes = read_file(file, Fault::usage);
  return parse_config({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, file.string());
}

std::string to_toml(const RunConfig& config) {
  std::string text;
  for (const ConfigKey& key : config_keys()) {
    if (!key.saved) continue;
    if (key.name == "model" && config.layers) {
      text += nn::to_toml(*config.layers);
      continue;
    }
    if (const auto value = key.get(config)) text += fmt::format("{} = {}\n", key.name, toml_text(*value));
  }
  return text;
}

std::optional<CheckpointEvery> parse_checkpoint_every(std::string_view text) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto count = parse_integer(text.substr(0, digits));
  std::string_view unit = text.substr(digits);
  while (unit.starts_with(' ')) unit.remove_prefix(1);
  if (!count || *count < 1) return std::nullopt;
  for (const auto& [name, value] :
       {std::pair<std::string_view, CheckpointEvery::Unit>{"steps", CheckpointEvery::steps},
        {"epochs", CheckpointEvery::epochs},
        {"minutes", CheckpointEvery::minutes}}) {
    if (unit == name || unit == name.substr(0, name.size() - 1)) return CheckpointEvery{*count, value};
  }
  if (unit.empty()) return CheckpointEvery{*count, CheckpointEvery::epochs};
  return std::nullopt;
}

std::string print_checkpoint_every(const CheckpointEvery& every) {
  const char* unit = every.unit == CheckpointEvery::steps    ? "steps"
                     : every.unit == CheckpointEvery::epochs ? "epochs"
                                                             : "minutes";
  return fmt::format("{}{}", every.count, unit);
}

std::string toml_quoted(std::string_view text) {
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

std::string toml_text(const ConfigValue& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* number = std::get_if<std::int64_t>(&value)) return fmt::to_string(*number);
  if (const auto* number = std::get_if<double>(&value)) {
    const std::string text = fmt::to_string(*number);
    return text.find_first_of(".en") == std::string::npos ? text + ".0" : text;
  }
  return toml_quoted(std::get<std::string>(value));
}

}  // namespace gradus::train
