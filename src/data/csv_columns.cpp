#include "data/csv_columns.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "base/check.h"
#include "base/suggest.h"
#include "data/labels.h"
#include "data/text.h"

namespace gradus::data {
namespace {

constexpr std::size_t kLinesShown = 10;

bool is_number(std::string_view cell) { return parse_number(cell).has_value(); }

bool looks_like_header(const CsvTable& table) {
  bool any_number = false;
  std::vector<std::size_t> below(table.rows() - 1);
  for (std::size_t row = 1; row < table.rows(); ++row) below[row - 1] = row;
  for (std::size_t column = 0; column < table.columns; ++column) {
    const std::string_view first = table.cell(0, column);
    if (is_number(first)) any_number = true;
    if (is_missing(first) || is_number(first) || below.empty()) continue;
    if (kind_of_column(table, column, below) != CellKind::text) return true;
  }
  return !any_number;
}

bool first_row_holds(const CsvTable& table, const std::vector<std::string>& names) {
  const auto begin = table.cells.begin();
  const auto end = begin + static_cast<std::ptrdiff_t>(table.columns);
  return !names.empty() && std::all_of(names.begin(), names.end(), [&](const std::string& name) {
    return std::find(begin, end, name) != end;
  });
}

std::vector<std::string> header_names(const CsvTable& table) {
  std::vector<std::string> names;
  std::unordered_map<std::string, std::size_t> seen;
  for (std::size_t column = 0; column < table.columns; ++column) {
    const std::string_view cell = table.cell(0, column);
    names.push_back(cell.empty() ? fmt::format("column_{}", column) : std::string(cell));
    const auto [first, is_new] = seen.emplace(names.back(), column);
    require(Fault::data, is_new, "{} line {}: column names must differ, columns {} and {} are both '{}'.",
            table.file, table.lines[0], first->second, column, names.back());
  }
  return names;
}

}  // namespace

bool is_missing(std::string_view cell) {
  if (cell.empty() || cell == "?") return true;
  const bool may_be = cell.size() <= 4 && (cell[0] == 'n' || cell[0] == 'N');
  if (!may_be) return false;
  std::string lower(cell);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower == "na" || lower == "nan" || lower == "null";
}

CellKind kind_of_column(const CsvTable& table, std::size_t column, const std::vector<std::size_t>& rows) {
  CellKind kind = CellKind::integer;
  for (const std::size_t row : rows) {
    const std::string_view cell = table.cell(row, column);
    if (is_missing(cell)) continue;
    if (kind == CellKind::integer && parse_integer(cell)) continue;
    if (!is_number(cell)) return CellKind::text;
    kind = CellKind::number;
  }
  return kind;
}

CsvSheet read_csv_sheet(const std::filesystem::path& file, std::optional<bool> header,
                        const std::vector<std::string>& expected) {
  CsvSheet sheet;
  sheet.table = read_csv_table(file);
  sheet.header = header.value_or(first_row_holds(sheet.table, expected) || looks_like_header(sheet.table));
  if (sheet.header) {
    sheet.names = header_names(sheet.table);
    sheet.first_row = 1;
  } else {
    for (std::size_t i = 0; i < sheet.table.columns; ++i) sheet.names.push_back(fmt::format("column_{}", i));
  }
  require(Fault::data, sheet.table.rows() > sheet.first_row,
          "{}: at least one row of data was needed, there is only a header.", sheet.table.file);
  return sheet;
}

std::size_t find_column(const CsvSheet& sheet, const std::string& name) {
  const auto found = std::find(sheet.names.begin(), sheet.names.end(), name);
  if (found != sheet.names.end()) return static_cast<std::size_t>(found - sheet.names.begin());
  const auto index = parse_integer(name);
  if (index && *index >= 0 && static_cast<std::size_t>(*index) < sheet.names.size()) {
    return static_cast<std::size_t>(*index);
  }
  fail(Fault::data, "{}: there is no column '{}'; the columns are {}.{}", sheet.table.file, name,
       list_names(sheet.names), did_you_mean(name, sheet.names));
}

std::string list_lines(const std::vector<std::int64_t>& lines) {
  std::string text = lines.size() == 1 ? "line " : "lines ";
  for (std::size_t i = 0; i < std::min(lines.size(), kLinesShown); ++i)
    text += fmt::format("{}{}", i ? ", " : "", lines[i]);
  if (lines.size() > kLinesShown) text += fmt::format(", ... ({} in all)", lines.size());
  return text;
}

double number_in(const CsvSheet& sheet, std::size_t row, std::size_t column) {
  const std::string_view cell = sheet.table.cell(row, column);
  const auto value = parse_number(cell);
  require(Fault::data, value && std::isfinite(*value),
          "{} line {}: column '{}' needs a {}number, '{}' was given.", sheet.table.file,
          sheet.table.lines[row], sheet.names[column], value ? "finite " : "", cell);
  return *value;
}

}  // namespace gradus::data
