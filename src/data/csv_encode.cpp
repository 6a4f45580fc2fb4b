#include "data/csv_encode.h"

#include <algorithm>
#include <unordered_map>

#include "base/check.h"
#include "data/labels.h"
#include "data/text.h"

namespace gradus::data {
namespace {

using Rows = std::vector<std::size_t>;

void encode_number(const CsvSheet& sheet, const CsvColumn& column, std::size_t place, const Rows& rows,
                   double* to, std::size_t width) {
  for (const std::size_t row : rows) {
    const bool missing = is_missing(sheet.table.cell(row, place));
    *to = missing ? *column.fill : number_in(sheet, row, place);
    to += width;
  }
}

void encode_category(const CsvSheet& sheet, const CsvColumn& column, std::size_t place, const Rows& rows,
                     double* to, std::size_t width) {
  std::unordered_map<std::string_view, std::size_t> index;
  for (const std::string& category : column.categories) index.emplace(category, index.size());
  for (const std::size_t row : rows) {
    const std::string_view cell = sheet.table.cell(row, place);
    const auto found = index.find(is_missing(cell) ? std::string_view(*column.fill_text) : cell);
    require(Fault::data, found != index.end(), "{} line {}: column '{}' must be one of {}, '{}' was given.",
            sheet.table.file, sheet.table.lines[row], column.name, list_names(column.categories), cell);
    to[found->second] = 1.0;
    to += width;
  }
}

LabelPlace label_place(const CsvSheet& sheet, std::size_t column, const Rows& rows) {
  return {fmt::format("{} column '{}'", sheet.table.file, sheet.names[column]),
          [&sheet, &rows](std::int64_t i) {
            return fmt::format("line {}", sheet.table.lines[rows[static_cast<std::size_t>(i)]]);
          }};
}

// Integers of a column, or nothing if one is none.
std::optional<std::vector<std::int64_t>> integers_in(const CsvSheet& sheet, std::size_t column,
                                                     const Rows& rows) {
  std::vector<std::int64_t> values;
  for (const std::size_t row : rows) {
    const auto value = parse_integer(sheet.table.cell(row, column));
    if (!value) return std::nullopt;
    values.push_back(*value);
  }
  return values;
}

EncodedLabels encode_labels(const CsvSheet& sheet, std::size_t column, const Rows& rows,
                            const std::optional<LabelMap>& known) {
  const LabelPlace place = label_place(sheet, column, rows);
  if (const auto integers = integers_in(sheet, column, rows)) return encode_integers(*integers, known, place);
  std::vector<std::string> texts;
  for (const std::size_t row : rows) texts.emplace_back(sheet.table.cell(row, column));
  return encode_texts(texts, known, place);
}

Tensor encode_numbers(const CsvSheet& sheet, const std::vector<std::size_t>& columns, const Rows& rows,
                      Kind kind) {
  const auto n = static_cast<std::int64_t>(rows.size());
  const auto width = static_cast<std::int64_t>(columns.size());
  const bool flat = width == 1 && kind == Kind::real;
  Tensor y(DType::f64, flat ? Shape{n} : Shape{n, width});
  double* to = y.values<double>().data();
  for (const std::size_t row : rows) {
    for (const std::size_t column : columns) {
      *to = number_in(sheet, row, column);
      require(Fault::data, kind == Kind::real || *to == 0.0 || *to == 1.0,
              "{} line {}: column '{}' needs a label 0 or 1, '{}' was given.", sheet.table.file,
              sheet.table.lines[row], sheet.names[column], sheet.table.cell(row, column));
      ++to;
    }
  }
  return y;
}

Tensor encode_weights(const CsvSheet& sheet, std::size_t column, const Rows& rows) {
  Tensor weight(DType::f32, Shape{static_cast<std::int64_t>(rows.size())});
  float* to = weight.values<float>().data();
  for (const std::size_t row : rows) {
    const double value = number_in(sheet, row, column);
    require(Fault::data, value >= 0.0, "{} line {}: column '{}' needs a weight of 0 or more, '{}' was given.",
            sheet.table.file, sheet.table.lines[row], sheet.names[column], sheet.table.cell(row, column));
    *to++ = static_cast<float>(value);
  }
  return weight;
}

}  // namespace

Rows usable_rows(const CsvSheet& sheet, const std::vector<std::size_t>& needed, bool drop,
                 std::string_view advice) {
  Rows rows;
  std::vector<std::int64_t> lines;
  std::size_t column_of_first = 0;
  for (std::size_t row = sheet.first_row; row < sheet.table.rows(); ++row) {
    const auto gap = std::find_if(needed.begin(), needed.end(), [&](std::size_t column) {
      return is_missing(sheet.table.cell(row, column));
    });
    if (gap == needed.end()) {
      rows.push_back(row);
    } else {
      if (lines.empty()) column_of_first = *gap;
      lines.push_back(sheet.table.lines[row]);
    }
  }
  require(Fault::data, lines.empty() || drop, "{}: values are missing in {} (the first in column '{}'). {}",
          sheet.table.file, list_lines(lines), sheet.names[column_of_first], advice);
  require(Fault::data, !rows.empty(), "{}: all {} rows miss a value.", sheet.table.file, lines.size());
  return rows;
}

Tensor encode_features(const CsvSheet& sheet, const CsvSchema& schema, const CsvPlaces& places,
                       const Rows& rows) {
  const std::int64_t width = schema.features();
  Tensor x(DType::f64, Shape{static_cast<std::int64_t>(rows.size()), width});
  double* to = x.values<double>().data();
  for (std::size_t i = 0; i < schema.columns.size(); ++i) {
    const CsvColumn& column = schema.columns[i];
    const auto encode = column.category ? encode_category : encode_number;
    encode(sheet, column, places.features[i], rows, to, static_cast<std::size_t>(width));
    to += column.category ? column.categories.size() : 1;
  }
  return x;
}

void encode_targets(const CsvSheet& sheet, const CsvSchema& schema, const CsvPlaces& places, const Rows& rows,
                    const std::optional<LabelMap>& known, Dataset& data) {
  data.kind = schema.kind;
  data.classes = schema.classes;
  data.labels = schema.labels;
  data.target_names = schema.targets;
  if (places.weight) data.weight = encode_weights(sheet, *places.weight, rows);
  if (!places.targets.empty() && data.kind == Kind::classes) {
    EncodedLabels encoded = encode_labels(sheet, places.targets[0], rows, known);
    data.y = std::move(encoded.y);
    data.classes = std::max(schema.classes, encoded.classes);
    data.labels = std::move(encoded.map);
  } else if (!places.targets.empty()) {
    data.y = encode_numbers(sheet, places.targets, rows, data.kind);
  }
  if (data.kind == Kind::multi_label) data.classes = static_cast<std::int64_t>(schema.targets.size());
  if (data.kind == Kind::classes) data.class_names = data.labels.values;
  if (data.kind == Kind::multi_label) data.class_names = schema.targets;
}

}  // namespace gradus::data
