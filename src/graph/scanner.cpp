#include "graph/scanner.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/check.h"
#include "graph/text.h"
#include "tensor/dispatch.h"

namespace gradus::text {

namespace {

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace

std::string_view Scanner::rest() {
  while (at_ < line_.size() && (line_[at_] == ' ' || line_[at_] == '\t' || line_[at_] == '\r')) ++at_;
  return line_.substr(at_);
}

void Scanner::refuse(std::string_view needed) {
  const std::string_view found = rest().substr(0, 20);
  fail(Fault::model, "{} was needed at column {}, {} was given.", needed, at_ + 1,
       found.empty() ? "nothing" : fmt::format("'{}'", found));
}

bool Scanner::at_end() { return rest().empty(); }
void Scanner::expect_end() {
  if (!at_end()) refuse("the end of the line");
}
bool Scanner::peek(char c) { return rest().starts_with(c); }

bool Scanner::accept(std::string_view token) {
  if (!rest().starts_with(token)) return false;
  at_ += token.size();
  return true;
}

void Scanner::expect(std::string_view token) {
  if (!accept(token)) refuse(fmt::format("'{}'", token));
}

std::string_view Scanner::next_word() {
  const std::string_view text = rest();
  return text.substr(
      0, static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_word) - text.begin()));
}

std::string Scanner::word() {
  const std::string result(next_word());
  if (result.empty()) refuse("a name");
  at_ += result.size();
  return result;
}

// What a number may consist of: digits, signs, a point, and the letters of exponents, inf and nan.
std::string_view Scanner::next_number() {
  const std::string_view text = rest();
  std::size_t length = 0;
  while (length < text.size() &&
         (is_word(text[length]) || text[length] == '.' || text[length] == '+' || text[length] == '-')) {
    ++length;
  }
  return text.substr(0, length);
}

std::int64_t Scanner::integer() {
  const std::string_view text = rest();
  std::int64_t result = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), result);
  if (fault != std::errc()) refuse("an integer");
  at_ += static_cast<std::size_t>(end - text.data());
  return result;
}

double Scanner::number() {
  const std::string_view text = next_number();
  double result = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), result);
  if (fault != std::errc() || end != text.data() + text.size()) refuse("a number");
  at_ += text.size();
  return result;
}

std::string Scanner::string() {
  expect("\"");
  std::string result;
  while (at_ < line_.size() && line_[at_] != '"') {
    char c = line_[at_++];
    if (c == '\\' && at_ < line_.size()) {
      c = line_[at_++];
      if (c == 'n')
        c = '\n';
      else if (c == 't')
        c = '\t';
      else if (c == 'x') {
        unsigned code = 0;
        const std::string_view hex = line_.substr(at_, 2);
        const auto [end, fault] = std::from_chars(hex.data(), hex.data() + hex.size(), code, 16);
        if (fault != std::errc() || end != hex.data() + 2) refuse("two hexadecimal digits");
        c = static_cast<char>(code);
        at_ += 2;
      }
    }
    result += c;
  }
  if (at_ == line_.size()) refuse("a closing quote");
  ++at_;
  return result;
}

std::vector<std::int64_t> Scanner::list() {
  std::vector<std::int64_t> result;
  expect("[");
  if (accept("]")) return result;
  do result.push_back(integer());
  while (accept(","));
  expect("]");
  return result;
}

DType Scanner::dtype() {
  const std::string_view word = next_word();
  for (const DType dtype : kDTypes) {
    if (word != name(dtype)) continue;
    at_ += word.size();
    return dtype;
  }
  refuse("an element type");
}

Type Scanner::type() {
  const DType element = dtype();
  return {element, Shape(list())};
}

bool Scanner::names_role() {
  const std::string_view word = next_word();
  return std::any_of(kRoles.begin(), kRoles.end(), [&](const auto& role) { return role.second == word; });
}

Role Scanner::role() {
  const std::string name = word();
  for (const auto& [role, known] : kRoles) {
    if (name == known) return role;
  }
  refuse("a variable's role");
}

// {0.5, inf}, as many as the type has.
Tensor Scanner::elements(const Type& type) {
  expect("{");
  if (rest().starts_with("...")) fail(Fault::model, "a constant {} is left out ('...').", type.str());
  require(type.shape.size() <= kMaxPrinted, "a constant {} has more than {} elements.", type.str(),
          kMaxPrinted);
  Tensor tensor(type);
  dispatch(type.dtype, [&](auto zero) {
    using T = decltype(zero);
    bool first = true;
    for (T& element : tensor.values<T>()) {
      if (!std::exchange(first, false)) expect(",");
      if constexpr (std::is_same_v<T, bool>) {
        const bool yes = accept("true");
        if (!yes) expect("false");
        element = yes;
      } else if constexpr (std::is_floating_point_v<T>) {
        element = static_cast<T>(number());
      } else {
        const std::int64_t value = integer();
        if (value < std::int64_t{std::numeric_limits<T>::min()} ||
            value > std::int64_t{std::numeric_limits<T>::max()})
          refuse(fmt::format("a number that {} holds", name(type.dtype)));
        element = static_cast<T>(value);
      }
    }
  });
  expect("}");
  return tensor;
}

AttrValue Scanner::attribute() {
  if (peek('"')) return string();
  if (peek('[')) return list();
  const std::string_view word = next_word();
  if (word == "true" || word == "false") return accept("true") || !accept("false");
  if (word == "shape") {
    at_ += word.size();
    return Shape(list());
  }
  if (std::any_of(kDTypes.begin(), kDTypes.end(), [&](DType known) { return word == name(known); })) {
    const DType element = dtype();
    if (!peek('[')) return element;
    return elements({element, Shape(list())});
  }
  const std::string_view digits = next_number();
  if (digits.empty() || digits.find_first_not_of("0123456789.+-einfa") != std::string_view::npos)
    refuse("an attribute's value");
  if (digits.find_first_of(".einf") == std::string_view::npos) return integer();
  return number();
}

}  // namespace gradus::text
