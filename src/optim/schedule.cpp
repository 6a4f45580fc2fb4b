// Learning-rate schedules: a table of curves, and the text that chooses one.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>
#include <numbers>

#include "base/call_text.h"
#include "base/check.h"
#include "base/suggest.h"
#include "gradus/optim.h"

namespace gradus::optim {

struct Schedule::Curve {
  struct Number {
    std::string_view name;
    std::optional<double> preset;
    double low = 0, high = std::numeric_limits<double>::infinity();
    bool whole = false;
  };
  // Where the curve is: units (steps or epochs) done and in the whole run, and plateau's count of drops.
  struct At {
    double done, total, drops;
  };
  std::string_view name;
  std::vector<Number> numbers;
  bool choice_of_unit;
  bool per_step;  // by default
  double (*lr)(double base, const At& at, const std::vector<double>& numbers);
};

namespace {

using Curve = Schedule::Curve;
using Numbers = std::vector<double>;

const std::vector<Curve>& curves() {
  static const std::vector<Curve> table = {
      {"constant", {}, false, true, [](double base, const Curve::At&, const Numbers&) { return base; }},
      {"step",
       {{"every", {}, 1}, {"factor", 0.1}},
       true,
       false,
       [](double base, const Curve::At& at, const Numbers& n) {
         return base * std::pow(n[1], std::floor(at.done / n[0]));
       }},
      {"exponential",
       {{"decay", 0.95}},
       true,
       false,
       [](double base, const Curve::At& at, const Numbers& n) { return base * std::pow(n[0], at.done); }},
      {"cosine",
       {{"min", 0.0}},
       false,
       true,
       [](double base, const Curve::At& at, const Numbers& n) {
         const double share = std::clamp(at.done / std::max(at.total, 1.0), 0.0, 1.0);
         return n[0] + (base - n[0]) * (1 + std::cos(std::numbers::pi * share)) / 2;
       }},
      {"plateau",
       {{"factor", 0.1, 0, 1}, {"patience", 10.0, 0, 1e9, true}, {"threshold", 1e-4, 0, 1}, {"min", 0.0}},
       false,
       false,
       [](double base, const Curve::At& at, const Numbers& n) {
         return std::max(base * std::pow(n[0], at.drops), std::min(n[3], base));
       }},
  };
  return table;
}

// Of plateau's numbers.
enum Plateau { kFactor, kPatience, kThreshold, kMin };

const std::vector<Curve::Number>& warmup_numbers() {
  static const std::vector<Curve::Number> numbers = {{"steps", {}, 0, 1e15, true}};
  return numbers;
}

double read_number(const std::string& text, const Curve::Number& number, const std::string& where) {
  const std::optional<double> value = parse_number(text);
  require(Fault::usage, value.has_value(), "{}: {} must be a number, got '{}'.", where, number.name, text);
  require(Fault::usage, !number.whole || *value == std::floor(*value),
          "{}: {} must be a whole number, got {}.", where, number.name, text);
  require(Fault::usage, *value >= number.low, "{}: {} must be at least {}, got {}.", where, number.name,
          number.low, text);
  require(Fault::usage, *value <= number.high, "{}: {} must be at most {}, got {}.", where, number.name,
          number.high, text);
  return *value;
}

// The numbers of a call in the table's order, presets filled in. A unit, if the call may have one, goes to
// `unit`.
Numbers read_numbers(const CallText& call, const std::vector<Curve::Number>& wanted, std::string* unit,
                     const std::string& where) {
  std::vector<std::string> names;
  std::vector<std::optional<double>> values;
  for (const Curve::Number& number : wanted) {
    names.emplace_back(number.name);
    values.push_back(number.preset);
  }
  if (unit) names.emplace_back("unit");
  for (const auto& [key, text] : call.arguments) {
    const auto found = std::find(names.begin(), names.end(), key);
    require(Fault::usage, found != names.end(), "{}: {} takes no '{}'.{}{}", where, call.name, key,
            did_you_mean(key, names),
            names.empty() ? "" : fmt::format(" It takes {}.", fmt::join(names, ", ")));
    const auto i = static_cast<std::size_t>(found - names.begin());
    if (i < wanted.size()) {
      values[i] = read_number(text, wanted[i], where);
    } else {
      require(Fault::usage, text == "epoch" || text == "step", "{}: unit must be epoch or step, got '{}'.",
              where, text);
      *unit = text;
    }
  }
  Numbers numbers;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    require(Fault::usage, values[i].has_value(), "{}: {} needs {}=NUMBER.", where, call.name, names[i]);
    numbers.push_back(*values[i]);
  }
  return numbers;
}

// Parts joined by '+'; a '+' before a digit belongs to a number.
std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool joins =
        text[i] == '+' && (i + 1 == text.size() || !std::isdigit(static_cast<unsigned char>(text[i + 1])));
    if (!joins) continue;
    parts.push_back(text.substr(begin, i - begin));
    begin = i + 1;
  }
  parts.push_back(text.substr(begin));
  return parts;
}

const Curve& find_curve(const std::string& name, const std::string& where) {
  std::vector<std::string> names;
  for (const Curve& curve : curves()) {
    if (curve.name == name) return curve;
    names.emplace_back(curve.name);
  }
  names.emplace_back("warmup");
  fail(Fault::usage, "{}: there is no schedule '{}'.{} Known are {}.", where, name, did_you_mean(name, names),
       fmt::join(names, ", "));
}

}  // namespace

Schedule::Schedule()
    : curve_(&curves()[0]), per_step_(true), best_(std::numeric_limits<double>::infinity()) {}

Schedule Schedule::parse(std::string_view text) {
  const std::string where = fmt::format("schedule '{}'", text);
  Schedule schedule;
  std::vector<std::string_view> parts = split(text);
  CallText call = parse_call(parts[0], where, Fault::usage);
  if (call.name == "warmup") {
    schedule.warmup_ = static_cast<std::int64_t>(read_numbers(call, warmup_numbers(), nullptr, where)[0]);
    parts.erase(parts.begin());
    if (parts.empty()) return schedule;
    call = parse_call(parts[0], where, Fault::usage);
    require(Fault::usage, call.name != "warmup", "{}: warmup is given twice. Leave one out.", where);
  }
  require(Fault::usage, parts.size() == 1,
          "{}: only warmup can have another schedule after it. Write warmup:steps=N+{}.", where, call.name);
  schedule.curve_ = &find_curve(call.name, where);
  std::string unit = schedule.curve_->per_step ? "step" : "epoch";
  schedule.numbers_ =
      read_numbers(call, schedule.curve_->numbers, schedule.curve_->choice_of_unit ? &unit : nullptr, where);
  schedule.per_step_ = unit == "step";
  return schedule;
}

std::string Schedule::str() const {
  std::string text = warmup_ > 0 ? fmt::format("warmup:steps={}+", warmup_) : "";
  text += curve_->name;
  std::vector<std::string> arguments;
  for (std::size_t i = 0; i < numbers_.size(); ++i)
    arguments.push_back(fmt::format("{}={}", curve_->numbers[i].name, numbers_[i]));
  if (curve_->choice_of_unit) arguments.emplace_back(per_step_ ? "unit=step" : "unit=epoch");
  return arguments.empty() ? text : fmt::format("{}:{}", text, fmt::join(arguments, ","));
}

double Schedule::lr(double base, const Progress& progress) const {
  if (progress.step < warmup_)
    return base * static_cast<double>(progress.step + 1) / static_cast<double>(warmup_);
  const std::int64_t unit = per_step_ ? 1 : std::max<std::int64_t>(progress.steps_per_epoch, 1);
  const std::int64_t done = (progress.step - warmup_) / unit, total = (progress.total_steps - warmup_) / unit;
  return curve_->lr(base, {static_cast<double>(done), static_cast<double>(total), drops_}, numbers_);
}

void Schedule::observe(double loss) {
  if (curve_->name != "plateau") return;
  if (loss < best_ * (1 - numbers_[kThreshold])) {
    best_ = loss;
    bad_epochs_ = 0;
  } else if (++bad_epochs_ > numbers_[kPatience]) {
    ++drops_;
    bad_epochs_ = 0;
  }
}

std::vector<double> Schedule::state() const { return {best_, drops_, bad_epochs_}; }

void Schedule::restore(const std::vector<double>& state) {
  require(state.size() == 3, "schedule: its state has 3 numbers, {} were given.", state.size());
  best_ = state[0], drops_ = state[1], bad_epochs_ = state[2];
}

}  // namespace gradus::optim
