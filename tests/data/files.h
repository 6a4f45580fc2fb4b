// Files that the tests of the readers write for themselves.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/inflate.h"
#include "gradus/data.h"
#include "support/temporary_folder.h"

namespace gradus::data {

inline void append_u32(std::string& text, std::uint32_t value, bool big) {
  for (int i = 0; i < 4; ++i) text += static_cast<char>((value >> (big ? 24 - 8 * i : 8 * i)) & 0xff);
}

// A gzip file of one member.
inline std::string gzip(const std::string& content) {
  const auto raw = std::as_bytes(std::span(content));
  const std::vector<std::byte> packed = deflate_raw(raw);
  std::string file("\x1f\x8b\x08\0\0\0\0\0\0\x03", 10);
  file.append(reinterpret_cast<const char*>(packed.data()), packed.size());
  append_u32(file, crc32(raw), false);
  append_u32(file, static_cast<std::uint32_t>(content.size()), false);
  return file;
}

// An IDX file: the type's code, the extents, the bytes of the elements.
inline std::string idx(unsigned char code, const std::vector<std::uint32_t>& extents,
                       const std::string& elements) {
  std::string file(2, '\0');
  file += static_cast<char>(code);
  file += static_cast<char>(extents.size());
  for (const std::uint32_t extent : extents) append_u32(file, extent, true);
  return file + elements;
}

inline std::vector<double> list(const Tensor& tensor) {
  std::vector<double> values;
  for (std::int64_t i = 0; i < tensor.size(); ++i) values.push_back(tensor.at(i));
  return values;
}

using Numbers = std::vector<double>;
using Names = std::vector<std::string>;

}  // namespace gradus::data
