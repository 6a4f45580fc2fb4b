// Little-endian numbers in byte arrays, and names from files made fit for messages.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"

namespace gradus::io {

static_assert(std::endian::native == std::endian::little, "file formats are read without byte swaps");

// The number at `offset`; the caller has checked that it is inside.
template <class T>
T load(std::span<const std::byte> bytes, std::size_t offset) {
  GRADUS_CHECK(offset <= bytes.size() && sizeof(T) <= bytes.size() - offset);
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof(T));
  return value;
}

inline void append_bytes(std::vector<std::byte>& bytes, std::span<const std::byte> more) {
  const std::size_t end = bytes.size();
  bytes.resize(end + more.size());  // not insert(), for which g++ 12 warns of overflows that cannot be
  if (!more.empty()) std::memcpy(bytes.data() + end, more.data(), more.size());
}

template <class T>
void append(std::vector<std::byte>& bytes, T value) {
  append_bytes(bytes, std::as_bytes(std::span(&value, 1)));
}

inline void append_text(std::vector<std::byte>& bytes, std::string_view text) {
  append_bytes(bytes, std::as_bytes(std::span(text)));
}

inline std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// A name out of a file in quotes: shortened, and without control characters, which a terminal would obey.
inline std::string in_quotes(std::string_view name) {
  constexpr std::size_t kLongest = 80;
  std::size_t size = std::min(name.size(), kLongest);
  while (size < name.size() && size > 0 && (name[size] & 0xc0) == 0x80) --size;  // no half UTF-8 character
  std::string text = "'";
  for (const char c : name.substr(0, size)) text += static_cast<unsigned char>(c) < 32 || c == 127 ? '?' : c;
  return text + (size < name.size() ? "...'" : "'");
}

}  // namespace gradus::io
