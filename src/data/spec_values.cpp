#include "data/spec_values.h"

#include <cmath>

#include "base/check.h"
#include "data/text.h"

namespace gradus::data {
namespace {

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

bool is_none(const std::string& text) { return lower(text) == "none"; }

std::optional<double> finite(const std::string& text) {
  const auto value = parse_number(text);
  return value && std::isfinite(*value) ? value : std::nullopt;
}

}  // namespace

const std::string* SpecValues::find(const char* key) const {
  const auto found = spec_->options.find(key);
  return found == spec_->options.end() ? nullptr : &found->second;
}

void SpecValues::refuse(const std::string& key, const char* needs) const {
  fail(Fault::usage, "{}: {} needs {}, '{}' was given.", spec_->name, key, needs, spec_->options.at(key));
}

void SpecValues::read(const char* key, std::string& value) const {
  if (const std::string* text = find(key)) value = *text;
}

void SpecValues::read(const char* key, std::int64_t& value) const {
  const std::string* text = find(key);
  if (text == nullptr) return;
  const auto number = parse_integer(*text);
  if (!number) refuse(key, "an integer");
  value = *number;
}

void SpecValues::read(const char* key, double& value) const {
  const std::string* text = find(key);
  if (text == nullptr) return;
  const auto number = finite(*text);
  if (!number) refuse(key, "a number");
  value = *number;
}

void SpecValues::read(const char* key, bool& value) const {
  const std::string* text = find(key);
  if (text == nullptr) return;
  const std::string word = lower(*text);
  const bool yes = word == "true" || word == "1" || word == "on" || word == "yes";
  const bool no = word == "false" || word == "0" || word == "off" || word == "no";
  if (!yes && !no) refuse(key, "true or false");
  value = yes;
}

void SpecValues::read(const char* key, std::optional<bool>& value) const {
  if (find(key) == nullptr) return;
  bool given = false;
  read(key, given);
  value = given;
}

void SpecValues::read(const char* key, std::optional<double>& value) const {
  const std::string* text = find(key);
  if (text == nullptr) return;
  value = is_none(*text) ? std::nullopt : finite(*text);
  if (!value && !is_none(*text)) refuse(key, "a number or none");
}

void SpecValues::read(const char* key, std::vector<std::int64_t>& value) const {
  const std::string* text = find(key);
  if (text == nullptr) return;
  value.clear();
  for (const std::string& part : split_list(*text, '|')) {
    const auto number = parse_integer(part);
    if (!number) refuse(key, "an integer, or several as a|b");
    value.push_back(*number);
  }
  if (value.empty()) refuse(key, "an integer, or several as a|b");
}

void SpecValues::read(const char* key, std::vector<double>& value) const {
  const std::string* text = find(key);
  if (text == nullptr) return;
  value.clear();
  if (is_none(*text)) return;
  for (const std::string& part : split_list(*text, '|')) {
    const auto number = finite(part);
    if (!number) refuse(key, "a number, or several as a|b");
    value.push_back(*number);
  }
  if (value.empty()) refuse(key, "a number, or several as a|b");
}

void SpecValues::read(const char* key, std::vector<std::string>& value) const {
  const std::string* text = find(key);
  if (text == nullptr) return;
  value = split_list(*text, '|');
  if (value.empty()) refuse(key, "a name, or several as a|b");
}

void SpecValues::read_or_none(const char* key, std::int64_t& value) const {
  const std::string* text = find(key);
  if (text == nullptr) return;
  const auto number = is_none(*text) ? 0 : parse_integer(*text);
  if (!number) refuse(key, "an integer or none");
  value = *number;
}

void SpecValues::read_or_none(const char* key, double& value) const {
  const std::string* text = find(key);
  if (text == nullptr) return;
  const auto number = is_none(*text) ? 0.0 : finite(*text);
  if (!number) refuse(key, "a number or none");
  value = *number;
}

void SpecValues::read_seed(std::uint64_t& value) const {
  const bool both = find("seed") != nullptr && find("random_state") != nullptr;
  require(Fault::usage, !both, "{}: seed and random_state are the same; give one of them.", spec_->name);
  const char* key = find("seed") != nullptr ? "seed" : "random_state";
  const std::string* text = find(key);
  if (text == nullptr || is_none(*text)) return;
  const auto number = parse_integer(*text);
  if (!number || *number < 0) refuse(key, "an integer of 0 or more");
  value = static_cast<std::uint64_t>(*number);
}

}  // namespace gradus::data
