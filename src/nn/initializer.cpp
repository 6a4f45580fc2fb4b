// Initializers: one table of names, numbers and rules.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "base/call_text.h"
#include "base/check.h"
#include "base/philox.h"
#include "base/streams.h"
#include "base/suggest.h"
#include "gradus/nn.h"
#include "nn/orthogonal.h"

namespace gradus::nn {

namespace {

// fan_in, or fan_in + fan_out.
double fan(const Shape& shape, bool both) {
  const double all = std::accumulate(shape.begin(), shape.end(), 1.0, std::multiplies<>());
  const double in = all / std::max<double>(1, static_cast<double>(shape[0]));
  return both ? in + all / std::max<double>(1, static_cast<double>(shape[1])) : in;
}

// Element i of the weight is drawn from number i of the sequence.
template <class Draw>
void fill_each(const Tensor& weight, Draw draw) {
  const auto n = static_cast<std::uint64_t>(weight.size());
  if (weight.dtype() == DType::f32) {
    const auto values = weight.values<float>();
    for (std::uint64_t i = 0; i < n; ++i) values[i] = static_cast<float>(draw(i));
  } else {
    const auto values = weight.values<double>();
    for (std::uint64_t i = 0; i < n; ++i) values[i] = draw(i);
  }
}

void fill_uniform(const Tensor& weight, const RandomSequence& random, double low, double high) {
  fill_each(weight, [&](std::uint64_t i) { return low + (high - low) * random.uniform(i); });
}

void fill_normal(const Tensor& weight, const RandomSequence& random, double mean, double std) {
  fill_each(weight, [&](std::uint64_t i) { return mean + std * random.normal(i); });
}

void fill_orthogonal(const Tensor& weight, const RandomSequence& random, double gain) {
  const std::int64_t rows = weight.shape()[0], columns = rows == 0 ? 0 : weight.size() / rows;
  std::vector<double> matrix(static_cast<std::size_t>(weight.size()));
  for (std::size_t i = 0; i < matrix.size(); ++i) matrix[i] = random.normal(i);
  orthonormalize(matrix, rows, columns);
  fill_each(weight, [&](std::uint64_t i) { return gain * matrix[i]; });
}

}  // namespace

// One row: the rule, and for the rules with a fan the c in U(-sqrt(c / fan), sqrt(c / fan)) or N(0, c / fan).
struct Initializer::Maker {
  enum class Rule { constant, uniform, normal, fan_uniform, fan_normal, orthogonal };
  enum Fan { in, both };
  struct Number {
    std::string_view name;
    std::optional<double> preset = {};
  };
  std::string_view name;
  Rule rule;
  std::vector<Number> numbers = {};
  double c = 0;
  Fan fan = in;
};

namespace {

using Maker = Initializer::Maker;

const std::vector<Maker>& makers() {
  static const std::vector<Maker> table = {
      {.name = "zeros", .rule = Maker::Rule::constant},
      {.name = "constant", .rule = Maker::Rule::constant, .numbers = {{"value"}}},
      {.name = "uniform", .rule = Maker::Rule::uniform, .numbers = {{"low"}, {"high"}}},
      {.name = "normal", .rule = Maker::Rule::normal, .numbers = {{"mean", 0.0}, {"std"}}},
      {.name = "uniform_fan_in", .rule = Maker::Rule::fan_uniform, .c = 1},
      {.name = "glorot_uniform", .rule = Maker::Rule::fan_uniform, .c = 6, .fan = Maker::both},
      {.name = "glorot_normal", .rule = Maker::Rule::fan_normal, .c = 2, .fan = Maker::both},
      {.name = "he_uniform", .rule = Maker::Rule::fan_uniform, .c = 6},
      {.name = "he_normal", .rule = Maker::Rule::fan_normal, .c = 2},
      {.name = "lecun_uniform", .rule = Maker::Rule::fan_uniform, .c = 3},
      {.name = "lecun_normal", .rule = Maker::Rule::fan_normal, .c = 1},
      {.name = "orthogonal", .rule = Maker::Rule::orthogonal, .numbers = {{"gain", 1.0}}},
  };
  return table;
}

const Maker* find(std::string_view name) {
  for (const Maker& maker : makers())
    if (maker.name == name) return &maker;
  return nullptr;
}

const Maker& known(std::string_view name) {
  const Maker* maker = find(name);
  GRADUS_CHECK(maker != nullptr);
  return *maker;
}

}  // namespace

Initializer Initializer::zeros() { return {known("zeros"), 0, 0}; }
Initializer Initializer::constant(double value) { return {known("constant"), value, 0}; }
Initializer Initializer::uniform(double low, double high) {
  require(low <= high, "initializer uniform: low <= high was needed, got {} and {}.", low, high);
  return {known("uniform"), low, high};
}
Initializer Initializer::normal(double mean, double std) {
  require(std >= 0, "initializer normal: std >= 0 was needed, got {}.", std);
  return {known("normal"), mean, std};
}
Initializer Initializer::uniform_fan_in() { return {known("uniform_fan_in"), 0, 0}; }
Initializer Initializer::glorot_uniform() { return {known("glorot_uniform"), 0, 0}; }
Initializer Initializer::glorot_normal() { return {known("glorot_normal"), 0, 0}; }
Initializer Initializer::he_uniform() { return {known("he_uniform"), 0, 0}; }
Initializer Initializer::he_normal() { return {known("he_normal"), 0, 0}; }
Initializer Initializer::lecun_uniform() { return {known("lecun_uniform"), 0, 0}; }
Initializer Initializer::lecun_normal() { return {known("lecun_normal"), 0, 0}; }
Initializer Initializer::orthogonal(double gain) { return {known("orthogonal"), gain, 0}; }

Initializer Initializer::parse(std::string_view text) {
  const std::string where = fmt::format("initializer '{}'", text);
  const CallText call = parse_call(text, where, Fault::model);
  const Maker* maker = find(call.name);
  require(maker != nullptr, "{}: there is no such initializer.{} Known are {}.", where,
          did_you_mean(call.name, names()), fmt::join(names(), ", "));

  std::optional<double> given[2];
  for (const auto& [key, value] : call.arguments) {
    std::size_t i = 0;
    while (i < maker->numbers.size() && maker->numbers[i].name != key) ++i;
    require(i < maker->numbers.size(), "{}: {} takes no '{}'.", where, call.name, key);
    given[i] = parse_number(value);
    require(given[i].has_value(), "{}: {} must be a number, got '{}'.", where, key, value);
  }
  double numbers[2] = {0, 0};
  for (std::size_t i = 0; i < maker->numbers.size(); ++i) {
    const auto& [name, preset] = maker->numbers[i];
    require(given[i] || preset, "{}: {} needs {}=NUMBER.", where, call.name, name);
    numbers[i] = given[i] ? *given[i] : *preset;
  }
  if (call.name == "uniform") return uniform(numbers[0], numbers[1]);
  if (call.name == "normal") return normal(numbers[0], numbers[1]);
  return {*maker, numbers[0], numbers[1]};
}

std::vector<std::string> Initializer::names() {
  std::vector<std::string> list;
  for (const Maker& maker : makers()) list.emplace_back(maker.name);
  return list;
}

std::string Initializer::str() const {
  std::string text(maker_->name);
  for (std::size_t i = 0; i < maker_->numbers.size(); ++i)
    text += fmt::format("{}{}={}", i == 0 ? ":" : ",", maker_->numbers[i].name, numbers_[i]);
  return text;
}

bool Initializer::operator==(const Initializer& other) const {
  return maker_ == other.maker_ && numbers_[0] == other.numbers_[0] && numbers_[1] == other.numbers_[1];
}

void Initializer::fill(const Tensor& weight, std::uint64_t seed, std::uint32_t number) const {
  require(is_float(weight.dtype()), "initializer {}: the weight must be f32 or f64, it is {}.", maker_->name,
          weight.type().str());
  const bool matrix = maker_->rule >= Maker::Rule::fan_uniform;
  require(!matrix || weight.shape().rank() >= 2,
          "initializer {}: a weight of two or more axes was needed, got {}. Use zeros, constant, uniform or "
          "normal.",
          maker_->name, weight.type().str());
  const RandomSequence random(seed, stream::kInitialize + number);
  const double scale = matrix ? std::sqrt(maker_->c / fan(weight.shape(), maker_->fan == Maker::both)) : 0;
  switch (maker_->rule) {
    case Maker::Rule::constant:
      return weight.fill(numbers_[0]);
    case Maker::Rule::uniform:
      return fill_uniform(weight, random, numbers_[0], numbers_[1]);
    case Maker::Rule::normal:
      return fill_normal(weight, random, numbers_[0], numbers_[1]);
    case Maker::Rule::fan_uniform:
      return fill_uniform(weight, random, -scale, scale);
    case Maker::Rule::fan_normal:
      return fill_normal(weight, random, 0, scale);
    case Maker::Rule::orthogonal:
      return fill_orthogonal(weight, random, numbers_[0]);
  }
}

}  // namespace gradus::nn
