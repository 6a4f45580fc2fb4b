// Numbers and lines as people read them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gradus {

std::string grouped(std::int64_t count);                         // 1234567 -> "1,234,567"
std::string counted(std::int64_t count, std::string_view noun);  // "1 step", "1,200 steps"
std::string brief(double count);                                 // 1234567 -> "1.23 M", 950 -> "950"
std::string bytes_text(double bytes);                            // 1536 -> "1.5 KiB"
std::string duration(double seconds);           // 4.2 -> "4.2 s", 75 -> "1:15", 3675 -> "1:01:15"
std::string share(double fraction);             // 0.9512 -> "95.12 %"
std::string measure(double value);              // four significant digits, "nan" and "inf" as such
std::size_t columns_of(std::string_view utf8);  // characters, each taken as one column wide

// `text` broken between words into lines of at most `width` columns, each with `margin` spaces before it and
// '\n' after it.
std::string indented(std::string_view text, std::size_t margin, std::size_t width);

// The parts of `text` between separators; "" gives one empty part.
std::vector<std::string> parts_of(std::string_view text, char separator);

// Columns of text, aligned; numbers go to the right. No line has trailing spaces.
class TextTable {
 public:
  enum class Align { left, right };
  struct Column {
    std::string title;
    Align align = Align::left;
  };
  explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

  void row(std::vector<std::string> cells);
  void rule();  // a line across, as before totals
  std::string str() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;  // an empty one is a rule
};

}  // namespace gradus
