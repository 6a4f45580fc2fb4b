// Data that cannot be used: exit code 3, and the message names the file and the place.
#include <zlib.h>

#include "cli/refusal.h"
#include "gradus/io.h"

namespace gradus {
namespace {

std::string bytes(std::initializer_list<int> values) { return {values.begin(), values.end()}; }

std::string text_of(const std::vector<std::byte>& content) {
  return {reinterpret_cast<const char*>(content.data()), content.size()};
}

std::string gzip(const std::string& content) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, content.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

// Two images of 2 x 2 pixels, and labels for them.
const std::string kImages = bytes({0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8});
const std::string kLabels = bytes({0, 0, 8, 1, 0, 0, 0, 2, 0, 1});

std::string npz(const io::NamedTensors& arrays) { return text_of(io::npz_bytes(arrays)); }

Refusal csv(const std::string& name, const std::string& content, std::vector<std::string> says,
            const std::string& options = "") {
  return {name,
          {{"a.csv", content}},
          {"train", "--data", "csv:a.csv" + options, "--epochs", "1", "--out", "r"},
          3,
          std::move(says)};
}

Refusal arrays(const std::string& name, const std::string& content, std::vector<std::string> says) {
  return {name,
          {{"a.npz", content}},
          {"train", "--data", "npz:a.npz", "--epochs", "1", "--out", "r"},
          3,
          std::move(says)};
}

Refusal idx(const std::string& name, const std::string& images, const std::string& labels,
            std::vector<std::string> says, const std::string& ending = "") {
  return {name,
          {{"d/train-images-idx3-ubyte" + ending, images}, {"d/train-labels-idx1-ubyte", labels}},
          {"train", "--data", "idx:d", "--epochs", "1", "--out", "r"},
          3,
          std::move(says)};
}

std::vector<Refusal> refusals() {
  const Tensor x = Tensor::of<float>(Shape{2, 2}, {1, 2, 3, 4});
  const Tensor y = Tensor::of<std::int64_t>(Shape{2}, {0, 1});
  const Tensor nan = Tensor::of<float>(Shape{2, 2}, {1, 2, NAN, 4});
  const Tensor negative = Tensor::of<std::int64_t>(Shape{3}, {0, 1, 1});
  const std::string whole = npz({{"x", x}, {"y", y}});
  return {
      {"csv_missing", {}, {"train", "--data", "csv:none.csv"}, 3, {"none.csv"}},
      {"csv_is_a_folder", {{"d/a", ""}}, {"train", "--data", "csv:d"}, 3, {"d"}},
      csv("csv_empty", "", {"a.csv", "empty"}),
      csv("csv_header_only", "a,b,y\n", {"a.csv", "at least one row"}),
      csv("csv_ragged", "a,b,y\n1,2,0\n3,4\n", {"a.csv line 3", "3 fields"}),
      csv("csv_open_quote", "a,b,y\n\"1,2,0\n", {"a.csv line 2"}),
      {"csv_text_target_of_regression",
       {{"a.csv", "a,b,y\n1,2,red\n3,4,0.5\n"}},
       {"train", "--data", "csv:a.csv", "--loss", "mse", "--out", "r"},
       3,
       {"a.csv line 2", "'y'", "'red'"}},
      {"csv_no_such_weight",
       {{"a.csv", "a,b,y\n1,2,0\n3,4,1\n"}},
       {"train", "--data", "csv:a.csv,columns=a|b,weight=c", "--out", "r"},
       3,
       {"a.csv", "'c'"}},
      csv("csv_missing_value", "a,b,y\n1,,0\n3,4,1\n", {"a.csv", "line 2", "'b'", "missing="}),
      csv("csv_no_such_column", "a,b,y\n1,2,0\n", {"a.csv", "'z'", "'a', 'b', 'y'"}, ",target=z"),
      csv("csv_same_names", "a,a,y\n1,2,0\n", {"a.csv line 1", "'a'"}),
      csv("csv_byte_zero", std::string("a,y\n1,0\n2,\0\n", 12), {"a.csv byte 10"}),
      csv("csv_one_column", "y\n0\n1\n", {"a.csv", "feature column"}),
      {"gzip_truncated",
       {{"a.csv.gz", gzip("a,b,y\n1,2,0\n3,4,1\n").substr(0, 20)}},
       {"train", "--data", "csv:a.csv.gz"},
       3,
       {"a.csv.gz"}},
      idx("idx_lies_about_its_size", kImages.substr(0, 7) + bytes({9}) + kImages.substr(8), kLabels,
          {"train-images-idx3-ubyte", "announces more"}),
      idx("idx_too_long", kImages + "x", kLabels,
          {"train-images-idx3-ubyte", "8 bytes of elements, 9 follow"}),
      idx("idx_huge", bytes({0, 0, 8, 3, 127, 255, 255, 255, 127, 255, 255, 255, 127, 255, 255, 255}),
          kLabels, {"train-images-idx3-ubyte", "announces more"}),
      idx("idx_unknown_type", kImages.substr(0, 2) + bytes({7}) + kImages.substr(3), kLabels,
          {"train-images-idx3-ubyte byte 2", "07"}),
      idx("idx_no_idx", "hello world", kLabels, {"train-images-idx3-ubyte byte 0"}),
      idx("idx_other_counts", kImages, kLabels.substr(0, 7) + bytes({3}) + kLabels.substr(8) + "\2",
          {"rows", "2", "3"}),
      idx("idx_truncated_gzip", gzip(kImages).substr(0, 15), kLabels, {"train-images-idx3-ubyte.gz"}, ".gz"),
      {"idx_no_folder", {}, {"train", "--data", "idx:none"}, 3, {"'none'"}},
      arrays("npz_no_zip", "hello", {"a.npz"}),
      arrays("npz_truncated", whole.substr(0, whole.size() / 2), {"a.npz"}),
      arrays("npz_without_y", npz({{"x", x}}), {"a.npz", "x and y"}),
      arrays("npz_other_rows", npz({{"x", x}, {"y", negative}}), {"a.npz", "rows"}),
      arrays("npz_nan", npz({{"x", nan}, {"y", y}}), {"a.npz", "row 1", "nan"}),
      arrays("npz_zero_rows",
             npz({{"x", Tensor(DType::f32, Shape{0, 2})}, {"y", Tensor(DType::i64, Shape{0})}}),
             {"a.npz", "at least one row"}),
      {"label_out_of_range",
       {{"a.csv", "a,y\n1,0\n2,5\n3,2\n4,3\n5,1\n6,4\n"}, {"m.toml", "layers = [{ dense = 3 }]\n"}},
       {"train", "--data", "csv:a.csv", "--model", "m.toml", "--out", "r"},
       3,
       {"csv:a.csv", "below 3", "row 1 has 5"}},
      {"generator_negative",
       {},
       {"train", "--data", "make_moons:n_samples=-5", "--out", "r"},
       2,
       {"n_samples", "-5"}},
      {"generator_text",
       {},
       {"train", "--data", "make_moons:noise=loud", "--out", "r"},
       2,
       {"noise", "'loud'"}},
      {"generator_huge",
       {},
       {"train", "--data", "make_moons:n_samples=9000000000000000", "--out", "r"},
       2,
       {"n_samples", "9000000000000000"}},
      {"split_leaves_nothing",
       {},
       {"train", "--data", "make_moons:n_samples=4", "--val-split", "0.01", "--out", "r"},
       3,
       {"val"}},
  };
}

class BadData : public RefusalTest {};
TEST_P(BadData, IsRefusedBeforeAnythingIsMade) { check(); }
INSTANTIATE_TEST_SUITE_P(Cli, BadData, ::testing::ValuesIn(refusals()), refusal_name);

}  // namespace
}  // namespace gradus
