// Compressed bytes: gzip files, and the raw deflate streams of ZIP members (zlib does the work).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace gradus {

// Whether the bytes start as gzip data does (RFC 1952: 1f 8b).
bool is_gzip(std::span<const std::byte> bytes);

// The content of gzip data, members joined, zero padding at the end ignored. `where` opens the messages (a
// path). Error (Fault::data): no gzip data, damaged or truncated data, other bytes after it, more than
// max_bytes of content.
std::vector<std::byte> gunzip(std::span<const std::byte> bytes, const std::string& where,
                              std::size_t max_bytes);

// The content of one raw deflate stream (RFC 1951), which must have exactly `expected` bytes and use up all
// of `bytes`. Error (Fault::data) otherwise. A size no stream of this length can have is refused before
// memory is taken.
std::vector<std::byte> inflate_raw(std::span<const std::byte> bytes, std::size_t expected,
                                   const std::string& where);

// `bytes` as one raw deflate stream. level: 1 (fast) to 9 (small).
std::vector<std::byte> deflate_raw(std::span<const std::byte> bytes, int level = 6);

// CRC-32 of ZIP and gzip (polynomial 0xedb88320).
std::uint32_t crc32(std::span<const std::byte> bytes);

}  // namespace gradus
