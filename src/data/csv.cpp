// CSV files to data sets: a schema is fitted to one file, and applied to others.
#include <algorithm>
#include <map>
#include <set>

#include "base/check.h"
#include "base/suggest.h"
#include "data/csv_encode.h"
#include "data/csv_mistakes.h"
#include "data/labels.h"
#include "data/text.h"
#include "gradus/data.h"

namespace gradus::data {
namespace {

// A column with more texts than this is a name or a number gone wrong, and would make x huge.
constexpr std::size_t kMaxCategories = 1000;

constexpr const char* kFillAdvice =
    "Fill features with missing=mean or missing=median, or leave the lines out with missing=drop.";
// By a schema the options of its file are settled.
constexpr const char* kSchemaAdvice =
    "Write values there, or leave the lines out; a model trained with missing=mean or missing=median fills "
    "features in.";

using Rows = std::vector<std::size_t>;

bool contains(const std::vector<std::size_t>& columns, std::size_t column) {
  return std::find(columns.begin(), columns.end(), column) != columns.end();
}

std::vector<std::size_t> find_columns(const CsvSheet& sheet, const std::vector<std::string>& names) {
  std::vector<std::size_t> columns;
  for (const std::string& name : names) {
    columns.push_back(find_column(sheet, name));
    require(Fault::data, std::count(columns.begin(), columns.end(), columns.back()) == 1,
            "{}: column '{}' is named twice.", sheet.table.file, sheet.names[columns.back()]);
  }
  return columns;
}

// Which columns are what, as the options say.
CsvPlaces choose_columns(const CsvSheet& sheet, const CsvOptions& options) {
  CsvPlaces places;
  places.targets = find_columns(sheet, options.targets);
  if (places.targets.empty()) places.targets.push_back(sheet.names.size() - 1);
  if (!options.weight.empty()) places.weight = find_column(sheet, options.weight);
  const std::vector<std::size_t> chosen = find_columns(sheet, options.columns);
  const std::vector<std::size_t> dropped = find_columns(sheet, options.drop);
  for (const std::size_t target : places.targets) {
    require(Fault::data, target != places.weight && !contains(dropped, target),
            "{}: column '{}' is the target; it cannot be the weight or be dropped.", sheet.table.file,
            sheet.names[target]);
  }
  for (std::size_t column = 0; column < sheet.names.size(); ++column) {
    const bool wanted = chosen.empty() || contains(chosen, column);
    const bool used = contains(places.targets, column) || column == places.weight;
    if (wanted && !used && !contains(dropped, column)) places.features.push_back(column);
  }
  require(Fault::data, !places.features.empty(),
          "{}: at least one feature column was needed, beside the target '{}' none is left.",
          sheet.table.file, sheet.names[places.targets[0]]);
  return places;
}

// The columns that no missing value can be filled in for.
std::vector<std::size_t> unfilled(const CsvPlaces& places, const std::vector<CsvColumn>& columns) {
  std::vector<std::size_t> needed = places.targets;
  if (places.weight) needed.push_back(*places.weight);
  for (std::size_t i = 0; i < places.features.size(); ++i) {
    if (!columns[i].fill && !columns[i].fill_text) needed.push_back(places.features[i]);
  }
  return needed;
}

double middle(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : values[half - 1] + (values[half] - values[half - 1]) / 2;
}

double mean_of(const std::vector<double>& values) {
  double mean = 0.0;
  for (const double value : values) mean += value / static_cast<double>(values.size());
  return mean;
}

void fit_numbers(const CsvSheet& sheet, std::size_t place, const Rows& rows, Missing missing,
                 CsvColumn& column) {
  if (missing != Missing::mean && missing != Missing::median) return;
  std::vector<double> values;
  for (const std::size_t row : rows) {
    if (!is_missing(sheet.table.cell(row, place))) values.push_back(number_in(sheet, row, place));
  }
  require(Fault::data, !values.empty(), "{}: column '{}' has no values. Leave it out with drop={}.",
          sheet.table.file, column.name, column.name);
  column.fill = missing == Missing::mean ? mean_of(values) : middle(std::move(values));
}

void fit_categories(const CsvSheet& sheet, std::size_t place, const Rows& rows, Missing missing,
                    CsvColumn& column) {
  std::map<std::string_view, std::int64_t> counts;
  for (const std::size_t row : rows) {
    const std::string_view cell = sheet.table.cell(row, place);
    if (!is_missing(cell)) ++counts[cell];
  }
  require(Fault::data, counts.size() <= kMaxCategories,
          "{}: column '{}' has {} different texts, at most {} can be encoded. Leave it out with drop={}.",
          sheet.table.file, column.name, counts.size(), kMaxCategories, column.name);
  const auto most = std::max_element(counts.begin(), counts.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  if (missing == Missing::mean || missing == Missing::median) column.fill_text = std::string(most->first);
  column.category = true;
  for (const auto& [category, count] : counts) column.categories.emplace_back(category);
}

CsvColumn fit_column(const CsvSheet& sheet, std::size_t place, const Rows& rows, Missing missing) {
  CsvColumn column;
  column.name = sheet.names[place];
  if (kind_of_column(sheet.table, place, rows) == CellKind::text) {
    refuse_mistaken_text(sheet, place, rows, false);
    fit_categories(sheet, place, rows, missing, column);
  } else {
    fit_numbers(sheet, place, rows, missing, column);
  }
  return column;
}

bool all_bits(const CsvSheet& sheet, const std::vector<std::size_t>& columns, const Rows& rows) {
  return std::all_of(columns.begin(), columns.end(), [&](std::size_t column) {
    return std::all_of(rows.begin(), rows.end(), [&](std::size_t row) {
      const auto value = parse_integer(sheet.table.cell(row, column));
      return value && (*value == 0 || *value == 1);
    });
  });
}

// Integers of which some do not fit 64 bits are meant as labels, not as numbers to come close to.
void refuse_long_labels(const CsvSheet& sheet, std::size_t column, const Rows& rows) {
  std::optional<std::size_t> first;
  for (const std::size_t row : rows) {
    const std::string_view cell = sheet.table.cell(row, column);
    if (cell.find_first_not_of("+-0123456789") != std::string_view::npos) return;
    if (!first && !parse_integer(cell)) first = row;
  }
  if (!first) return;
  fail(Fault::data,
       "{} line {}: column '{}' needs integer labels within 64 bits, '{}' was given. Put a letter before all "
       "labels to take them as names, or give a regression loss.",
       sheet.table.file, sheet.table.lines[*first], sheet.names[column], sheet.table.cell(*first, column));
}

Kind kind_of_targets(const CsvSheet& sheet, const std::vector<std::size_t>& targets, const Rows& rows,
                     Targets asked) {
  if (asked == Targets::real) return Kind::real;
  if (targets.size() > 1) {
    const bool bits = asked == Targets::multi_label || all_bits(sheet, targets, rows);
    return bits ? Kind::multi_label : Kind::real;
  }
  const CellKind kind = kind_of_column(sheet.table, targets[0], rows);
  if (kind == CellKind::text) refuse_mistaken_text(sheet, targets[0], rows, true);
  if (kind == CellKind::number) refuse_long_labels(sheet, targets[0], rows);
  return kind == CellKind::number ? Kind::real : Kind::classes;
}

// By name where both files have headers, else by position; a file without a header may lack targets and
// weight.
CsvPlaces locate(const CsvSheet& sheet, const CsvSchema& schema) {
  std::vector<std::string> names = sheet.names;
  if (!(sheet.header && schema.header)) {
    names = schema.file_columns;
    if (sheet.names.size() != names.size()) {
      std::erase_if(names, [&](const std::string& name) {
        return name == schema.weight ||
               std::find(schema.targets.begin(), schema.targets.end(), name) != schema.targets.end();
      });
    }
    require(Fault::data, sheet.names.size() == names.size(),
            "{}: {} columns were needed, or {} without the target, {} were given.", sheet.table.file,
            schema.file_columns.size(), names.size(), sheet.names.size());
  }
  const auto find = [&](const std::string& name) -> std::optional<std::size_t> {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) return std::nullopt;
    return static_cast<std::size_t>(found - names.begin());
  };
  CsvPlaces places;
  for (const CsvColumn& column : schema.columns) {
    const auto place = find(column.name);
    require(Fault::data, place.has_value(), "{}: column '{}' was needed; the columns are {}.{}",
            sheet.table.file, column.name, list_names(names), did_you_mean(column.name, names));
    places.features.push_back(*place);
  }
  for (const std::string& name : schema.targets) {
    if (const auto place = find(name)) places.targets.push_back(*place);
  }
  if (places.targets.size() < schema.targets.size()) places.targets.clear();
  if (!schema.weight.empty() && !places.targets.empty()) places.weight = find(schema.weight);
  return places;
}

}  // namespace

std::int64_t CsvSchema::features() const {
  std::size_t count = 0;
  for (const CsvColumn& column : columns) count += column.category ? column.categories.size() : 1;
  return static_cast<std::int64_t>(count);
}

std::vector<std::string> CsvSchema::feature_names() const {
  std::vector<std::string> names;
  for (const CsvColumn& column : columns) {
    if (!column.category) names.push_back(column.name);
    for (const std::string& category : column.categories) names.push_back(column.name + "=" + category);
  }
  return names;
}

CsvData read_csv(const std::string& file, const CsvOptions& options) {
  const CsvSheet sheet = read_csv_sheet(file, options.header);
  const CsvPlaces places = choose_columns(sheet, options);
  CsvData result;
  CsvSchema& schema = result.schema;
  schema.file_columns = sheet.names;
  schema.header = sheet.header;
  schema.missing = options.missing;
  for (const std::size_t target : places.targets) schema.targets.push_back(sheet.names[target]);
  if (places.weight) schema.weight = sheet.names[*places.weight];
  // Mean and median fill in features only; the rows are needed before the fills can be fitted.
  const bool fill = options.missing == Missing::mean || options.missing == Missing::median;
  const CsvPlaces kept{fill ? std::vector<std::size_t>{} : places.features, places.targets, places.weight};
  const std::vector<CsvColumn> no_fills(kept.features.size());
  const Rows rows =
      usable_rows(sheet, unfilled(kept, no_fills), options.missing == Missing::drop, kFillAdvice);
  for (const std::size_t place : places.features)
    schema.columns.push_back(fit_column(sheet, place, rows, options.missing));
  schema.kind = kind_of_targets(sheet, places.targets, rows, options.kind);
  Dataset& data = result.data;
  data.x = encode_features(sheet, schema, places, rows);
  data.feature_names = schema.feature_names();
  encode_targets(sheet, schema, places, rows, std::nullopt, data);
  schema.classes = data.classes;
  schema.labels = data.labels;
  data.validate(sheet.table.file);
  return result;
}

Dataset read_csv(const std::string& file, const CsvSchema& schema) {
  std::vector<std::string> expected;
  if (schema.header) {
    for (const CsvColumn& column : schema.columns) expected.push_back(column.name);
  }
  const CsvSheet sheet = read_csv_sheet(file, std::nullopt, expected);
  const CsvPlaces places = locate(sheet, schema);
  // Rows of a file to predict must keep their places, so they are never dropped in silence.
  const bool drop = schema.missing == Missing::drop && !places.targets.empty();
  const Rows rows = usable_rows(sheet, unfilled(places, schema.columns), drop, kSchemaAdvice);
  Dataset data;
  data.x = encode_features(sheet, schema, places, rows);
  data.feature_names = schema.feature_names();
  encode_targets(sheet, schema, places, rows, schema.labels, data);
  data.validate(sheet.table.file);
  return data;
}

}  // namespace gradus::data
