#include "optim/schedule_curves.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace gradus::optim {

namespace {

using Curve = Schedule::Curve;
using At = Schedule::Curve::At;
using Unit = Schedule::Unit;
using Numbers = std::vector<double>;

// From `from` at share 0 to `to` at share 1 along half a cosine.
double arc(double from, double to, double share) {
  return to + (from - to) * (1 + std::cos(std::numbers::pi * std::clamp(share, 0.0, 1.0))) / 2;
}

double one_cycle(double base, const At& at, const Numbers& n) {
  enum { kRise, kDiv, kFinalDiv };
  const double low = base / n[kDiv], last = at.total - 1, peak = std::max(n[kRise] * at.total - 1, 0.0);
  if (at.done < peak) return arc(low, base, at.done / peak);
  return arc(base, low / n[kFinalDiv], last > peak ? (at.done - peak) / (last - peak) : 0);
}

double cosine_restarts(double base, const At& at, const Numbers& n) {
  enum { kPeriod, kGrowth, kMinimum };
  double period = n[kPeriod], t = at.passed;
  if (n[kGrowth] == 1) t = std::fmod(t, period);
  for (; t >= period; period *= n[kGrowth]) t -= period;
  return arc(base, n[kMinimum], t / period);
}

}  // namespace

const std::vector<Curve>& schedule_curves() {
  static const std::vector<Curve> table = {
      {"constant", {}, {Unit::step}, [](double base, const At&, const Numbers&) { return base; }},
      {"step",
       {{"every", {}, 1}, {"factor", 0.1}},
       {Unit::epoch, Unit::step},
       [](double base, const At& at, const Numbers& n) {
         return base * std::pow(n[1], std::floor(at.done / n[0]));
       }},
      {"steps",
       {{"factor", 0.1}},
       {Unit::epoch, Unit::step, Unit::share},
       [](double base, const At& at, const Numbers& n) {
         const auto behind = std::count_if(at.places.begin(), at.places.end(),
                                           [&](double place) { return at.from_start >= place; });
         return base * std::pow(n[0], static_cast<double>(behind));
       },
       /*takes_places=*/true},
      {"exponential",
       {{"decay", 0.95}},
       {Unit::epoch, Unit::step},
       [](double base, const At& at, const Numbers& n) { return base * std::pow(n[0], at.done); }},
      {"cosine",
       {{"min", 0.0}},
       {Unit::step},
       [](double base, const At& at, const Numbers& n) {
         return arc(base, n[0], at.done / std::max(at.total, 1.0));
       }},
      {"cosine_restarts",
       {{"period", {}, 1}, {"growth", 1.0, 1}, {"min", 0.0}},
       {Unit::epoch, Unit::step},
       cosine_restarts},
      {"one_cycle", {{"rise", 0.3, 0, 1}, {"div", 25.0, 1}, {"final_div", 1e4, 1}}, {Unit::step}, one_cycle},
      {"plateau",
       {{"factor", 0.1, 0, 1}, {"patience", 10.0, 0, 1e9, true}, {"threshold", 1e-4, 0, 1}, {"min", 0.0}},
       {Unit::epoch},
       [](double base, const At& at, const Numbers& n) {
         return std::max(base * std::pow(n[kFactor], at.drops), std::min(n[kMin], base));
       }},
  };
  return table;
}

}  // namespace gradus::optim
