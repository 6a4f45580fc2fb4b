// Data specs: name[:PATH][,key=value...].
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "base/suggest.h"
#include "data/spec_values.h"
#include "data/text.h"
#include "gradus/data.h"

namespace gradus::data {
namespace {

bool takes_path(const SourceInfo& source) { return source.form != source.name; }

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const SourceInfo& source : sources()) all.push_back(source.name);
  return all;
}

const SourceInfo& find_source(const std::string& name, std::string_view text) {
  for (const SourceInfo& source : sources()) {
    if (source.name == name) return source;
  }
  for (const char* kind : {"csv", "npz"}) {
    require(Fault::usage, !text.ends_with(fmt::format(".{}", kind)),
            "data: '{}' names no kind of data. Did you mean '{}:{}'?", text, kind, text);
  }
  fail(Fault::usage, "data: there is no '{}'; there are {}.{}", name, fmt::join(names(), ", "),
       did_you_mean(name, names()));
}

// Whether a part between commas is an option: letters and underscores before an equals sign.
bool is_option(std::string_view part) {
  const auto equals = part.find('=');
  return equals != std::string_view::npos && equals > 0 &&
         std::all_of(part.begin(), part.begin() + static_cast<std::ptrdiff_t>(equals),
                     [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

void add_option(Spec& spec, const SourceInfo& source, const std::string& part) {
  require(Fault::usage, is_option(part), "{}: key=value was needed, '{}' was given.", spec.name, part);
  const auto equals = part.find('=');
  const std::string key = part.substr(0, equals);
  const bool known = std::find(source.keys.begin(), source.keys.end(), key) != source.keys.end();
  require(Fault::usage, known, "{}: there is no option '{}'; there are {}.{}", spec.name, key,
          fmt::join(source.keys, ", "), did_you_mean(key, source.keys));
  const bool is_new = spec.options.emplace(key, part.substr(equals + 1)).second;
  require(Fault::usage, is_new, "{}: {} is given twice.", spec.name, key);
}

std::vector<std::string> with_test(std::vector<std::string> keys) {
  keys.emplace_back("test");
  std::sort(keys.begin(), keys.end());
  return keys;
}

SourceInfo generator(const char* name, const char* description, std::vector<std::string> keys) {
  for (const char* common : {"n_samples", "random_state", "seed", "shuffle"}) keys.emplace_back(common);
  return {name, name, description, with_test(std::move(keys))};
}

std::vector<SourceInfo> make_sources() {
  return {
      {"fashion-mnist", "fashion-mnist", "60,000 + 10,000 images [1, 28, 28] of clothes in 10 classes",
       with_test({"root"})},
      {"mnist", "mnist", "60,000 + 10,000 images [1, 28, 28] of handwritten digits", with_test({"root"})},
      {"idx", "idx:DIR", "a folder of MNIST-style IDX files, plain or .gz", with_test({})},
      {"csv", "csv:FILE", "a CSV file; the last column is the target unless target=COL",
       with_test({"columns", "drop", "header", "missing", "target", "weight"})},
      {"npz", "npz:FILE", "NumPy arrays x, y or x_train, y_train, x_test, y_test", with_test({})},
      {"images", "images:DIR", "a folder of PNG and JPEG images, one subfolder a class",
       with_test({"channels", "size"})},
      generator("make_classification", "clusters about the vertices of a hypercube, with useless features",
                {"n_features", "n_informative", "n_redundant", "n_repeated", "n_classes",
                 "n_clusters_per_class", "weights", "flip_y", "class_sep", "hypercube", "shift", "scale"}),
      generator("make_moons", "two interleaved half circles", {"noise"}),
      generator("make_circles", "a circle within a circle", {"noise", "factor"}),
      generator("make_blobs", "round Gaussian clusters",
                {"n_features", "centers", "cluster_std", "center_box"}),
      generator(
          "make_regression", "a random linear model",
          {"n_features", "n_informative", "n_targets", "bias", "effective_rank", "tail_strength", "noise"}),
      generator("spirals", "intertwined spirals, one a class", {"n_classes", "noise", "turns"}),
      generator("symmetry", "the 64 six-bit patterns; class 1 is symmetric", {}),
  };
}

}  // namespace

const std::vector<SourceInfo>& sources() {
  static const std::vector<SourceInfo> all = make_sources();
  return all;
}

Spec parse_spec(std::string_view text) {
  Spec spec;
  spec.text = text;
  const auto end = std::min(text.find_first_of(":,"), text.size());
  spec.name = text.substr(0, end);
  require(Fault::usage, !spec.name.empty(), "data: a name was needed, '{}' was given.", text);
  const SourceInfo& source = find_source(spec.name, text);
  const std::string_view rest = text.substr(std::min(end + 1, text.size()));
  std::vector<std::string> parts = split_list(rest, ',');
  std::size_t first_option = 0;
  if (takes_path(source)) {
    // A path may hold commas: it goes on until the first part that reads as an option.
    const bool has_path = end < text.size() && text[end] == ':';
    for (; has_path && first_option < parts.size(); ++first_option) {
      if (first_option > 0 && is_option(parts[first_option])) break;
      spec.path += (first_option > 0 ? "," : "") + parts[first_option];
    }
    require(Fault::usage, !spec.path.empty(), "{}: a path was needed, as in {}.", spec.name, source.form);
  }
  for (std::size_t i = first_option; i < parts.size(); ++i) add_option(spec, source, parts[i]);
  const double share = spec.test();
  if (!(share >= 0.0 && share < 1.0)) SpecValues(spec).refuse("test", "a share from 0 to below 1");
  return spec;
}

double Spec::test() const {
  double share = 0.0;
  SpecValues(*this).read("test", share);
  return share;
}

}  // namespace gradus::data
