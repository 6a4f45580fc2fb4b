#include "train/open_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "base/call_text.h"
#include "base/check.h"
#include "gradus/io.h"

namespace gradus::train {

namespace {

// Whether targets are numbers or labels follows from the loss, where one was chosen.
data::Targets targets_for(const std::string& loss) {
  if (loss.empty() || nn::find_loss(loss).classifies) return data::Targets::automatic;
  return data::Targets::real;
}

// A table [N, K > 1] holds class probabilities where the softmax loss was chosen, and floats [N, K] are
// labels where another classification loss was.
data::Dataset from_arrays(const Tensor& x, const Tensor& y, const std::string& loss,
                          data::ArrayOptions options) {
  if (loss == "softmax_cross_entropy" && y.defined() && y.shape().rank() == 2 && y.shape()[1] > 1) {
    options.targets = data::Targets::probabilities;
    return data::from_arrays(x, y, options);
  }
  data::Dataset made = data::from_arrays(x, y, options);
  const bool wants_labels = !loss.empty() && nn::find_loss(loss).classifies;
  if (!wants_labels || made.kind != data::Kind::real || made.y.shape().rank() != 2) return made;
  options.targets = data::Targets::multi_label;
  return data::from_arrays(x, y, options);
}

data::Source open_npz(const data::Spec& spec, const DataOptions& options) {
  const io::NamedTensors members = io::read_npz(spec.path);
  const auto find = [&](std::string_view name) {
    for (const auto& [member, tensor] : members)
      if (member == name) return tensor;
    return Tensor();
  };
  std::vector<std::string> names;
  for (const auto& [member, tensor] : members) names.push_back(member);
  const auto both = [&](const char* x, const char* y) {
    const bool has_x = find(x).defined(), has_y = find(y).defined();
    require(Fault::data, has_x == has_y, "{}: {} and {} were needed, it holds {}.", spec.path, x, y,
            fmt::join(names, ", "));
    return has_x;
  };
  const bool plain = both("x", "y"), train = both("x_train", "y_train"), test = both("x_test", "y_test");
  require(Fault::data, plain != train,
          "{}: either x and y or x_train and y_train (with x_test, y_test) were needed, it holds {}.",
          spec.path, fmt::join(names, ", "));
  require(Fault::data, train || !test, "{}: x_test stands beside x_train, not beside x.", spec.path);

  data::ArrayOptions arrays{
      .where = spec.path, .targets = targets_for(options.loss), .labels = options.labels};
  data::Source source;
  source.train =
      from_arrays(find(plain ? "x" : "x_train"), find(plain ? "y" : "y_train"), options.loss, arrays);
  if (test) {
    if (source.train.kind == data::Kind::classes) arrays.labels = source.train.labels;
    arrays.where = spec.path + ": test part";
    source.test = from_arrays(find("x_test"), find("y_test"), options.loss, arrays);
    require(Fault::data, source.test->example_shape() == source.train.example_shape(),
            "{}: x_test must hold examples {} as x_train does, they are {}.", spec.path,
            source.train.example_shape().str(), source.test->example_shape().str());
    require(Fault::data, source.test->kind == source.train.kind,
            "{}: y_test must be of the same kind as y_train, it is {}.", spec.path,
            find("y_test").type().str());
  }
  data::hold_out_test(source, spec, options.seed);
  return source;
}

data::Source open_source(const data::Spec& spec, const DataOptions& options) {
  if (spec.name == "npz") return open_npz(spec, options);
  return data::open(spec, {.seed = options.seed,
                           .targets = targets_for(options.loss),
                           .labels = options.labels,
                           .csv = options.csv});
}

}  // namespace

std::optional<data::FoldOptions> parse_fold(const std::string& text) {
  if (text.empty()) return std::nullopt;
  const std::size_t slash = std::min(text.find('/'), text.size());
  const auto number = [&](std::string_view part) {
    const std::optional<double> value = parse_number(part);
    const bool is_whole = value && *value == std::floor(*value) && *value >= 1 && *value <= 1e6;
    require(Fault::usage, is_whole, "--fold: I/K was needed, as in 2/5, got '{}'.", text);
    return static_cast<std::int64_t>(*value);
  };
  const std::int64_t index = number(text.substr(0, slash));
  const std::int64_t count = number(slash < text.size() ? text.substr(slash + 1) : "");
  require(Fault::usage, count >= 2 && index <= count,
          "--fold: the part I must be from 1 to K, and K at least 2, got '{}'.", text);
  return data::FoldOptions{.index = index - 1, .count = count};
}

OpenedData open_data(const std::string& text, const DataOptions& options) {
  const data::Spec spec = data::parse_spec(text);
  data::Source source = open_source(spec, options);
  require(Fault::data, source.train.y.defined(), "{}: targets were needed, the data has none.", text);
  OpenedData opened;
  opened.csv = std::move(source.csv);
  std::optional<data::FoldOptions> fold = options.fold;
  require(Fault::usage, !source.val || (options.val_split == 0 && !fold),
          "{}: it has a validation part of its own. Leave out --{}.", text, fold ? "folds" : "val-split");
  if (fold) fold->seed = options.seed;
  data::Splits splits = fold ? data::split_fold(source.train, *fold)
                             : data::split(source.train, {.val = options.val_split, .seed = options.seed});
  opened.parts.train = std::move(splits.train);
  opened.parts.val = source.val ? std::move(source.val) : std::move(splits.val);
  opened.parts.test = std::move(source.test);

  std::vector<data::Dataset*> parts = {&opened.parts.train};
  if (opened.parts.val) parts.push_back(&*opened.parts.val);
  if (opened.parts.test) parts.push_back(&*opened.parts.test);
  std::int64_t classes = 0;
  for (const data::Dataset* part : parts) classes = std::max(classes, part->classes);
  for (data::Dataset* part : parts) part->classes = classes;
  return opened;
}

std::string absolute_spec(const std::string& text) {
  const data::Spec spec = data::parse_spec(text);
  if (spec.path.empty()) return text;
  const std::string path = std::filesystem::absolute(spec.path).lexically_normal().string();
  return spec.name + ":" + path + text.substr(spec.name.size() + 1 + spec.path.size());
}

}  // namespace gradus::train
