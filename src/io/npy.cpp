#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "base/file.h"
#include "gradus/io.h"
#include "io/bytes.h"
#include "io/decode.h"
#include "io/npy_header.h"

namespace gradus::io {
namespace {

constexpr std::size_t kHeaderAlignment = 64;  // numpy's, so that arrays can be mapped

std::vector<std::byte> swapped(std::span<const std::byte> bytes, std::size_t element) {
  std::vector<std::byte> result(bytes.begin(), bytes.end());
  for (std::size_t i = 0; i < result.size(); i += element) {
    std::reverse(result.begin() + static_cast<std::ptrdiff_t>(i),
                 result.begin() + static_cast<std::ptrdiff_t>(i + element));
  }
  return result;
}

// A column-major array of `shape`, given as the row-major array of the reversed shape it is, made row-major.
Tensor to_row_major(const Tensor& reversed, const Shape& shape) {
  Tensor result(reversed.dtype(), shape);
  const std::size_t element = size_of(reversed.dtype());
  const int rank = shape.rank();
  std::vector<std::int64_t> strides(static_cast<std::size_t>(rank), 1);  // of the column-major array
  for (int axis = 1; axis < rank; ++axis) {
    strides[static_cast<std::size_t>(axis)] = strides[static_cast<std::size_t>(axis) - 1] * shape[axis - 1];
  }
  std::vector<std::int64_t> index(static_cast<std::size_t>(rank), 0);
  std::int64_t source = 0;
  for (std::int64_t i = 0; i < shape.size(); ++i) {
    std::memcpy(result.data() + static_cast<std::size_t>(i) * element,
                reversed.data() + static_cast<std::size_t>(source) * element, element);
    for (int axis = rank - 1; axis >= 0; --axis) {
      const auto a = static_cast<std::size_t>(axis);
      source += strides[a];
      if (++index[a] < shape[axis]) break;
      source -= strides[a] * shape[axis];
      index[a] = 0;
    }
  }
  return result;
}

std::string_view descr(DType dtype) {
  switch (dtype) {
    case DType::f32:
      return "<f4";
    case DType::f64:
      return "<f8";
    case DType::i32:
      return "<i4";
    case DType::i64:
      return "<i8";
    case DType::u8:
      return "|u1";
    case DType::boolean:
      return "|b1";
    case DType::bf16:
      fail(Fault::usage, "npy: the format has no bf16. cast() the tensor to f32.");
  }
  check_failed("known dtype", __FILE__, __LINE__);
}

}  // namespace

Tensor parse_npy(std::span<const std::byte> bytes, const std::string& where) {
  const Origin origin{where, Fault::data};
  NpyHeader header = parse_npy_header(bytes, where);
  const Shape shape = to_shape(header.shape, origin);
  const std::span<const std::byte> data = bytes.subspan(header.data_offset);
  const std::size_t element = size_of(header.stored);
  const std::size_t needed = element * static_cast<std::size_t>(shape.size());
  require(Fault::data, data.size() == needed,
          "{}: shape {} of {}-byte elements needs {} bytes of data, the file has {}{}.", where, shape.str(),
          element, needed, data.size(), data.size() < needed ? " (truncated file?)" : "");
  const std::vector<std::byte> little = header.big_endian ? swapped(data, element) : std::vector<std::byte>();
  const std::span<const std::byte> elements = header.big_endian ? std::span<const std::byte>(little) : data;
  if (!header.fortran_order || shape.rank() < 2) return decode(header.stored, shape, elements, origin);
  std::reverse(header.shape.begin(), header.shape.end());
  return to_row_major(decode(header.stored, to_shape(header.shape, origin), elements, origin), shape);
}

Tensor read_npy(const std::filesystem::path& path) {
  return parse_npy(read_file(path, Fault::data), path.string());
}

std::vector<std::byte> npy_bytes(const Tensor& tensor) {
  require(Fault::data, tensor.defined(), "npy: the tensor to write holds nothing.");
  std::string shape;
  for (const std::int64_t extent : tensor.shape())
    shape += fmt::format("{}{}", shape.empty() ? "" : ", ", extent);
  if (tensor.shape().rank() == 1) shape += ",";
  std::string header =
      fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", descr(tensor.dtype()), shape);
  constexpr std::size_t kBefore = 10;  // magic, version, length
  const std::size_t total =
      (kBefore + header.size() + 1 + kHeaderAlignment - 1) / kHeaderAlignment * kHeaderAlignment;
  header.resize(total - kBefore - 1, ' ');
  header += '\n';

  std::vector<std::byte> bytes;
  bytes.reserve(total + tensor.byte_size());
  append_text(bytes, "\x93NUMPY\x01");
  append(bytes, std::uint8_t{0});
  append(bytes, static_cast<std::uint16_t>(header.size()));
  append_text(bytes, header);
  append_bytes(bytes, {tensor.data(), tensor.byte_size()});
  return bytes;
}

void write_npy(const std::filesystem::path& path, const Tensor& tensor) {
  write_file(path, npy_bytes(tensor));
}

}  // namespace gradus::io
