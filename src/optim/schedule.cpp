// Learning-rate schedules: the text that chooses a curve, and the place on it.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>

#include "base/call_text.h"
#include "base/check.h"
#include "base/suggest.h"
#include "optim/schedule_curves.h"

namespace gradus::optim {

namespace {

using Curve = Schedule::Curve;
using Unit = Schedule::Unit;
using Numbers = std::vector<double>;

constexpr std::pair<std::string_view, Unit> kUnits[] = {
    {"epoch", Unit::epoch}, {"step", Unit::step}, {"share", Unit::share}};

std::string_view name(Unit unit) {
  for (const auto& [name, known] : kUnits)
    if (known == unit) return name;
  return "";
}

// Of a warmup, which has one of them.
const Curve::Number kWarmupSteps = {"steps", 0.0, 0, 1e15, true}, kWarmupEpochs = {"epochs", 0.0, 0, 1e9};

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

// A|B|...: places in ascending order.
Numbers read_places(const std::string& text, Unit unit, const std::string& where) {
  const Curve::Number number = {
      "at", {}, 0, unit == Unit::share ? 1 : std::numeric_limits<double>::infinity()};
  Numbers places;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('|', begin), text.size());
    places.push_back(read_number(text.substr(begin, end - begin), number, where));
    begin = end + 1;
  }
  require(Fault::usage, std::is_sorted(places.begin(), places.end()),
          "{}: at must be in ascending order, got {}.", where, text);
  return places;
}

Unit read_unit(const std::string& text, const std::vector<Unit>& choices, const std::string& where) {
  std::vector<std::string> names;
  for (const Unit choice : choices) {
    if (name(choice) == text) return choice;
    names.emplace_back(name(choice));
  }
  fail(Fault::usage, "{}: unit must be {}, got '{}'.", where, fmt::join(names, " or "), text);
}

// What a call says of one curve.
struct Settings {
  Numbers numbers, places;
  Unit unit = Unit::step;
};

Settings read_settings(const CallText& call, const std::vector<Curve::Number>& wanted,
                       const std::vector<Unit>& units, bool takes_places, const std::string& where) {
  std::vector<std::string> names;
  std::vector<std::optional<double>> values;
  if (takes_places) names.emplace_back("at");
  for (const Curve::Number& number : wanted) {
    names.emplace_back(number.name);
    values.push_back(number.preset);
  }
  if (units.size() > 1) names.emplace_back("unit");
  Settings settings;
  settings.unit = units[0];
  std::string places;
  for (const auto& [key, text] : call.arguments) {
    require(Fault::usage, std::find(names.begin(), names.end(), key) != names.end(),
            "{}: {} takes no '{}'.{}{}", where, call.name, key, did_you_mean(key, names),
            names.empty() ? "" : fmt::format(" It takes {}.", fmt::join(names, ", ")));
    if (key == "unit") {
      settings.unit = read_unit(text, units, where);
    } else if (takes_places && key == "at") {
      places = text;
    } else {
      for (std::size_t i = 0; i < wanted.size(); ++i)
        if (wanted[i].name == key) values[i] = read_number(text, wanted[i], where);
    }
  }
  require(Fault::usage, !takes_places || !places.empty(), "{}: {} needs at=PLACE|PLACE.", where, call.name);
  if (takes_places) settings.places = read_places(places, settings.unit, where);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    require(Fault::usage, values[i].has_value(), "{}: {} needs {}=NUMBER.", where, call.name, wanted[i].name);
    settings.numbers.push_back(*values[i]);
  }
  return settings;
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
  for (const Curve& curve : schedule_curves()) {
    if (curve.name == name) return curve;
    names.emplace_back(curve.name);
  }
  names.emplace_back("warmup");
  fail(Fault::usage, "{}: there is no schedule '{}'.{} Known are {}.", where, name, did_you_mean(name, names),
       fmt::join(names, ", "));
}

}  // namespace

Schedule::Schedule() : curve_(&schedule_curves()[0]), best_(std::numeric_limits<double>::infinity()) {}

Schedule Schedule::parse(std::string_view text) {
  const std::string where = fmt::format("schedule '{}'", text);
  Schedule schedule;
  std::vector<std::string_view> parts = split(text);
  CallText call = parse_call(parts[0], where, Fault::usage);
  if (call.name == "warmup") {
    const Numbers given =
        read_settings(call, {kWarmupSteps, kWarmupEpochs}, {Unit::step}, false, where).numbers;
    require(Fault::usage, !call.arguments.empty(), "{}: warmup needs steps=NUMBER or epochs=NUMBER.", where);
    require(Fault::usage, call.arguments.size() == 1,
            "{}: steps and epochs were both given. Give one of them.", where);
    schedule.warmup_unit_ = call.arguments[0].first == "epochs" ? Unit::epoch : Unit::step;
    schedule.warmup_ = given[schedule.warmup_unit_ == Unit::epoch ? 1 : 0];
    parts.erase(parts.begin());
    if (parts.empty()) return schedule;
    call = parse_call(parts[0], where, Fault::usage);
    require(Fault::usage, call.name != "warmup", "{}: warmup is given twice. Leave one out.", where);
  }
  require(Fault::usage, parts.size() == 1,
          "{}: only warmup can have another schedule after it. Write warmup:steps=N+{}.", where, call.name);
  schedule.curve_ = &find_curve(call.name, where);
  const Curve& curve = *schedule.curve_;
  Settings settings = read_settings(call, curve.numbers, curve.units, curve.takes_places, where);
  schedule.numbers_ = std::move(settings.numbers);
  schedule.places_ = std::move(settings.places);
  schedule.unit_ = settings.unit;
  return schedule;
}

std::string Schedule::str() const {
  std::string text;
  if (warmup_ > 0) text = fmt::format("warmup:{}s={}+", name(warmup_unit_), warmup_);
  text += curve_->name;
  std::vector<std::string> arguments;
  if (curve_->takes_places) arguments.push_back(fmt::format("at={}", fmt::join(places_, "|")));
  for (std::size_t i = 0; i < numbers_.size(); ++i)
    arguments.push_back(fmt::format("{}={}", curve_->numbers[i].name, numbers_[i]));
  if (curve_->units.size() > 1) arguments.push_back(fmt::format("unit={}", name(unit_)));
  return arguments.empty() ? text : fmt::format("{}:{}", text, fmt::join(arguments, ","));
}

double Schedule::lr(double base, const Progress& progress) const {
  const auto per_epoch = std::max<std::int64_t>(progress.steps_per_epoch, 1);
  const double warmup = warmup_unit_ == Unit::step ? warmup_ : warmup_ * static_cast<double>(per_epoch);
  const auto warm = static_cast<std::int64_t>(std::llround(warmup));
  if (progress.step < warm) return base * static_cast<double>(progress.step + 1) / static_cast<double>(warm);
  const std::int64_t unit = unit_ == Unit::epoch ? per_epoch : 1;
  const auto exact = [&](std::int64_t steps) {
    const std::int64_t whole = unit_ == Unit::share ? std::max<std::int64_t>(progress.total_steps, 1) : unit;
    return static_cast<double>(steps) / static_cast<double>(whole);
  };
  const std::int64_t done = progress.step - warm, total = progress.total_steps - warm;
  return curve_->lr(base,
                    {.done = static_cast<double>(done / unit),
                     .total = static_cast<double>(total / unit),
                     .passed = exact(done),
                     .from_start = exact(progress.step),
                     .drops = drops_,
                     .places = places_},
                    numbers_);
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
