// Rows of a CSV sheet, encoded by a schema.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/csv_columns.h"
#include "gradus/data.h"

namespace gradus::data {

// Where the columns of a schema are in a sheet.
struct CsvPlaces {
  std::vector<std::size_t> features;  // one per schema.columns
  std::vector<std::size_t> targets;   // one per schema.targets, or none
  std::optional<std::size_t> weight;
};

// The data rows without a missing value in the `needed` columns. Rows with one are left out when `drop`, else
// refused with their lines and an advice. Refused too if no row is left.
std::vector<std::size_t> usable_rows(const CsvSheet& sheet, const std::vector<std::size_t>& needed, bool drop,
                                     std::string_view advice);

// x f64 [rows, schema.features()].
Tensor encode_features(const CsvSheet& sheet, const CsvSchema& schema, const CsvPlaces& places,
                       const std::vector<std::size_t>& rows);

// Sets y, kind, classes, labels, weight and the names of `data`. Labels are read by `known`.
void encode_targets(const CsvSheet& sheet, const CsvSchema& schema, const CsvPlaces& places,
                    const std::vector<std::size_t>& rows, const std::optional<LabelMap>& known,
                    Dataset& data);

}  // namespace gradus::data
