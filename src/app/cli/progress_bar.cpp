#include "app/cli/progress_bar.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/check.h"
#include "base/text.h"

namespace gradus::cli {
namespace {

constexpr int kBarColumns = 20;
constexpr const char* kClearLine = "\r\x1b[K";

std::string bar(double fraction, bool unicode) {
  // Unicode blocks show eighths of a column.
  const int eighths = static_cast<int>(std::lround(fraction * kBarColumns * 8));
  const int full = eighths / 8;
  std::string text;
  if (!unicode) {
    text = std::string(static_cast<std::size_t>(full), '=');
    if (full < kBarColumns) text += '>';
    text.resize(kBarColumns, ' ');
    return "[" + text + "]";
  }
  constexpr const char* kParts[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  for (int i = 0; i < full; ++i) text += "█";
  text += kParts[eighths % 8];
  text += std::string(static_cast<std::size_t>(kBarColumns) - columns_of(text), ' ');
  return "▕" + text + "▏";
}

}  // namespace

std::string progress_line(const ProgressState& state, int columns, bool unicode) {
  const double fraction =
      state.total > 0
          ? std::clamp(static_cast<double>(state.done) / static_cast<double>(state.total), 0.0, 1.0)
          : 0.0;
  std::vector<std::string> parts = {bar(fraction, unicode), fmt::format("{:3.0f} %", 100 * fraction)};
  if (state.rate > 0) parts.push_back(brief(state.rate) + "/s");
  if (state.seconds_left >= 0) parts.push_back(duration(state.seconds_left) + " left");
  parts.push_back(fmt::format("loss {} ({})", measure(state.loss), measure(state.smoothed)));
  if (state.accuracy) parts.push_back(fmt::format("accuracy {:.3f}", *state.accuracy));
  // The last column stays free: a terminal may wrap when it is filled.
  const std::size_t limit = static_cast<std::size_t>(std::max(columns - 1, 0));
  std::string line = state.label;
  for (const std::string& part : parts) {
    if (columns_of(line) + 2 + columns_of(part) > limit) break;
    line += "  " + part;
  }
  return columns_of(line) <= limit ? line : std::string();
}

bool ProgressBar::due() const { return !drawn_at_ || options_.now() - *drawn_at_ >= options_.interval; }

void ProgressBar::update(const ProgressState& state) {
  if (!due()) return;
  drawn_at_ = options_.now();
  shown_ = true;
  options_.write(kClearLine + progress_line(state, options_.columns(), options_.unicode));
}

void ProgressBar::clear() {
  if (shown_) options_.write(kClearLine);
  shown_ = false;
}

}  // namespace gradus::cli
