#include <limits>

#include "base/check.h"
#include "base/inflate.h"
#include "io/bytes.h"
#include "io/zip.h"

namespace gradus::io {
namespace {

constexpr std::uint32_t kLocalMark = 0x04034b50, kEntryMark = 0x02014b50, kEndMark = 0x06054b50;
constexpr std::uint16_t kVersion = 20;         // ZIP 2.0: deflate
constexpr std::uint16_t kUtf8Names = 1 << 11;  // flag bit 11
constexpr std::uint16_t kMidnight = 0;         // the format's first moment, 1980-01-01 00:00
constexpr std::uint16_t kFirstDay = (1 << 5) | 1;
constexpr std::size_t kMaxBytes = std::numeric_limits<std::uint32_t>::max();
constexpr std::size_t kMaxMembers = std::numeric_limits<std::uint16_t>::max();

std::uint32_t low32(std::size_t size) { return static_cast<std::uint32_t>(size); }
std::uint16_t low16(std::size_t size) { return static_cast<std::uint16_t>(size); }

void require_room(std::size_t bytes) {
  require(Fault::data, bytes < kMaxBytes,
          "npz: archives of 4 GiB and more are not written. Write single NPY files.");
}

}  // namespace

void ZipWriter::add(const std::string& name, std::span<const std::byte> content, bool deflated) {
  require(Fault::data, name.size() <= kMaxMembers, "npz: the name {} is too long.", in_quotes(name));
  require_room(content.size());
  const std::vector<std::byte> packed = deflated ? deflate_raw(content) : std::vector<std::byte>();
  const std::span<const std::byte> data = deflated ? std::span<const std::byte>(packed) : content;
  const std::size_t offset = bytes_.size();
  require_room(offset + data.size());

  // The fields both headers share, from "version needed" to "extra field length".
  const auto append_common = [&](std::vector<std::byte>& out) {
    append(out, kVersion);
    append(out, kUtf8Names);
    append(out, std::uint16_t{deflated ? std::uint16_t{8} : std::uint16_t{0}});
    append(out, kMidnight);
    append(out, kFirstDay);
    append(out, crc32(content));
    append(out, low32(data.size()));
    append(out, low32(content.size()));
    append(out, low16(name.size()));
    append(out, std::uint16_t{0});
  };
  append(bytes_, kLocalMark);
  append_common(bytes_);
  append_text(bytes_, name);
  append_bytes(bytes_, data);

  append(directory_, kEntryMark);
  append(directory_, kVersion);
  append_common(directory_);
  append(directory_, std::uint16_t{0});  // comment length
  append(directory_, std::uint16_t{0});  // disk
  append(directory_, std::uint16_t{0});  // internal attributes
  append(directory_, std::uint32_t{0});  // external attributes
  append(directory_, low32(offset));
  append_text(directory_, name);
  ++count_;
}

std::vector<std::byte> ZipWriter::finish() {
  require_room(bytes_.size() + directory_.size());
  require(Fault::data, count_ < kMaxMembers, "npz: {} arrays are too many for one archive; at most {} fit.",
          count_, kMaxMembers - 1);
  const std::size_t offset = bytes_.size();
  append_bytes(bytes_, directory_);
  append(bytes_, kEndMark);
  append(bytes_, std::uint32_t{0});  // this disk and the directory's
  append(bytes_, low16(count_));
  append(bytes_, low16(count_));
  append(bytes_, low32(directory_.size()));
  append(bytes_, low32(offset));
  append(bytes_, std::uint16_t{0});  // comment length
  return std::move(bytes_);
}

}  // namespace gradus::io
