// A TensorProto as an array.
#include <vector>

#include "base/check.h"
#include "base/file.h"
#include "io/bytes.h"
#include "io/onnx/element.h"
#include "io/onnx/messages.h"
#include "io/onnx/parse.h"

namespace gradus::io::onnx {
namespace {

using Message = ::onnx::TensorProto;

Shape shape_of(const Message& message, const Origin& origin) {
  std::vector<std::uint64_t> extents;
  for (const std::int64_t extent : message.dims()) {
    require(origin.fault, extent >= 0, "{}: an axis has {} elements. Extents are 0 or more.", origin.where,
            extent);
    extents.push_back(static_cast<std::uint64_t>(extent));
  }
  return to_shape(extents, origin);
}

// The elements of a repeated field, each as the low bytes of its number. Only what the field holds is copied.
template <class Field>
std::vector<std::byte> low_bytes(const Field& field, std::size_t each) {
  std::vector<std::byte> bytes;
  bytes.reserve(static_cast<std::size_t>(field.size()) * each);
  for (const auto number : field) append_bytes(bytes, std::as_bytes(std::span(&number, 1)).first(each));
  return bytes;
}

std::vector<std::byte> typed_bytes(const Message& message, Stored stored) {
  const std::size_t each = size_of(stored);
  switch (stored) {
    case Stored::f32:
      return low_bytes(message.float_data(), each);
    case Stored::f64:
      return low_bytes(message.double_data(), each);
    case Stored::i64:
      return low_bytes(message.int64_data(), each);
    case Stored::u32:
    case Stored::u64:
      return low_bytes(message.uint64_data(), each);
    default:
      return low_bytes(message.int32_data(), each);
  }
}

}  // namespace

Array array_of(const Message& message, const std::string& place) {
  const Origin origin{fmt::format("{}: tensor {}", place, in_quotes(message.name())), Fault::model};
  require(origin.fault, message.data_location() == Message::DEFAULT && message.external_data().empty(),
          "{}: its data lies in another file. Save the model with its data inside.", origin.where);
  require(origin.fault, !message.has_segment(), "{}: it is a part of a tensor. Save it whole.", origin.where);
  Array array;
  array.name = message.name();
  array.element = element_of(message.data_type());
  const std::optional<Stored> stored = stored_as(array.element);
  require(origin.fault, stored.has_value(), "{}: elements of type {} ({}) are not supported.", origin.where,
          name(array.element), message.data_type());
  const Shape shape = shape_of(message, origin);

  const bool is_raw = message.has_raw_data();
  const std::vector<std::byte> typed = is_raw ? std::vector<std::byte>() : typed_bytes(message, *stored);
  const std::span<const std::byte> bytes = is_raw ? std::as_bytes(std::span(message.raw_data())) : typed;
  const auto wanted = static_cast<std::uint64_t>(shape.size());
  require(origin.fault, bytes.size() % size_of(*stored) == 0 && bytes.size() / size_of(*stored) == wanted,
          "{}: {} {} needs {} elements of {} bytes, {} bytes are there.", origin.where, name(array.element),
          shape.str(), wanted, size_of(*stored), bytes.size());
  array.value = decode(*stored, shape, bytes, origin);
  return array;
}

Array parse_tensor(std::span<const std::byte> bytes, const std::string& where) {
  return array_of(parsed<Message>(bytes, where, "tensor"), where);
}

Array read_tensor(const std::filesystem::path& path) {
  return parse_tensor(read_file(path, Fault::model), path.string());
}

}  // namespace gradus::io::onnx
