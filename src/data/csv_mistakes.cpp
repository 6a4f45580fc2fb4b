#include "data/csv_mistakes.h"

#include <algorithm>
#include <functional>
#include <string>

#include "base/check.h"
#include "data/text.h"

namespace gradus::data {
namespace {

constexpr std::size_t kEnoughValues = 10;

// "1,5" as "1.5"; empty for anything else.
std::string with_point(std::string_view cell) {
  const auto comma = cell.find(',');
  if (comma == std::string_view::npos || cell.find('.') != std::string_view::npos) return {};
  std::string text(cell);
  text[comma] = '.';
  return parse_number(text) ? text : std::string();
}

// Undoubled cells lie outside the table's text: they were quoted, too.
bool is_quoted(const CsvTable& table, std::string_view cell) {
  const char* const begin = table.text.data();
  const std::less<const char*> before;
  if (before(cell.data(), begin) || !before(cell.data(), begin + table.text.size())) return true;
  return cell.data() != begin && cell.data()[-1] == '"';
}

}  // namespace

void refuse_mistaken_text(const CsvSheet& sheet, std::size_t column, const std::vector<std::size_t>& rows,
                          bool is_target) {
  const CsvTable& table = sheet.table;
  std::vector<std::size_t> texts, commas;
  std::size_t values = 0, quoted = 0;
  for (const std::size_t row : rows) {
    const std::string_view cell = table.cell(row, column);
    if (is_missing(cell)) continue;
    ++values;
    if (is_quoted(table, cell)) ++quoted;
    if (parse_number(cell)) continue;
    const bool is_comma = !is_quoted(table, cell) && !with_point(cell).empty();
    (is_comma ? commas : texts).push_back(row);
  }
  const bool mostly_numbers = texts.size() * 10 <= values;
  if (!mostly_numbers || quoted == values) return;
  const std::string& name = sheet.names[column];
  if (!commas.empty()) {
    const std::string_view first = table.cell(commas.front(), column);
    fail(Fault::data,
         "{}:{}: column '{}': a number was needed, '{}' was given. Write numbers with a decimal point, as in "
         "{}.",
         table.file, table.lines[commas.front()], name, first, with_point(first));
  }
  if (texts.empty() || values < kEnoughValues) return;
  std::vector<std::int64_t> lines;
  for (const std::size_t row : texts) lines.push_back(table.lines[row]);
  fail(Fault::data,
       "{}:{}: column '{}': a number was needed, '{}' was given. No numbers: {} of {} values, in {}. Repair "
       "them, or write NA there and give missing={}; to take the column as text, quote all its values.",
       table.file, lines.front(), name, table.cell(texts.front(), column), texts.size(), values,
       list_lines(lines),
       is_target ? "drop" : fmt::format("mean, or leave the column out with drop={}", name));
}

}  // namespace gradus::data
