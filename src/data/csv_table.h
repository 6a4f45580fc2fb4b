// A CSV file as a table of texts (RFC 4180).
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace gradus::data {

// Cells are views into the table's own text: it moves, but does not copy.
struct CsvTable {
  CsvTable() = default;
  CsvTable(CsvTable&&) = default;
  CsvTable& operator=(CsvTable&&) = default;

  std::string file;  // opens every message
  std::vector<char> text;
  std::deque<std::string> unquoted;     // fields whose doubled quotes had to be undone
  std::vector<std::string_view> cells;  // [rows * columns]
  std::vector<std::int64_t> lines;      // where each row starts, from 1
  std::size_t columns = 0;
  char delimiter = ',';

  std::size_t rows() const { return lines.size(); }
  std::string_view cell(std::size_t row, std::size_t column) const { return cells[row * columns + column]; }
};

// Reads a file, plain or gzip. The delimiter is the one of , ; tab | that cuts the first lines most evenly.
// Quoted fields may hold delimiters, line ends and doubled quotes; unquoted ones lose spaces at both ends;
// empty lines count for nothing. Refused: no rows, a quote left open or followed by text, rows of unequal
// length, a byte 0.
CsvTable read_csv_table(const std::filesystem::path& file);

}  // namespace gradus::data
