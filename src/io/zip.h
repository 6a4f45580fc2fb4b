// ZIP archives (PKWARE APPNOTE 6.3, with ZIP64 on reading): what NPZ files are made of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace gradus::io {

struct ZipMember {
  std::string name;
  std::span<const std::byte> packed;  // inside the archive
  std::uint64_t size = 0;             // once unpacked
  std::uint32_t crc = 0;
  bool deflated = false;
};

// The members in the central directory's order. Error (Fault::data): no archive, parts of a split archive,
// encrypted members or other packings, records or data outside the file, members whose data overlap.
std::vector<ZipMember> list_zip(std::span<const std::byte> bytes, const std::string& where);

// A member's content. Error (Fault::data) on a wrong size or checksum.
std::vector<std::byte> unpack(const ZipMember& member, const std::string& where);

// Builds an archive with the same time stamp on every member, so that equal contents give equal bytes.
class ZipWriter {
 public:
  void add(const std::string& name, std::span<const std::byte> content, bool deflated);
  std::vector<std::byte> finish();  // Error (Fault::data) from 4 GiB or 65535 members on

 private:
  std::vector<std::byte> bytes_, directory_;
  std::size_t count_ = 0;
};

}  // namespace gradus::io
