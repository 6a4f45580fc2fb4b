// One line that is drawn again and again while an epoch runs.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace gradus::cli {

// Where a training run stands.
struct ProgressState {
  std::string label;      // "epoch 3/20"
  std::int64_t done = 0;  // examples of this epoch
  std::int64_t total = 0;
  double rate = 0;          // examples per second
  double seconds_left = 0;  // of the whole run; negative: not known
  double loss = 0, smoothed = 0;
  std::optional<double> accuracy = {};  // of this epoch so far
};

struct ProgressBarOptions {
  std::function<void(std::string_view)> write;  // to the terminal
  std::function<double()> now;                  // seconds, monotonic
  std::function<int()> columns;                 // of the terminal, asked at every drawing
  bool unicode = true;
  double interval = 0.05;  // seconds between drawings, at least
};

// "epoch 3/20  [=====>    ]  45 %  12.3 k/s  0:42 left  loss 0.3121 (0.3304)  accuracy 0.912". Parts that do
// not fit the terminal are left out, the last ones first.
std::string progress_line(const ProgressState& state, int columns, bool unicode);

class ProgressBar {
 public:
  explicit ProgressBar(ProgressBarOptions options) : options_(std::move(options)) {}

  // Whether enough time has passed for update() to draw.
  bool due() const;
  void update(const ProgressState& state);
  // Takes the line away, as before a permanent one.
  void clear();

 private:
  ProgressBarOptions options_;
  std::optional<double> drawn_at_;
  bool shown_ = false;
};

}  // namespace gradus::cli
