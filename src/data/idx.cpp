#include "data/idx.h"

#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <optional>

#include "base/check.h"
#include "base/file.h"
#include "base/inflate.h"

namespace gradus::data {
namespace {

namespace fs = std::filesystem;

using Bytes = std::span<const std::byte>;

// Deflate packs at most 1032 to 1, so a small file cannot ask for much memory; no data set here is larger.
constexpr std::size_t kMaxUnpacked = std::size_t{16} << 30;

std::uint32_t big_endian(Bytes bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = (value << 8) | std::to_integer<std::uint32_t>(bytes[at + i]);
  return value;
}

// One big-endian element as T.
template <class T>
T element(const std::byte* from) {
  std::array<std::byte, sizeof(T)> bytes;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    bytes[std::endian::native == std::endian::little ? sizeof(T) - 1 - i : i] = from[i];
  }
  T value;
  std::memcpy(&value, bytes.data(), sizeof(T));
  return value;
}

template <class From, class To>
Tensor convert(Bytes content, const Shape& shape) {
  Tensor tensor(dtype_of<To>(), shape);
  const auto values = tensor.values<To>();
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<To>(element<From>(content.data() + i * sizeof(From)));
  }
  return tensor;
}

std::size_t element_size(unsigned code, const std::string& file) {
  switch (code) {
    case 0x08:
    case 0x09:
      return 1;
    case 0x0B:
      return 2;
    case 0x0C:
    case 0x0D:
      return 4;
    case 0x0E:
      return 8;
    default:
      fail(Fault::data,
           "{} byte 2: an IDX element type was needed (08, 09, 0b, 0c, 0d or 0e), {:02x} was given.", file,
           code);
  }
}

Tensor parse(Bytes bytes, const std::string& file) {
  require(Fault::data, bytes.size() >= 4, "{}: an IDX file has at least 4 bytes, this one has {}.", file,
          bytes.size());
  require(Fault::data, bytes[0] == std::byte{0} && bytes[1] == std::byte{0},
          "{} byte 0: an IDX file starts with 00 00, this one with {:02x} {:02x}.", file,
          std::to_integer<unsigned>(bytes[0]), std::to_integer<unsigned>(bytes[1]));
  const auto code = std::to_integer<unsigned>(bytes[2]);
  const std::size_t width = element_size(code, file);
  const auto rank = std::to_integer<std::size_t>(bytes[3]);
  require(Fault::data, rank >= 1 && rank <= Shape::kMaxRank,
          "{} byte 3: 1 to {} axes were needed, {} were given.", file, int{Shape::kMaxRank}, rank);
  const std::size_t header = 4 + 4 * rank;
  require(Fault::data, bytes.size() >= header,
          "{}: the header of {} axes needs {} bytes, the file has {} (truncated file?).", file, rank, header,
          bytes.size());
  std::vector<std::int64_t> extents;
  std::size_t expected = width;
  const std::size_t present = bytes.size() - header;
  for (std::size_t axis = 0; axis < rank; ++axis) {
    const std::uint32_t extent = big_endian(bytes, 4 + 4 * axis);
    require(Fault::data, extent > 0, "{} byte {}: axis {} has 0 elements.", file, 4 + 4 * axis, axis);
    // Compared before they are multiplied, so that no header can overflow the product.
    require(Fault::data, extent <= present / expected,
            "{}: the header announces more than the {} bytes that follow it (truncated file?).", file,
            present);
    expected *= extent;
    extents.push_back(extent);
  }
  require(Fault::data, expected == present,
          "{}: the header announces {} bytes of elements, {} follow it. Remove what does not belong there.",
          file, expected, present);
  const Shape shape(extents);
  const Bytes content = bytes.subspan(header);
  switch (code) {
    case 0x08:
      return convert<std::uint8_t, std::uint8_t>(content, shape);
    case 0x09:
      return convert<std::int8_t, std::int32_t>(content, shape);
    case 0x0B:
      return convert<std::int16_t, std::int32_t>(content, shape);
    case 0x0C:
      return convert<std::int32_t, std::int32_t>(content, shape);
    case 0x0D:
      return convert<float, float>(content, shape);
    default:
      return convert<double, double>(content, shape);
  }
}

// "train", "images" -> train-images-idx3-ubyte.gz or a relative of it.
std::optional<fs::path> find(const fs::path& folder, const std::string& part, const std::string& what) {
  for (const char* dot : {"-", "."}) {
    for (const int rank : {3, 1, 2, 4}) {
      for (const char* suffix : {"", ".gz"}) {
        const fs::path file = folder / fmt::format("{}-{}{}idx{}-ubyte{}", part, what, dot, rank, suffix);
        std::error_code ignored;
        if (fs::is_regular_file(file, ignored)) return file;
      }
    }
  }
  return std::nullopt;
}

Dataset read_part(const fs::path& images, const fs::path& labels, const OpenOptions& options) {
  Tensor x = read_idx(images);
  if (x.shape().rank() == 3) x = x.reshaped(Shape{x.shape()[0], 1, x.shape()[1], x.shape()[2]});
  return from_arrays(x, read_idx(labels),
                     {.where = labels.string(), .targets = options.targets, .labels = options.labels});
}

}  // namespace

Tensor read_idx(const std::string& file) {
  const std::vector<std::byte> bytes = read_file(file, Fault::data);
  if (!is_gzip(bytes)) return parse(bytes, file);
  return parse(gunzip(bytes, file, kMaxUnpacked), file);
}

fs::path find_idx_folder(const std::vector<fs::path>& folders) {
  for (const fs::path& folder : folders) {
    if (find(folder, "train", "images")) return folder;
  }
  return {};
}

Source read_idx_folder(const fs::path& folder, const std::string& where, const OpenOptions& options) {
  std::error_code ignored;
  require(Fault::data, fs::is_directory(folder, ignored),
          "{}: a folder of IDX files was needed, '{}' is none.", where, folder.string());
  const auto need = [&](const std::string& part, const std::string& what) {
    const auto file = find(folder, part, what);
    require(Fault::data, file.has_value(), "{}: {}-{}-idx{}-ubyte or the same with .gz was needed in '{}'.",
            where, part, what, what == "images" ? 3 : 1, folder.string());
    return *file;
  };
  Source source;
  const fs::path images = need("train", "images");
  source.train = read_part(images, need("train", "labels"), options);
  if (!find(folder, "t10k", "images") && !find(folder, "t10k", "labels")) return source;
  // The test labels are read as the training labels were.
  OpenOptions as_trained = options;
  if (source.train.kind == Kind::classes) as_trained.labels = source.train.labels;
  const fs::path test_images = need("t10k", "images");
  source.test = read_part(test_images, need("t10k", "labels"), as_trained);
  require(Fault::data, source.test->example_shape() == source.train.example_shape(),
          "{}: test examples must have the training examples' shape {}, they have {}.", where,
          source.train.example_shape().str(), source.test->example_shape().str());
  return source;
}

}  // namespace gradus::data
