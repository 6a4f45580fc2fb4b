// Columns that read as text but were meant as numbers.
#pragma once

#include <vector>

#include "data/csv_columns.h"

namespace gradus::data {

// Refuses (Fault::data) a column whose values in `rows` are numbers with few texts among them (at least 10
// values, at least 90 % numbers), and one of numbers with a decimal comma. A column whose values are all
// quoted is text. Missing values do not count.
void refuse_mistaken_text(const CsvSheet& sheet, std::size_t column, const std::vector<std::size_t>& rows,
                          bool is_target);

}  // namespace gradus::data
