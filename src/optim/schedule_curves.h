// The kinds of learning-rate schedules.
#pragma once

#include <limits>
#include <optional>
#include <string_view>
#include <vector>

#include "gradus/optim.h"

namespace gradus::optim {

struct Schedule::Curve {
  struct Number {
    std::string_view name;
    std::optional<double> preset;
    double low = 0, high = std::numeric_limits<double>::infinity();
    bool whole = false;
  };
  // Where the curve is, in its unit; a share's unit is the run. All but `from_start` counts from the end of a
  // warmup.
  struct At {
    double done, total;         // whole units done, and in the run
    double passed, from_start;  // exact units done
    double drops;               // plateau's
    const std::vector<double>& places;
  };
  std::string_view name;
  std::vector<Number> numbers;
  std::vector<Unit> units;  // the default first; more than one: the text may choose
  double (*lr)(double base, const At& at, const std::vector<double>& numbers);
  bool takes_places = false;  // at=A|B|...
};

const std::vector<Schedule::Curve>& schedule_curves();

// Of plateau's numbers.
enum Plateau { kFactor, kPatience, kThreshold, kMin };

}  // namespace gradus::optim
