// What the columns of a CSV table hold, and which of them a name means.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/csv_table.h"

namespace gradus::data {

// A table with its header told apart: data rows are [first_row, table.rows()).
struct CsvSheet {
  CsvTable table;
  std::vector<std::string> names;  // of the columns; "column_0", ... without a header
  bool header = false;
  std::size_t first_row = 0;
};

// By default a first row is a header if no cell of it is a number, or if a column of numbers has a text
// there. Refused: two columns of one name, no data rows.
CsvSheet read_csv_sheet(const std::filesystem::path& file, std::optional<bool> header,
                        const std::vector<std::string>& expected = {});

bool is_missing(std::string_view cell);  // empty, NA, NaN, ?, null, in any case of letters

enum class CellKind { integer, number, text };  // each includes those before it

// What all cells of the column in `rows` are, missing ones left aside (integer if there are no others).
CellKind kind_of_column(const CsvTable& table, std::size_t column, const std::vector<std::size_t>& rows);

// The column a name, or else a 0-based index, means. Error that lists the columns.
std::size_t find_column(const CsvSheet& sheet, const std::string& name);

// "line 4", "lines 4, 7, 9", "lines 4, 7, ... (123 in all)".
std::string list_lines(const std::vector<std::int64_t>& lines);

// The finite number in a cell. Error with line and column.
double number_in(const CsvSheet& sheet, std::size_t row, std::size_t column);

}  // namespace gradus::data
