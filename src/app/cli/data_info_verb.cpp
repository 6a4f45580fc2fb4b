// gradus data info: shape, types, classes, ranges and gaps of a data set.
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>

#include "app/cli/data_source.h"
#include "app/cli/verb.h"
#include "base/check.h"
#include "base/text.h"
#include "data/csv_columns.h"

namespace gradus::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kMaxColumns = 100;  // features shown one by one

struct Range {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  double mean = 0;

  Json json() const { return {{"min", low}, {"max", high}, {"mean", mean}}; }
};

// Of every `stride`-th element from `first`.
Range range_of(const Tensor& values, std::int64_t first = 0, std::int64_t stride = 1) {
  Range range;
  double sum = 0;
  std::int64_t count = 0;
  for (std::int64_t i = first; i < values.size(); i += stride, ++count) {
    const double value = values.at(i);
    range.low = std::min(range.low, value);
    range.high = std::max(range.high, value);
    sum += value;
  }
  range.mean = sum / static_cast<double>(std::max<std::int64_t>(count, 1));
  return range;
}

struct ClassCount {
  std::string name;
  std::int64_t count = 0;
};

std::string class_name(const data::Dataset& set, std::int64_t index) {
  const auto at = static_cast<std::size_t>(index);
  if (at < set.class_names.size()) return set.class_names[at];
  return at < set.labels.values.size() ? set.labels.values[at] : std::to_string(index);
}

std::vector<ClassCount> count_classes(const data::Dataset& set) {
  std::vector<ClassCount> counts;
  if (set.kind == data::Kind::real || !set.y.defined()) return counts;
  for (std::int64_t k = 0; k < set.classes; ++k) counts.push_back({class_name(set, k)});
  for (std::int64_t i = 0; i < set.y.size(); ++i) {
    if (set.kind == data::Kind::classes)
      ++counts[static_cast<std::size_t>(set.y.at(i))].count;
    else if (set.y.at(i) != 0)
      ++counts[static_cast<std::size_t>(i % set.classes)].count;
  }
  return counts;
}

const char* kind_name(data::Kind kind) {
  switch (kind) {
    case data::Kind::classes:
      return "classes";
    case data::Kind::real:
      return "real";
    case data::Kind::multi_label:
      return "multi_label";
    case data::Kind::probabilities:
      return "probabilities";
  }
  return "";
}

// Cells without a value, per column of a CSV file.
std::map<std::string, std::int64_t> count_missing(const data::Spec& spec) {
  std::map<std::string, std::int64_t> missing;
  if (spec.name != "csv") return missing;
  const data::CsvSheet sheet = data::read_csv_sheet(spec.path, std::nullopt);
  for (std::size_t row = sheet.first_row; row < sheet.table.rows(); ++row) {
    for (std::size_t column = 0; column < sheet.names.size(); ++column) {
      if (data::is_missing(sheet.table.cell(row, column))) ++missing[sheet.names[column]];
    }
  }
  return missing;
}

class DataInfo : public Verb {
 public:
  void define(Arguments& arguments) override {
    source_.define(arguments, "what to look at");
    view_.define(arguments);
    arguments.example("gradus data info csv:iris.csv,target=species");
    arguments.example("gradus data info make_moons:n_samples=500,noise=0.2 --json");
  }

  int run(const Terminal&) override {
    const data::Spec spec = data::parse_spec(source_.text());
    missing_ = count_missing(spec);
    // A file with gaps is looked at all the same; ranges are those of the values that are there.
    const bool fills = !missing_.empty() && spec.options.count("missing") == 0;
    const train::Parts parts = source_.open(fills ? ",missing=mean" : "");
    write_output(view_.json ? json(parts).dump() + "\n" : text(parts));
    return 0;
  }

 private:
  // The features one by one, if there are few and they have an order.
  std::int64_t columns(const data::Dataset& set) const {
    const bool few = set.x.shape().rank() == 2 && set.x.shape()[1] <= kMaxColumns;
    return few ? set.x.shape()[1] : 0;
  }
  static std::string feature_name(const data::Dataset& set, std::int64_t index) {
    const auto at = static_cast<std::size_t>(index);
    return at < set.feature_names.size() ? set.feature_names[at] : fmt::format("x{}", index);
  }

  Json json(const train::Parts& parts) const {
    const data::Dataset& set = parts.train;
    Json classes = nullptr, features = nullptr, missing = Json::object(), target = nullptr;
    if (set.y.defined() && set.kind != data::Kind::real) {
      classes = Json::array();
      for (const ClassCount& c : count_classes(set)) {
        classes.push_back({{"name", c.name}, {"count", c.count}});
      }
    } else if (set.y.defined()) {
      target = range_of(set.y).json();
    }
    if (columns(set) > 0) {
      features = Json::array();
      for (std::int64_t c = 0; c < columns(set); ++c) {
        Json feature = {{"name", feature_name(set, c)}};
        feature.update(range_of(set.x, c, columns(set)).json());
        features.push_back(std::move(feature));
      }
    }
    for (const auto& [name, count] : missing_) missing[name] = count;
    return {{"spec", source_.text()},
            {"n", {{"train", set.size()}, {"test", parts.test ? Json(parts.test->size()) : Json()}}},
            {"shape", set.example_shape().list()},
            {"dtype", name(set.x.dtype())},
            {"kind", set.y.defined() ? Json(kind_name(set.kind)) : Json()},
            {"classes", classes},
            {"target", target},
            {"range", range_of(set.x).json()},
            {"features", features},
            {"missing", missing}};
  }

  std::string text(const train::Parts& parts) const {
    const data::Dataset& set = parts.train;
    std::string out = fmt::format("data      {}\n", source_.text());
    out += fmt::format("examples  {}{}\n", grouped(set.size()),
                       parts.test ? fmt::format(" + {} test", grouped(parts.test->size())) : "");
    const Range all = range_of(set.x);
    out += fmt::format("x         {} {}, {} to {}, mean {}\n", name(set.x.dtype()), set.example_shape().str(),
                       measure(all.low), measure(all.high), measure(all.mean));
    out += target_text(set) + missing_text();
    if (columns(set) > 0) {
      TextTable table({{"feature"},
                       {"min", TextTable::Align::right},
                       {"max", TextTable::Align::right},
                       {"mean", TextTable::Align::right}});
      for (std::int64_t c = 0; c < columns(set); ++c) {
        const Range range = range_of(set.x, c, columns(set));
        table.row({feature_name(set, c), measure(range.low), measure(range.high), measure(range.mean)});
      }
      out += fmt::format("\n{}", table.str());
    }
    return out;
  }

  static std::string target_text(const data::Dataset& set) {
    if (!set.y.defined()) return "y         none\n";
    if (set.kind == data::Kind::real) {
      const Range range = range_of(set.y);
      return fmt::format("y         numbers {}, {} to {}, mean {}\n", set.y.shape().without(0).str(),
                         measure(range.low), measure(range.high), measure(range.mean));
    }
    std::string out =
        fmt::format("y         {} {}\n", set.classes, set.kind == data::Kind::classes ? "classes" : "labels");
    TextTable table({{"class"}, {"examples", TextTable::Align::right}, {"share", TextTable::Align::right}});
    for (const ClassCount& c : count_classes(set)) {
      const double part = static_cast<double>(c.count) / static_cast<double>(set.size());
      table.row({c.name, grouped(c.count), share(part)});
    }
    return out + fmt::format("\n{}\n", table.str());
  }

  std::string missing_text() const {
    std::string list;
    for (const auto& [name, count] : missing_) {
      list += fmt::format("{}{} in '{}'", list.empty() ? "" : ", ", grouped(count), name);
    }
    const char* hint = " (train with missing=mean, median or drop)";
    return fmt::format("missing   {}\n", list.empty() ? "none" : list + hint);
  }

  DataSource source_;
  std::map<std::string, std::int64_t> missing_;
  View view_;
};

}  // namespace

std::unique_ptr<Verb> make_data_info_verb() { return std::make_unique<DataInfo>(); }

}  // namespace gradus::cli
