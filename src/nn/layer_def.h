// How a kind of layer describes itself to the model file: one LayerDef per kind, in the kind's own file.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "gradus/nn.h"

namespace gradus::nn {

// An option of a layer entry.
struct OptionDef {
  // `padding` is "valid", "same" or integers.
  enum class Type { flag, integer, number, text, integers, layers, padding };

  std::string name;
  Type type;
  std::string doc;
  std::optional<OptionValue> preset = {};  // none: it must be given, unless `optional`
  bool optional = false;
  double low = -std::numeric_limits<double>::infinity();  // of integers and numbers, inclusive
  double high = std::numeric_limits<double>::infinity();
  void (*check)(const std::string& text) = nullptr;  // throws Error for a text that will not do
};

// Extents and counts stay below this; far more than any machine holds, and products of two do not overflow.
inline constexpr double kMaxUnits = 1 << 24;

// Options that several kinds take.
OptionDef bias_option();
OptionDef init_option();

// The options of an entry that was checked: as given, else their presets.
class LayerOptions {
 public:
  LayerOptions(const std::vector<OptionDef>& defs, const LayerSpec& spec) : defs_(defs), spec_(spec) {}
  bool has(std::string_view name) const { return find(name) != nullptr; }
  bool flag(std::string_view name) const { return get<bool>(name); }
  std::int64_t integer(std::string_view name) const { return get<std::int64_t>(name); }
  double number(std::string_view name) const { return get<double>(name); }
  const std::string& text(std::string_view name) const { return get<std::string>(name); }
  bool is_text(std::string_view name) const { return std::holds_alternative<std::string>(*find(name)); }
  const std::vector<std::int64_t>& integers(std::string_view name) const {
    return get<std::vector<std::int64_t>>(name);
  }
  // One number or `count` of them, as `count`.
  std::vector<std::int64_t> extents(std::string_view name, std::size_t count) const;
  const std::vector<LayerSpec>& layers(std::string_view name) const {
    return get<std::vector<LayerSpec>>(name);
  }
  std::optional<Initializer> init() const;  // of init_option()

 private:
  const OptionValue* find(std::string_view name) const;
  template <class T>
  const T& get(std::string_view name) const {
    return std::get<T>(*find(name));
  }
  const std::vector<OptionDef>& defs_;
  const LayerSpec& spec_;
};

// What the layers of one network have in common while they are made.
struct Making {
  std::string where;  // the file
  std::string path;   // of the layer being made
  DType dtype = DType::f32;
};

// A list of entries made into layers.
struct Chain {
  std::vector<LayerPtr> layers;
  Shape output;  // for an example of the input shape
};
// Entry i becomes PATH.(first + i). Throws Error (Fault::model) naming place, path and kind.
Chain make_chain(const std::vector<LayerSpec>& specs, const Shape& input, const Making& making,
                 std::size_t first = 0);

struct LayerDef {
  std::string kind, doc;
  std::vector<OptionDef> options = {};
  std::string main = {};  // the option a bare value sets: { dense = 10 }; "" if there is none
  // Makes the layer for examples of shape `input` (no batch axis). Throws Error without its path.
  LayerPtr (*make)(const LayerOptions& options, const Shape& input, const Making& making) = nullptr;
  bool activation = false;  // a function of each element, without variables
};

// `make` of a kind without options.
template <class L>
LayerPtr make_plain(const LayerOptions&, const Shape&, const Making&) {
  return std::make_shared<L>();
}

// All kinds, sorted; and the options every kind takes: freeze, lr.
const std::vector<const LayerDef*>& layer_defs();
const std::vector<OptionDef>& common_options();

// Checks an entry and all inside it against the table, and gives options their exact type (an integer for a
// number becomes one). Throws Error (Fault::model) that opens with the place.
void check_layer(LayerSpec& spec, const std::string& where);
// "FILE:LINE:COLUMN", or FILE alone.
std::string at(const std::string& where, const Place& place);

}  // namespace gradus::nn
