// The model file, from text.
#include <toml++/toml.h>

#include <algorithm>

#include "base/check.h"
#include "base/suggest.h"
#include "nn/layer_def.h"
#include "nn/model_spec.h"

namespace gradus::nn {

namespace {

Place place_of(const toml::source_position& position) {
  return {static_cast<std::int64_t>(position.line), static_cast<std::int64_t>(position.column)};
}

std::string article_of(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "a list";
    case toml::node_type::string:
      return "a string";
    case toml::node_type::integer:
      return "an integer";
    case toml::node_type::floating_point:
      return "a number";
    case toml::node_type::boolean:
      return "true or false";
    default:
      return "a date or time";
  }
}

class Reader {
 public:
  explicit Reader(const std::string& where) : where_(where) {}

  std::vector<std::int64_t> integers(const toml::array& array, std::string_view name) const {
    std::vector<std::int64_t> list;
    for (const toml::node& node : array) {
      const auto integer = node.is_integer() ? node.value<std::int64_t>() : std::nullopt;
      require(integer.has_value(), "{}: {} must hold integers only, it holds {}.", place(node), name,
              article_of(node));
      list.push_back(*integer);
    }
    return list;
  }

  std::vector<LayerSpec> layers(const toml::array& array) const {
    std::vector<LayerSpec> list;
    for (const toml::node& node : array) list.push_back(layer(node));
    return list;
  }

  std::string place(const toml::node& node) const { return at(where_, place_of(node.source().begin)); }

 private:
  LayerSpec layer(const toml::node& node) const {
    LayerSpec spec{.kind = {}, .place = place_of(node.source().begin)};
    if (const auto name = node.value<std::string>()) {
      spec.kind = *name;
      return spec;
    }
    if (const toml::array* list = node.as_array()) {
      spec.kind = "sequential";
      spec.options.push_back({"", layers(*list), spec.place});
      return spec;
    }
    const toml::table* table = node.as_table();
    require(table != nullptr,
            "{}: a layer is a string, a table or a list, got {}. Write \"relu\" or {{ dense = 10 }}.",
            place(node), article_of(node));
    require(table->size() == 1,
            "{}: the table of a layer has one key, its kind; got {} keys. Write {{ dense = {{ units = 10, "
            "bias = false }} }}.",
            place(node), table->size());
    const auto entry = table->begin();  // what it points to lives in the iterator itself
    const toml::node& options = entry->second;
    spec.kind = entry->first.str();
    if (const toml::table* named = options.as_table()) {
      for (const auto& [key, value] : *named)
        spec.options.push_back(
            {std::string(key.str()), option(value, key.str()), place_of(key.source().begin)});
      // The parser sorts keys; the order of the file is kept.
      std::stable_sort(
          spec.options.begin(), spec.options.end(), [](const OptionSpec& a, const OptionSpec& b) {
            return std::pair(a.place.line, a.place.column) < std::pair(b.place.line, b.place.column);
          });
    } else {
      spec.options.push_back({"", option(options, spec.kind), place_of(options.source().begin)});
    }
    return spec;
  }

  OptionValue option(const toml::node& node, std::string_view name) const {
    if (const auto* value = node.as_boolean()) return value->get();
    if (const auto* value = node.as_integer()) return value->get();
    if (const auto* value = node.as_floating_point()) return value->get();
    if (const auto* value = node.as_string()) return value->get();
    const toml::array* array = node.as_array();
    require(array != nullptr, "{}: {} cannot be {}.", place(node), name, article_of(node));
    const toml::node* first = array->get(0);
    if (first && (first->is_string() || first->is_table() || first->is_array())) return layers(*array);
    return integers(*array, name);
  }

  const std::string& where_;
};

toml::table parse_text(std::string_view text, const std::string& where) {
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    fail(Fault::model, "{}: this is no valid TOML: {}.", at(where, place_of(error.source().begin)),
         error.description());
  }
}

Shape read_input(const toml::node& node, const Reader& reader) {
  const toml::array* array = node.as_array();
  require(array != nullptr, "{}: input must be a list of integers, got {}. Write input = [1, 28, 28].",
          reader.place(node), article_of(node));
  const std::vector<std::int64_t> extents = reader.integers(*array, "input");
  require(!extents.empty() && extents.size() < Shape::kMaxRank,
          "{}: input must have 1 to {} extents, got {}.", reader.place(node), Shape::kMaxRank - 1,
          extents.size());
  double size = 1;
  for (const std::int64_t extent : extents) {
    require(extent >= 1, "{}: the extents of input must be at least 1, got {}.", reader.place(node), extent);
    size *= static_cast<double>(extent);
  }
  require(size <= kMaxUnits, "{}: input has {} elements; {} are the limit.", reader.place(node), size,
          kMaxUnits);
  return Shape(extents);
}

}  // namespace

ModelSpec parse_model(std::string_view toml, const std::string& where,
                      const std::vector<std::string>& other_keys) {
  const toml::table table = parse_text(toml, where);
  const Reader reader(where);
  ModelSpec spec{.where = where};
  for (const auto& [key, node] : table) {
    if (key == "input") {
      spec.input = read_input(node, reader);
    } else if (key == "layers") {
      const toml::array* array = node.as_array();
      require(array != nullptr,
              "{}: layers must be a list, got {}. Write layers = [\"flatten\", {{ dense = 10 }}].",
              reader.place(node), article_of(node));
      spec.layers = reader.layers(*array);
    } else if (std::find(other_keys.begin(), other_keys.end(), key.str()) == other_keys.end()) {
      fail(Fault::model, "{}: there is no key '{}'.{} Known are input, layers.",
           at(where, place_of(key.source().begin)), key.str(), did_you_mean(key.str(), {"input", "layers"}));
    }
  }
  check_model(spec);
  return spec;
}

}  // namespace gradus::nn
