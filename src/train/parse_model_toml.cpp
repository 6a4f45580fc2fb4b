// model.toml read: strictly, as files may come from elsewhere.
#include <fmt/format.h>
#include <toml++/toml.h>

#include <cmath>

#include "base/check.h"
#include "base/suggest.h"
#include "train/model_file.h"
#include "train/names.h"
#include "train/precision.h"
#include "train/prepare.h"

namespace gradus::train {

namespace {

// A table whose keys must all be known; messages open with FILE:LINE:COLUMN.
class Table {
 public:
  Table(const toml::table& table, std::string where, const std::vector<std::string>& known)
      : table_(table), where_(std::move(where)) {
    for (const auto& [key, node] : table) {
      const bool ok = std::find(known.begin(), known.end(), key.str()) != known.end();
      require(Fault::model, ok, "{}: there is no key '{}'.{}", at(node), key.str(),
              did_you_mean(key.str(), known));
    }
  }

  template <class T>
  std::optional<T> get(std::string_view key, const char* needed) const {
    const toml::node* node = table_.get(key);
    if (node == nullptr) return std::nullopt;
    const auto value = node->value_exact<T>();
    require(Fault::model, value.has_value(), "{}: {} must be {}.", at(*node), key, needed);
    return value;
  }
  std::string text(std::string_view key, std::string preset) const {
    return get<std::string>(key, "text").value_or(std::move(preset));
  }
  std::optional<double> number(std::string_view key) const {
    const auto value = get<double>(key, "a number with a point");
    require(Fault::model, !value || std::isfinite(*value), "{}: {} must be finite.", where_, key);
    return value;
  }

  template <class T>
  std::vector<T> list(std::string_view key, const char* needed) const {
    const toml::node* node = table_.get(key);
    if (node == nullptr) return {};
    const toml::array* array = node->as_array();
    require(Fault::model, array != nullptr, "{}: {} must be a list of {}.", at(*node), key, needed);
    std::vector<T> values;
    for (const toml::node& element : *array) {
      const auto value = element.value_exact<T>();
      require(Fault::model, value.has_value(), "{}: {} must be a list of {}.", at(element), key, needed);
      values.push_back(*value);
    }
    return values;
  }
  std::vector<std::string> texts(std::string_view key) const { return list<std::string>(key, "texts"); }
  std::vector<double> numbers(std::string_view key) const {
    std::vector<double> values = list<double>(key, "numbers with a point");
    for (const double value : values)
      require(Fault::model, std::isfinite(value), "{}: {} must hold finite numbers.", where_, key);
    return values;
  }

  template <class T, std::size_t N>
  T choice(std::string_view key, const std::pair<std::string_view, T> (&names)[N], T preset) const {
    const std::string given = text(key, std::string(name_in(names, preset)));
    const auto value = value_in(names, given);
    require(Fault::model, value.has_value(), "{}: {} '{}' is not known.", where_, key, given);
    return *value;
  }

  const toml::node* find(std::string_view key) const { return table_.get(key); }
  std::string at(const toml::node& node) const {
    return fmt::format("{}:{}:{}", where_, node.source().begin.line, node.source().begin.column);
  }
  const std::string& where() const { return where_; }

 private:
  const toml::table& table_;
  std::string where_;
};

void read_task(Model& model, const Table& table) {
  model.kind = table.choice("kind", kKinds, data::Kind::classes);
  model.loss = table.text("loss", model.loss);
  nn::find_loss(model.loss);
  model.precision = table.text("precision", "f32");
  require(Fault::model, model.precision == "f32" || model.precision == "f64",
          "{}: precision must be f32 or f64, got '{}'.", table.where(), model.precision);
  model.classes = table.get<std::int64_t>("classes", "an integer").value_or(0);
  model.labels.values = table.texts("labels");
  model.class_names = table.texts("class_names");
  model.target_names = table.texts("target_names");
}

data::CsvColumn read_column(const toml::node& node, const Table& parent) {
  require(Fault::model, node.is_table(), "{}: a column must be a table.", parent.at(node));
  const Table table(*node.as_table(), parent.where(), {"name", "categories", "fill", "fill_text"});
  return {.name = table.text("name", ""),
          .category = table.find("categories") != nullptr,
          .categories = table.texts("categories"),
          .fill = table.number("fill"),
          .fill_text = table.get<std::string>("fill_text", "text")};
}

data::CsvSchema read_csv_schema(const Table& table, const Model& model) {
  data::CsvSchema csv;
  csv.file_columns = table.texts("file_columns");
  csv.targets = table.texts("targets");
  csv.weight = table.text("weight", "");
  csv.header = table.get<bool>("header", "true or false").value_or(true);
  csv.missing = table.choice("missing", kMissing, data::Missing::refuse);
  csv.kind = model.kind;
  csv.classes = model.classes;
  csv.labels = model.labels;
  if (const toml::node* columns = table.find("columns")) {
    require(Fault::model, columns->is_array(), "{}: columns must be a list of tables.", table.at(*columns));
    for (const toml::node& column : *columns->as_array()) csv.columns.push_back(read_column(column, table));
  }
  return csv;
}

const toml::table* table_of(const toml::table& root, std::string_view key, const std::string& where) {
  const toml::node* node = root.get(key);
  require(Fault::model, node == nullptr || node->is_table(), "{}: {} must be a table.", where, key);
  return node ? node->as_table() : nullptr;
}

// A table of means and deviations, if there is one.
template <class Scaling>
std::optional<Scaling> read_scaling(const toml::table& root, std::string_view name, std::int64_t size,
                                    const std::string& where) {
  const toml::table* numbers = table_of(root, name, where);
  if (numbers == nullptr) return std::nullopt;
  const Table table(*numbers, where, {"mean", "std"});
  Scaling scaling{table.numbers("mean"), table.numbers("std")};
  const auto wanted = static_cast<std::size_t>(size);
  require(Fault::model, scaling.mean.size() == wanted && scaling.std.size() == wanted,
          "{}: the {} needs {} means and deviations, it has {} and {}.", where, name, size,
          scaling.mean.size(), scaling.std.size());
  return scaling;
}

}  // namespace

Model parse_model_toml(std::string_view text, const std::string& where) {
  const nn::ModelSpec spec = nn::parse_model(text, where, {"task", "standardizer", "normalizer", "csv"});
  require(Fault::model, spec.input.has_value(),
          "{}: the model's input was needed, as in input = [1, 28, 28].", where);
  const toml::table root = toml::parse(text);  // parse_model() found it valid
  Model model;
  model.loss = "softmax_cross_entropy";
  if (const toml::table* task = table_of(root, "task", where)) {
    read_task(model,
              Table(*task, where,
                    {"kind", "loss", "precision", "classes", "labels", "class_names", "target_names"}));
  }
  model.standardizer = read_scaling<data::Standardizer>(root, "standardizer", spec.input->size(), where);
  const std::int64_t channels = spec.input->rank() > 0 ? (*spec.input)[0] : 0;
  model.normalizer = read_scaling<data::Normalizer>(root, "normalizer", channels, where);
  if (const toml::table* csv = table_of(root, "csv", where)) {
    model.csv = read_csv_schema(
        Table(*csv, where, {"file_columns", "targets", "weight", "header", "missing", "columns"}), model);
  }
  model.network = nn::build(spec, *spec.input, {.dtype = dtype_of_precision(model.precision)});
  return model;
}

}  // namespace gradus::train
