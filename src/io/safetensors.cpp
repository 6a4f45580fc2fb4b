#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>
#include <unordered_set>

#include "base/check.h"
#include "base/file.h"
#include "gradus/io.h"
#include "io/bytes.h"
#include "io/decode.h"
#include "io/safetensors_header.h"

namespace gradus::io {
namespace {

constexpr std::size_t kLengthBytes = 8;            // the header's length, before the header
constexpr std::uint64_t kMaxHeader = 100'000'000;  // the format's own limit
constexpr std::size_t kHeaderAlignment = 8;

constexpr std::array<std::pair<std::string_view, Stored>, 13> kTypes = {{{"F64", Stored::f64},
                                                                         {"F32", Stored::f32},
                                                                         {"F16", Stored::f16},
                                                                         {"BF16", Stored::bf16},
                                                                         {"I64", Stored::i64},
                                                                         {"I32", Stored::i32},
                                                                         {"I16", Stored::i16},
                                                                         {"I8", Stored::i8},
                                                                         {"U64", Stored::u64},
                                                                         {"U32", Stored::u32},
                                                                         {"U16", Stored::u16},
                                                                         {"U8", Stored::u8},
                                                                         {"BOOL", Stored::boolean}}};

Stored stored_type(const SafetensorsEntry& entry, const std::string& place) {
  const auto* found =
      std::find_if(kTypes.begin(), kTypes.end(), [&](const auto& type) { return type.first == entry.dtype; });
  require(found != kTypes.end(),
          "{}: element type {} is not supported; F64, F32, F16, BF16, I64, I32, I16, I8, U64, U32, U16, U8 "
          "and BOOL are.",
          place, in_quotes(entry.dtype));
  return found->second;
}

std::string_view type_name(DType dtype) {
  switch (dtype) {
    case DType::f32:
      return "F32";
    case DType::f64:
      return "F64";
    case DType::i32:
      return "I32";
    case DType::i64:
      return "I64";
    case DType::u8:
      return "U8";
    case DType::boolean:
      return "BOOL";
    case DType::bf16:
      return "BF16";
  }
  check_failed("known dtype", __FILE__, __LINE__);
}

// The header's text, once its length is known to fit the file.
std::string_view header_text(std::span<const std::byte> bytes, const std::string& where) {
  require(bytes.size() >= kLengthBytes,
          "{}: a safetensors file starts with 8 bytes for its header's length, this one has {} bytes in all.",
          where, bytes.size());
  const auto length = load<std::uint64_t>(bytes, 0);
  require(length <= kMaxHeader,
          "{}: the header's length is given as {} bytes; at most {} are allowed. Is it safetensors?", where,
          length, kMaxHeader);
  require(length <= bytes.size() - kLengthBytes,
          "{}: the header's length is given as {} bytes, but only {} follow. Is the file truncated?", where,
          length, bytes.size() - kLengthBytes);
  const std::string_view header = as_text(bytes.subspan(kLengthBytes, length));
  require(header.starts_with('{'), "{}: the header does not start with '{{'. Is it safetensors?", where);
  return header;
}

// A tensor's data, its range checked against the file, its type and its shape.
Tensor read_entry(const SafetensorsEntry& entry, std::span<const std::byte> data, const std::string& where) {
  const Origin origin{where + ": tensor " + in_quotes(entry.name), Fault::model};
  const Stored stored = stored_type(entry, origin.where);
  const Shape shape = to_shape(entry.shape, origin);
  require(entry.data_offsets.size() == 2, "{}: 'data_offsets' needs 2 numbers, {} were given.", origin.where,
          entry.data_offsets.size());
  const std::uint64_t begin = entry.data_offsets[0];
  const std::uint64_t end = entry.data_offsets[1];
  require(begin <= end, "{}: its data ends at byte {}, before it begins at byte {}.", origin.where, end,
          begin);
  require(end <= data.size(),
          "{}: its data ends at byte {}, the file has {} bytes of data. Is the file truncated?", origin.where,
          end, data.size());
  const std::uint64_t needed = size_of(stored) * static_cast<std::uint64_t>(shape.size());
  require(end - begin == needed, "{}: {} of shape {} needs {} bytes, its range {} to {} has {}.",
          origin.where, entry.dtype, shape.str(), needed, begin, end, end - begin);
  return decode(stored, shape, data.subspan(begin, needed), origin);
}

// Every byte of the data belongs to exactly one tensor.
void check_coverage(const std::vector<SafetensorsEntry>& entries, std::size_t data_size,
                    const std::string& where) {
  std::vector<const SafetensorsEntry*> order;
  for (const SafetensorsEntry& entry : entries) order.push_back(&entry);
  std::stable_sort(order.begin(), order.end(),
                   [](const auto* a, const auto* b) { return a->data_offsets < b->data_offsets; });
  const SafetensorsEntry* before = nullptr;
  std::uint64_t cursor = 0;
  for (const SafetensorsEntry* entry : order) {
    const std::uint64_t begin = entry->data_offsets[0];
    if (begin < cursor) {
      fail(Fault::model, "{}: the data of tensors {} and {} overlap at byte {}.", where,
           in_quotes(before->name), in_quotes(entry->name), begin);
    }
    require(begin == cursor, "{}: bytes {} to {} of the data belong to no tensor.", where, cursor, begin);
    cursor = entry->data_offsets[1];
    before = entry;
  }
  require(cursor == data_size, "{}: bytes {} to {} of the data belong to no tensor.", where, cursor,
          data_size);
}

std::string json_string(const std::string& text) {
  try {
    return nlohmann::json(text).dump();
  } catch (const nlohmann::json::type_error&) {
    fail(Fault::model, "safetensors: the tensor name {} is no valid UTF-8.", in_quotes(text));
  }
}

}  // namespace

NamedTensors parse_safetensors(std::span<const std::byte> bytes, const std::string& where) {
  const std::string_view header = header_text(bytes, where);
  const std::vector<SafetensorsEntry> entries = parse_safetensors_header(header, where);
  const std::span<const std::byte> data = bytes.subspan(kLengthBytes + header.size());
  NamedTensors tensors;
  for (const SafetensorsEntry& entry : entries)
    tensors.emplace_back(entry.name, read_entry(entry, data, where));
  check_coverage(entries, data.size(), where);
  return tensors;
}

NamedTensors read_safetensors(const std::filesystem::path& path) {
  return parse_safetensors(read_file(path, Fault::model), path.string());
}

std::vector<std::byte> safetensors_bytes(const NamedTensors& tensors) {
  std::string header = "{";
  std::unordered_set<std::string> names;
  std::size_t offset = 0;
  for (const auto& [name, tensor] : tensors) {
    require(name != "__metadata__", "safetensors: no tensor can be named '__metadata__'.");
    require(names.insert(name).second, "safetensors: two tensors are named {}.", in_quotes(name));
    require(tensor.defined(), "safetensors: tensor {} holds nothing.", in_quotes(name));
    std::string shape;
    for (const std::int64_t extent : tensor.shape())
      shape += fmt::format("{}{}", shape.empty() ? "" : ",", extent);
    header += fmt::format(R"({}{}:{{"dtype":"{}","shape":[{}],"data_offsets":[{},{}]}})",
                          names.size() > 1 ? "," : "", json_string(name), type_name(tensor.dtype()), shape,
                          offset, offset + tensor.byte_size());
    offset += tensor.byte_size();
  }
  header += "}";
  header.resize((header.size() + kHeaderAlignment - 1) / kHeaderAlignment * kHeaderAlignment, ' ');
  require(header.size() <= kMaxHeader, "safetensors: a header of {} bytes is needed; the format allows {}.",
          header.size(), kMaxHeader);

  std::vector<std::byte> bytes;
  bytes.reserve(kLengthBytes + header.size() + offset);
  append(bytes, static_cast<std::uint64_t>(header.size()));
  append_text(bytes, header);
  for (const auto& [name, tensor] : tensors) append_bytes(bytes, {tensor.data(), tensor.byte_size()});
  return bytes;
}

void write_safetensors(const std::filesystem::path& path, const NamedTensors& tensors) {
  write_file(path, safetensors_bytes(tensors));
}

}  // namespace gradus::io
