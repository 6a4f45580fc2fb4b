// Data: readers, generators, splits, standardization, augmentation, and the loader that feeds a training
// loop. Every fault of a file is an Error of Fault::data that names the file and the place in it; a data spec
// that cannot be read is one of Fault::usage.
//
// Files are named by strings, which a std::filesystem::path converts to by itself: <filesystem> would take
// as long to compile as the rest of this header.
#pragma once

#include <cstdint>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gradus/tensor.h"

#pragma GCC visibility push(default)  // what the shared library exports
namespace gradus::data {

// ---- Data sets ----------------------------------------------------------------------------------

// What targets are: one class of several, real numbers, independent labels of 0 and 1, or how likely each
// class is.
enum class Kind : std::uint8_t { classes, real, multi_label, probabilities };

// What the caller wants targets to be. `automatic` follows their dtype and values; `real` is what a
// regression loss asks for; `multi_label` takes [N, K] of 0 and 1 whatever the dtype.
// `probabilities` takes [N, K] of how likely each class is.
enum class Targets : std::uint8_t { automatic, real, multi_label, probabilities };

// How labels were written before they became class indices. Without values: as the indices
// themselves. With values: class i was written values[i] (sorted; integers by value, text by bytes).
struct LabelMap {
  std::vector<std::string> values;

  bool as_given() const { return values.empty(); }
  bool operator==(const LabelMap&) const = default;
};

// z = (x - mean) / std per channel of images x [N, C, H, W] (population std over N, H, W; u8 x counts as
// pixels / 255).
struct Normalizer {
  std::vector<double> mean;  // [C]
  std::vector<double> std;   // [C]; 1 where a channel is constant: it is only centred

  // Refuses (Fault::data) x that is not [N, C, H, W] with at least one element.
  static Normalizer fit(const Tensor& x);
  // Refuses (Fault::data) examples that cannot have these channels.
  void require_fits(const Tensor& x) const;
  bool operator==(const Normalizer&) const = default;
};

// N examples with their targets.
struct Dataset {
  Tensor x;  // [N, ...]: u8 pixels, f32 or f64
  // classes: i64 [N]; real: f32 or f64 [N, ...]; multi_label and probabilities: f64 [N, K]; undefined without
  // targets
  Tensor y;
  Tensor weight;  // f32 [N], finite and >= 0; undefined when every example counts the same
  Kind kind = Kind::classes;
  std::int64_t classes = 0;                // classes or labels K; 0 for real targets
  LabelMap labels;                         // kind classes only
  std::vector<std::string> class_names;    // K names, or none
  std::vector<std::string> feature_names;  // one per column of x [N, D], or none
  std::vector<std::string> target_names;   // one per column of y, or none
  std::optional<Normalizer> normalizer;    // what a loader does to x as it makes batches

  std::int64_t size() const { return x.defined() ? x.shape()[0] : 0; }
  Shape example_shape() const { return x.shape().without(0); }
  Dataset subset(std::span<const std::int64_t> rows) const;  // copies the rows, in this order

  // Refuses (Fault::data): no rows; x and y of different N; NaN or infinity in x or y; class labels
  // outside 0..classes-1; multi-label targets other than 0 and 1; rows of probabilities with one below 0, or
  // all 0; bad weights. `where` opens the message.
  void validate(const std::string& where) const;
};

struct ArrayOptions {
  std::string where = "data";  // opens every message
  Targets targets = Targets::automatic;
  std::optional<LabelMap> labels = {};  // how labels must be read; by default the values decide
};

// A data set from arrays of any dtype. x [N] becomes [N, 1]; u8 x are pixels, other integers become f64.
// y: integers (or bool) [N] or [N, 1] are labels: 0..K-1 as given, other sets in sorted order; integers
// [N, K], K > 1, all 0 or 1, are multi-label; all else is real and keeps its shape, f32 or f64 (u8 images
// are divided by 255, as x is). An undefined y gives a data set without targets. Validated.
Dataset from_arrays(const Tensor& x, const Tensor& y, const ArrayOptions& options = {});

// ---- Readers ------------------------------------------------------------------------------------

// One IDX file, plain or gzip (the format of MNIST: LeCun, Cortes, Burges). Types: u8 -> u8; i8, i16, i32 ->
// i32; f32; f64. The sizes in the header must match the bytes of the file exactly.
Tensor read_idx(const std::string& file);

struct ImageOptions {
  std::int64_t channels = 0;           // 1 or 3; 0: 3 if any image has colours
  std::int64_t height = 0, width = 0;  // resizes, weighing by area where an image shrinks and bilinearly
                                       // where it grows; 0: all images must have one size
};

// Whether its name ends in .png, .jpg or .jpeg.
bool is_image_file(const std::string& file);

// Images u8 [N, C, H, W] in the order of the files; 16-bit ones scaled to 8 bits, transparency left aside.
// Damaged and unequal files are refused by name.
Tensor read_images(std::span<const std::string> files, const ImageOptions& options = {});
// One file, or all of a folder and those within it, in the order of image_files().
Tensor read_images(const std::string& path, const ImageOptions& options = {});
// The image files of a folder and those within it, sorted by their paths' bytes; of a file itself.
std::vector<std::string> image_files(const std::string& path);

// The bytes of a PNG file of an image u8 [C, H, W], C 1 or 3; and such a file. Fault::output.
std::vector<std::byte> to_png(const Tensor& image);
void write_png(const std::string& file, const Tensor& image);

// What becomes of a missing value: an error, the mean or median of its column (of text the most frequent),
// or its row is left out.
enum class Missing : std::uint8_t { refuse, mean, median, drop };

struct CsvOptions {
  std::vector<std::string> targets = {};  // columns by name or 0-based index; none: the last column
  std::vector<std::string> columns = {};  // features to take; none: all others
  std::vector<std::string> drop = {};     // features to leave out
  std::string weight = {};                // column of sample weights; none when empty
  Missing missing = Missing::refuse;      // empty, NA, NaN, ?, null
  std::optional<bool> header = {};        // by default found out
  Targets kind = Targets::automatic;
};

// One feature column: a number gives one column of x, a category one per text in `categories` (1 where
// equal).
struct CsvColumn {
  std::string name;
  bool category = false;
  std::vector<std::string> categories;   // sorted by bytes
  std::optional<double> fill;            // stands in for a missing number
  std::optional<std::string> fill_text;  // stands in for a missing text: the most frequent one
  bool operator==(const CsvColumn&) const = default;
};

// All that is needed to encode another file the same way; plain, so that it can be saved with a model.
struct CsvSchema {
  std::vector<std::string> file_columns;  // all columns of the fitted file, in order
  std::vector<CsvColumn> columns;         // the features, in the order of x
  std::vector<std::string> targets;
  std::string weight;
  bool header = true;
  Missing missing = Missing::refuse;
  Kind kind = Kind::classes;
  std::int64_t classes = 0;
  LabelMap labels;

  std::int64_t features() const;                   // columns of x
  std::vector<std::string> feature_names() const;  // "age", "colour=red", ...
  bool operator==(const CsvSchema&) const = default;
};

// A table as examples, and how its columns were read.
struct CsvData {
  Dataset data;
  CsvSchema schema;
};

// A CSV file, plain or gzip (RFC 4180; delimiter , ; tab or | and the header line are found out; UTF-8).
// x f64 [N, D]. The target column: text, or integers (no value has a point or exponent), are classes; real
// numbers, or options.kind real, a regression; several target columns of 0 and 1 are multi-label.
// missing = mean or median fits fills on the whole file; missing targets are refused unless dropped.
CsvData read_csv(const std::string& file, const CsvOptions& options = {});

// The same for a file of a known schema. Columns are found by name (by position without a header), others
// are ignored. Without all its target columns the data has no y. Unknown categories and labels are refused
// with their line. With missing = drop, rows are dropped only where there are targets.
Dataset read_csv(const std::string& file, const CsvSchema& schema);

// ---- Standardization ----------------------------------------------------------------------------

// z = (x - mean) / std per feature of x [N, ...] (population std; u8 x counts as pixels / 255).
struct Standardizer {
  std::vector<double> mean;  // one per element of an example
  std::vector<double> std;   // 1 where the feature is constant: it is only centred

  static Standardizer fit(const Tensor& x);
  Tensor apply(const Tensor& x) const;  // f64 stays f64, f32 and u8 give f32; Error on another example size
  bool operator==(const Standardizer&) const = default;
};

// ---- Generators ---------------------------------------------------------------------------------
// Names, parameters, defaults and distributions of scikit-learn's; the numbers are Gradus's own.
// x is f64 [N, D]; y is i64 [N], of make_regression f64 [N] or [N, n_targets].

struct ClassificationOptions {
  std::int64_t n_samples = 100, n_features = 20, n_informative = 2, n_redundant = 2, n_repeated = 0;
  std::int64_t n_classes = 2, n_clusters_per_class = 2;
  std::vector<double> weights = {};  // n_classes or n_classes - 1 shares; none: balanced
  double flip_y = 0.01, class_sep = 1.0;
  bool hypercube = true;
  std::optional<double> shift = 0.0, scale = 1.0;  // nullopt: drawn per feature
  bool shuffle = true;
  std::uint64_t seed = 0;
};
// Gaussian clusters around corners of a hypercube, each of one class; further features are combinations of
// the informative ones, copies, and noise (Guyon 2003).
Dataset make_classification(const ClassificationOptions& options = {});

struct MoonsOptions {
  std::vector<std::int64_t> n_samples = {100};  // the total, or outer and inner
  bool shuffle = true;
  double noise = 0.0;
  std::uint64_t seed = 0;
};
// Two half circles that reach into each other; `noise` is the deviation of what is added to each coordinate.
Dataset make_moons(const MoonsOptions& options = {});

struct CirclesOptions {
  std::vector<std::int64_t> n_samples = {100};  // the total, or outer and inner
  bool shuffle = true;
  double noise = 0.0, factor = 0.8;
  std::uint64_t seed = 0;
};
// A circle of radius 1 and one of radius `factor` within it, with noise as above.
Dataset make_circles(const CirclesOptions& options = {});

struct BlobsOptions {
  std::vector<std::int64_t> n_samples = {100};  // the total, or one per center
  std::int64_t n_features = 2;
  std::int64_t centers = 0;                 // 0: 3, or one per entry of n_samples
  std::vector<double> cluster_std = {1.0};  // one for all, or one per center
  double center_low = -10.0, center_high = 10.0;
  bool shuffle = true;
  std::uint64_t seed = 0;
};
// Gaussian clusters around `centers` points, drawn between center_low and center_high.
Dataset make_blobs(const BlobsOptions& options = {});

struct RegressionOptions {
  std::int64_t n_samples = 100, n_features = 100, n_informative = 10, n_targets = 1;
  double bias = 0.0;
  std::int64_t effective_rank = 0;  // 0: well conditioned
  double tail_strength = 0.5, noise = 0.0;
  bool shuffle = true;
  std::uint64_t seed = 0;
};
// y = x w + bias + noise, with n_informative weights other than 0; with an effective_rank, x is nearly of
// that rank.
Dataset make_regression(const RegressionOptions& options = {});

// n_classes arms r = t, angle = 2 pi (turns t + k / n_classes), t evenly spaced in (0, 1] (after Lang and
// Witbrock 1988).
struct SpiralsOptions {
  std::int64_t n_samples = 100, n_classes = 2;
  double turns = 1.5, noise = 0.0;
  bool shuffle = true;
  std::uint64_t seed = 0;
};
Dataset spirals(const SpiralsOptions& options = {});

// All 64 patterns of six bits, class 1 where the bits mirror about the middle (Rumelhart, Hinton and
// Williams 1986). With another n_samples the patterns repeat in order before they are shuffled.
struct SymmetryOptions {
  std::int64_t n_samples = 64;
  bool shuffle = true;
  std::uint64_t seed = 0;
};
Dataset symmetry(const SymmetryOptions& options = {});

// ---- Data specs ---------------------------------------------------------------------------------

// A parsed `--data` string: name[:PATH][,key=value...] or name:key=value,...
struct Spec {
  std::string name;  // one of sources()
  std::string path;  // of idx, csv, npz, images
  std::map<std::string, std::string> options;
  std::string text;  // as it was given

  double test() const;  // the share of rows to hold out as test part; 0 when not given
};

// What `--data` can name.
struct SourceInfo {
  std::string name;
  std::string form;               // "csv:FILE", "make_moons"
  std::string description;        // one line
  std::vector<std::string> keys;  // options, sorted
};
const std::vector<SourceInfo>& sources();

// Unknown names and keys, repeated keys and a missing path are refused (Fault::usage).
Spec parse_spec(std::string_view text);

struct OpenOptions {
  std::uint64_t seed = 0;  // of generators without a seed of their own, and of the test split
  Targets targets = Targets::automatic;
  std::optional<LabelMap> labels = {};  // how labels must be read (eval, init-from)
  const CsvSchema* csv = nullptr;       // encode a CSV file by this schema; its columns win over the spec's
};

// What a data spec names: its parts, as far as it has them, and the columns of a CSV file.
struct Source {
  Dataset train;
  std::optional<Dataset> test;
  std::optional<CsvSchema> csv;
  std::optional<Dataset> val = {};  // of image folders that have one
};

// Reads or makes what the spec names, validated. npz belongs to the callers above: refused here.
Source open(const Spec& spec, const OpenOptions& options = {});

// Holds out spec.test() of the rows when the source has no test part of its own.
void hold_out_test(Source& source, const Spec& spec, std::uint64_t seed);

// ---- Splits -------------------------------------------------------------------------------------

struct SplitOptions {
  double val = 0.0, test = 0.0;  // shares of all rows, each in [0, 1), rounded to whole rows
  std::uint64_t seed = 0;
  bool stratify = true;  // classes keep their shares (to a row) when kind is classes
};

// Which rows go where.
struct SplitRows {
  std::vector<std::int64_t> train, val, test;  // sorted, disjoint, together all rows
};
SplitRows split_rows(const Dataset& data, const SplitOptions& options);

// The parts themselves; those of no rows are absent.
struct Splits {
  Dataset train;
  std::optional<Dataset> val, test;
};
// A function of (rows, labels, options) only. A share that leaves a part empty is refused.
Splits split(const Dataset& data, const SplitOptions& options);

// K-fold cross-validation: `count` parts of equal size (to a row) that together are all rows; part `index`
// (from 0) is held out for validation.
struct FoldOptions {
  std::int64_t index = 0, count = 5;
  std::uint64_t seed = 0;
  bool stratify = true;  // classes keep their shares (to a row) when kind is classes
};
Splits split_fold(const Dataset& data, const FoldOptions& options);

// N / (K count_k) for each class k, 0 for a class without examples ("balanced").
std::vector<double> balanced_class_weights(const Dataset& data);

// ---- Augmentation -------------------------------------------------------------------------------

// Random changes of training examples; by default none. They are made in the order of the members, and are a
// function of (seed, epoch, the example's row): not of batches, threads or where a run was resumed. What
// comes into an image from outside, and what is erased, is 0 after normalization: the mean, if it is
// normalized.
struct Augmentation {
  std::int64_t crop = 0;  // pads images by so many pixels on each side and cuts a random part of their size
  double flip = 0;        // probability that an image is mirrored left to right
  double erase = 0;       // probability that a random rectangle is erased (Zhong et al. 2020)
  std::int64_t cutout =
      0;  // side of an erased square, its centre anywhere in the image (DeVries & Taylor 2017)
  // mixup (Zhang et al. 2018): x = l x_i + (1 - l) x_j and the same for y and weights, l ~ Beta(mixup,
  // mixup), j any example of the data. Class labels become probabilities [B, K].
  double mixup = 0;

  // From text: "crop=4,flip,erase=0.25,cutout=8,mixup=0.2" in any order; a bare flip is flip=0.5; "" and
  // "none" give none. Unknown names and numbers out of range are refused (Fault::usage).
  static Augmentation parse(std::string_view text);
  std::string str() const;  // what parse() reads; "none" for none

  bool changes_images() const { return crop > 0 || flip > 0 || erase > 0 || cutout > 0; }
  bool any() const { return changes_images() || mixup > 0; }
  // Refuses (Fault::data) examples it has no meaning for: those that are not images [C, H, W].
  void require_fits(const Dataset& data, const std::string& where) const;
  bool operator==(const Augmentation&) const = default;
};

// ---- Loading ------------------------------------------------------------------------------------

// Some examples, as a step takes them.
struct Batch {
  Tensor x;       // [B, ...] of the loader's dtype; pixels are divided by 255, and normalized if data are
  Tensor y;       // i64 [B] for classes, else [B, ...] of the loader's dtype; undefined without targets
  Tensor weight;  // [B] of the loader's dtype, or undefined
  std::int64_t epoch = 0, index = 0, size = 0;
  std::int64_t first = 0,
               whole = 0;  // its examples are the first-th and following ones of a batch of `whole`
  bool last_of_epoch = false;
};

// Part number `part` of `parts` of a batch of `whole` examples begins with this one.
constexpr std::int64_t part_begin(std::int64_t whole, std::int64_t part, std::int64_t parts) {
  return whole * part / parts;
}

struct LoaderOptions {
  std::int64_t batch_size = 128;  // the last batch of an epoch may be shorter
  bool shuffle = true;            // a new order every epoch
  std::uint64_t seed = 0;
  DType dtype = DType::f32;  // f32 or f64
  Augmentation augmentation = {};
  std::int64_t part = 0, parts = 1;            // of each batch only this part is made
  int prefetch = 2;                            // batches made ahead by a thread; 0 makes each when asked for
  int threads = 1;                             // that make a large batch together, where prefetch is 0
  std::function<void(Batch&)> transform = {};  // changes the values of a made batch, on the loader's thread
};

// The type of a batch's y.
Type target_type(const Dataset& data, const Augmentation& augmentation, DType dtype, std::int64_t batch);

// An endless sequence of batches, a pure function of (seed, epoch, index). One thread may call it.
class Loader {
 public:
  Loader(const Dataset& data, const LoaderOptions& options);
  ~Loader();
  Loader(Loader&&) noexcept;
  Loader& operator=(Loader&&) noexcept;

  // The next batch, valid until the next call; its buffers are used again. A fault of the loader's
  // thread is thrown here, and again until seek().
  const Batch& next();
  void seek(std::int64_t epoch, std::int64_t index);  // the batch that next() gives next
  // Has batches made in the caller's tensors from now on: x, y and weight of a full batch, and of the short
  // one at the end of an epoch, if there is one. Only where prefetch is 0.
  void fill(const Batch& full, const Batch& last);

  std::int64_t batches_per_epoch() const;
  std::int64_t batch_size() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

struct BatchOptions {
  std::int64_t size = 128;
  std::uint64_t seed = 0;
  std::int64_t epoch = 0;
  bool shuffle = true;
  DType dtype = DType::f32;
};

// One epoch as a range of (x, y): for (const auto& [x, y] : batches(train, {.size = 128, .seed = 1})).
class EpochRange {
 public:
  struct Pair {
    Tensor x, y;
  };
  class Iterator {
   public:
    using value_type = Pair;
    using difference_type = std::ptrdiff_t;
    explicit Iterator(EpochRange* range) : range_(range) {}
    const Pair& operator*() const { return range_->pair_; }
    Iterator& operator++() {
      range_->advance();
      return *this;
    }
    void operator++(int) { range_->advance(); }
    bool operator==(std::default_sentinel_t) const { return range_->left_ == 0; }

   private:
    EpochRange* range_;
  };

  EpochRange(const Dataset& data, const BatchOptions& options);
  Iterator begin();  // starts the epoch again
  std::default_sentinel_t end() const { return {}; }

 private:
  void advance();
  Loader loader_;
  Pair pair_;
  std::int64_t epoch_ = 0, left_ = 0;
};
EpochRange batches(const Dataset& data, const BatchOptions& options = {});

}  // namespace gradus::data
#pragma GCC visibility pop
