// gradus data make: a data set, mostly a generated one, as a file.
#include <nlohmann/json.hpp>

#include "app/cli/data_source.h"
#include "app/cli/verb.h"
#include "base/check.h"
#include "base/file.h"
#include "base/text.h"
#include "gradus/io.h"

namespace gradus::cli {
namespace {

// RFC 4180: quoted where it must be.
std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

// Real targets keep a point, or they would read back as classes.
std::string csv_real(double value) {
  std::string text = fmt::format("{}", value);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

std::string csv_target(const data::Dataset& set, std::int64_t row, std::int64_t column,
                       std::int64_t targets) {
  const double value = set.y.at(row * targets + column);
  if (set.kind == data::Kind::real) return csv_real(value);
  const auto index = static_cast<std::size_t>(value);
  const bool is_mapped = set.kind == data::Kind::classes && index < set.labels.values.size();
  return is_mapped ? csv_field(set.labels.values[index]) : fmt::format("{}", index);
}

std::string column_name(const std::vector<std::string>& names, std::int64_t index, const std::string& stem) {
  const auto at = static_cast<std::size_t>(index);
  return at < names.size() ? csv_field(names[at]) : fmt::format("{}{}", stem, index);
}

std::string csv_text(const data::Dataset& set, const std::string& spec) {
  require(Fault::usage, set.x.shape().rank() == 2 && set.y.defined(),
          "data make: a CSV file holds examples of one axis with targets, {} has examples of shape {}. Write "
          "an .npz file.",
          spec, set.example_shape().str());
  const std::int64_t features = set.x.shape()[1];
  const std::int64_t targets = set.y.size() / std::max<std::int64_t>(set.size(), 1);
  std::string text;
  for (std::int64_t c = 0; c < features; ++c) text += column_name(set.feature_names, c, "x") + ",";
  for (std::int64_t c = 0; c < targets; ++c) {
    const bool named = c < static_cast<std::int64_t>(set.target_names.size());
    text += targets == 1 && !named ? "y" : column_name(set.target_names, c, "y");
    text += c + 1 < targets ? "," : "\n";
  }
  for (std::int64_t row = 0; row < set.size(); ++row) {
    for (std::int64_t c = 0; c < features; ++c) text += fmt::format("{},", set.x.at(row * features + c));
    for (std::int64_t c = 0; c < targets; ++c) {
      text += csv_target(set, row, c, targets) + (c + 1 < targets ? "," : "\n");
    }
  }
  return text;
}

io::NamedTensors npz_arrays(const train::Parts& parts) {
  io::NamedTensors arrays;
  const auto add = [&](const data::Dataset& set, const std::string& suffix) {
    arrays.emplace_back("x" + suffix, set.x);
    if (set.y.defined()) arrays.emplace_back("y" + suffix, set.y);
  };
  add(parts.train, parts.test ? "_train" : "");
  if (parts.test) add(*parts.test, "_test");
  return arrays;
}

class DataMake : public Verb {
 public:
  void define(Arguments& arguments) override {
    source_.define(arguments, "what to write");
    arguments.group("Output");
    arguments.value(out_, {"--out", "FILE", "the file to write, .csv or .npz; needed", ""});
    view_.define(arguments);
    arguments.example("gradus data make make_moons:n_samples=200,noise=0.1 --out moons.csv");
    arguments.example("gradus data make make_blobs:centers=4,test=0.25 --seed 7 --out blobs.npz");
  }

  int run(const Terminal&) override {
    require(Fault::usage, out_.has_value(), "data make: --out FILE was needed, it was not given.");
    const std::filesystem::path file = *out_;
    const std::string ending = file.extension().string();
    require(Fault::usage, ending == ".csv" || ending == ".npz",
            "--out: a file ending in .csv or .npz was needed, '{}' was given.", *out_);
    const train::Parts parts = source_.open();
    if (ending == ".csv") {
      require(Fault::usage, !parts.test,
              "--out: a CSV file has no place for a test part, {} has one. Write an .npz file.",
              source_.text());
      write_file(file, csv_text(parts.train, source_.text()));
    } else {
      io::write_npz(file, npz_arrays(parts));
    }
    show(parts);
    return 0;
  }

 private:
  void show(const train::Parts& parts) const {
    const std::int64_t tests = parts.test ? parts.test->size() : 0;
    if (view_.json) {
      using Json = nlohmann::ordered_json;
      write_output(Json{{"out", *out_},
                        {"n", {{"train", parts.train.size()}, {"test", parts.test ? Json(tests) : Json()}}},
                        {"shape", parts.train.example_shape().list()}}
                       .dump() +
                   "\n");
      return;
    }
    view_.note(fmt::format("{}: {} examples of shape {}{}", *out_, grouped(parts.train.size()),
                           parts.train.example_shape().str(),
                           parts.test ? fmt::format(", {} test", grouped(tests)) : ""));
    const bool has_many = parts.train.kind != data::Kind::classes && parts.train.y.defined() &&
                          parts.train.y.shape().rank() == 2 && parts.train.y.shape()[1] > 1;
    if (out_->ends_with(".csv") && has_many) {
      view_.note(fmt::format("Its last {} columns are targets: name them with target=A|B.",
                             parts.train.y.shape()[1]));
    }
  }

  DataSource source_;
  std::optional<std::string> out_;
  View view_;
};

}  // namespace

std::unique_ptr<Verb> make_data_make_verb() { return std::make_unique<DataMake>(); }

}  // namespace gradus::cli
