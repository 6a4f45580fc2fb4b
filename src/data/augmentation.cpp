// The text that chooses an augmentation.
#include <fmt/ranges.h>

#include <algorithm>

#include "base/check.h"
#include "base/suggest.h"
#include "data/text.h"
#include "gradus/data.h"

namespace gradus::data {
namespace {

constexpr const char* kWhere = "augment";

// One name of the text: where its number goes and what it may be.
struct Part {
  std::string name;
  std::int64_t Augmentation::*pixels = nullptr;
  double Augmentation::*number = nullptr;
  double high = 1;
  const char* needs;
  double bare = -1;  // the number of the name alone; -1: it needs one
};

const std::vector<Part>& parts() {
  static const std::vector<Part> all = {
      {.name = "crop", .pixels = &Augmentation::crop, .high = 1024, .needs = "whole pixels from 0 to 1024"},
      {.name = "flip", .number = &Augmentation::flip, .needs = "a probability from 0 to 1", .bare = 0.5},
      {.name = "erase", .number = &Augmentation::erase, .needs = "a probability from 0 to 1"},
      {.name = "cutout",
       .pixels = &Augmentation::cutout,
       .high = 4096,
       .needs = "whole pixels from 0 to 4096"},
      {.name = "mixup", .number = &Augmentation::mixup, .high = 1000, .needs = "a number from 0 to 1000"},
  };
  return all;
}

const Part& find_part(const std::string& name) {
  std::vector<std::string> names;
  for (const Part& part : parts()) {
    if (part.name == name) return part;
    names.push_back(part.name);
  }
  fail(Fault::usage, "{}: there is no '{}'; there are {}.{}", kWhere, name, fmt::join(names, ", "),
       did_you_mean(name, names));
}

double read_number(const Part& part, std::string_view text) {
  const std::optional<double> value = parse_number(text);
  const bool whole = !part.pixels || parse_integer(text).has_value();
  require(Fault::usage, value && whole && *value >= 0 && *value <= part.high,
          "{}: {} needs {}, '{}' was given.", kWhere, part.name, part.needs, text);
  return *value;
}

}  // namespace

Augmentation Augmentation::parse(std::string_view text) {
  Augmentation result;
  if (text.empty() || text == "none") return result;
  std::vector<std::string> seen;
  for (const std::string& piece : split_list(text, ',')) {
    const std::size_t equals = piece.find('=');
    const Part& part = find_part(piece.substr(0, equals));
    require(Fault::usage, std::find(seen.begin(), seen.end(), part.name) == seen.end(),
            "{}: {} is given twice.", kWhere, part.name);
    seen.push_back(part.name);
    const bool bare = equals == std::string::npos;
    require(Fault::usage, !bare || part.bare >= 0, "{}: {} needs {}, as in {}=NUMBER.", kWhere, part.name,
            part.needs, part.name);
    const double value = bare ? part.bare : read_number(part, piece.substr(equals + 1));
    if (part.pixels)
      result.*part.pixels = static_cast<std::int64_t>(value);
    else
      result.*part.number = value;
  }
  return result;
}

std::string Augmentation::str() const {
  std::vector<std::string> texts;
  for (const Part& part : parts()) {
    const double value = part.pixels ? static_cast<double>(this->*part.pixels) : this->*part.number;
    if (value == 0) continue;
    texts.push_back(value == part.bare ? part.name : fmt::format("{}={}", part.name, value));
  }
  return texts.empty() ? "none" : fmt::format("{}", fmt::join(texts, ","));
}

void Augmentation::require_fits(const Dataset& data, const std::string& where) const {
  require(Fault::data, !changes_images() || data.example_shape().rank() == 3,
          "{}: crop, flip, erase and cutout need images [C, H, W], the examples are {}. Leave --augment out.",
          where, data.example_shape().str());
}

}  // namespace gradus::data
