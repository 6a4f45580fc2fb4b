// The part of a run's health that rules ask for: it stays small however long the run is.
#pragma once

#include <limits>
#include <optional>
#include <string_view>
#include <vector>

#include "train/health/facts.h"
#include "train/health/record.h"

namespace gradus::train {

struct HealthCourse {
  // Validation loss rises by chance, too, but not by a fifth for epochs while the training loss falls.
  static constexpr double kOverfitted = 1.2;

  // How much an update changed the median weight of two axes or more.
  struct Update {
    double ratio = std::numeric_limits<double>::quiet_NaN();
    std::int64_t step = 0;
    double lr = 0;
  };

  std::int64_t looks = 0;
  HealthEvent first, second, before, now;  // as far as there are so many
  Update update, largest_update;           // of `now`, and of all looks

  std::int64_t epochs = 0;
  EpochEvent last, best;  // best: of the lowest validation loss, or without one the lowest training loss
  std::int64_t overfitted =
      0;  // of the last epochs: those with a validation loss of kOverfitted times the best

  std::vector<Finding> findings;

  void add(const HealthEvent& look, const HealthFacts& facts);
  void add(const EpochEvent& epoch);
  bool told(std::string_view rule) const;
  bool told_any(std::initializer_list<std::string_view> rules) const;
  // Whether the two newest looks are finite in every layer; without two looks false.
  bool two_finite() const;
};

// What a history holds, in its order.
HealthCourse course_of(const HealthRecord& record, const HealthFacts& facts);

const LayerHealth* find_layer(const HealthEvent& event, std::string_view path);
std::string title(const LayerHealth& layer);  // "layers.3 (relu)"

}  // namespace gradus::train
