#include "base/text.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace gradus {

std::string grouped(std::int64_t count) {
  std::string digits = std::to_string(count);
  const std::size_t first = count < 0 ? 1 : 0;
  for (std::size_t at = digits.size(); at > first + 3;) digits.insert(at -= 3, ",");
  return digits;
}

std::string counted(std::int64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", grouped(count), noun, count == 1 ? "" : "s");
}

std::string brief(double count) {
  constexpr const char* kUnits[] = {"", " k", " M", " G", " T", " P"};
  std::size_t unit = 0;
  while (count >= 999.5 && unit + 1 < std::size(kUnits)) count /= 1000, ++unit;
  return unit == 0 ? fmt::format("{:.0f}", count) : fmt::format("{:#.3g}{}", count, kUnits[unit]);
}

std::string bytes_text(double bytes) {
  constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  while (bytes >= 1023.95 && unit + 1 < std::size(kUnits)) bytes /= 1024, ++unit;
  return fmt::format("{:.{}f} {}", bytes, unit == 0 ? 0 : 1, kUnits[unit]);
}

std::string duration(double seconds) {
  if (!std::isfinite(seconds)) return "?";
  if (seconds < 9.95) return fmt::format("{:.1f} s", std::max(seconds, 0.0));
  if (seconds < 59.5) return fmt::format("{:.0f} s", seconds);
  const auto whole = static_cast<std::int64_t>(std::llround(std::min(seconds, 1e9)));
  const std::int64_t hours = whole / 3600, minutes = whole / 60 % 60, rest = whole % 60;
  return hours ? fmt::format("{}:{:02}:{:02}", hours, minutes, rest) : fmt::format("{}:{:02}", minutes, rest);
}

std::string share(double fraction) { return fmt::format("{:.2f} %", 100 * fraction); }

std::string measure(double value) {
  return std::isnan(value) ? "nan" : fmt::format("{:.4g}", value);  // not "-nan"
}

std::size_t columns_of(std::string_view utf8) {
  return static_cast<std::size_t>(std::count_if(
      utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string indented(std::string_view text, std::size_t margin, std::size_t width) {
  std::string lines, line;
  const auto finish = [&] {
    lines += std::string(line.empty() ? 0 : margin, ' ') + line + "\n";
    line.clear();
  };
  for (const std::string& word : parts_of(text, ' ')) {
    if (!line.empty() && margin + columns_of(line) + 1 + columns_of(word) > width) finish();
    line += (line.empty() ? "" : " ") + word;
  }
  finish();
  return lines;
}

std::vector<std::string> parts_of(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0;;) {
    const std::size_t end = text.find(separator, begin);
    parts.emplace_back(text.substr(begin, end - begin));
    if (end == std::string_view::npos) return parts;
    begin = end + 1;
  }
}

void TextTable::row(std::vector<std::string> cells) {
  GRADUS_CHECK(cells.size() == columns_.size());
  rows_.push_back(std::move(cells));
}

void TextTable::rule() { rows_.emplace_back(); }

std::string TextTable::str() const {
  std::vector<std::size_t> widths;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    std::size_t width = columns_of(columns_[c].title);
    for (const auto& cells : rows_) width = std::max(width, cells.empty() ? 0 : columns_of(cells[c]));
    widths.push_back(width);
  }
  std::string text;
  const auto add = [&](const auto& cell) {
    std::string line;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      const std::string content = cell(c);
      const std::string gap(widths[c] - columns_of(content), ' ');
      const bool right = columns_[c].align == Align::right;
      line += fmt::format("  {}{}", right ? gap : content, right ? content : gap);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  };
  const auto rule_cell = [&](std::size_t c) { return std::string(widths[c], '-'); };
  add([&](std::size_t c) { return columns_[c].title; });
  add(rule_cell);
  for (const auto& cells : rows_) {
    if (cells.empty())
      add(rule_cell);
    else
      add([&](std::size_t c) { return cells[c]; });
  }
  return text;
}

}  // namespace gradus
