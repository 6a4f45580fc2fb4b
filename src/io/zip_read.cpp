#include <algorithm>
#include <limits>
#include <optional>

#include "base/check.h"
#include "base/inflate.h"
#include "io/bytes.h"
#include "io/zip.h"

namespace gradus::io {
namespace {

constexpr std::uint32_t kLocalMark = 0x04034b50, kEntryMark = 0x02014b50, kEndMark = 0x06054b50;
constexpr std::uint32_t kEnd64Mark = 0x06064b50, kLocator64Mark = 0x07064b50;
constexpr std::size_t kLocalSize = 30, kEntrySize = 46, kEndSize = 22, kEnd64Size = 56, kLocator64Size = 20;
constexpr std::uint16_t kExtra64 = 1;
constexpr std::uint16_t kEncrypted = 1;                                       // flag bit 0
constexpr std::uint16_t kFull16 = std::numeric_limits<std::uint16_t>::max();  // "see the ZIP64 field"
constexpr std::uint32_t kFull32 = std::numeric_limits<std::uint32_t>::max();

class ZipReader {
 public:
  ZipReader(std::span<const std::byte> bytes, const std::string& where) : bytes_(bytes), where_(where) {}

  std::vector<ZipMember> members() {
    read_end();
    std::vector<ZipMember> members;
    std::size_t position = directory_begin_;
    for (std::uint64_t i = 0; i < count_; ++i) members.push_back(read_entry(position));
    require(Fault::data, position == directory_end_,
            "{}: the archive's directory has {} bytes beyond its {} entries.", where_,
            directory_end_ - position, count_);
    check_apart();
    return members;
  }

 private:
  struct Range {
    std::size_t begin, end;
    std::string name;
  };

  std::span<const std::byte> bytes_;
  const std::string& where_;
  std::uint64_t count_ = 0;
  std::size_t directory_begin_ = 0, directory_end_ = 0;
  std::vector<Range> ranges_;

  // Whether [offset, offset + size) lies before `end`.
  static bool fits(std::uint64_t offset, std::uint64_t size, std::size_t end) {
    return offset <= end && size <= end - offset;
  }

  // The end record is the last thing in the file but for a comment of known length.
  std::size_t find_end() const {
    for (std::size_t comment = 0; comment <= kFull16 && fits(comment, kEndSize, bytes_.size()); ++comment) {
      const std::size_t position = bytes_.size() - kEndSize - comment;
      if (load<std::uint32_t>(bytes_, position) == kEndMark &&
          load<std::uint16_t>(bytes_, position + 20) == comment) {
        return position;
      }
    }
    fail(Fault::data, "{}: this is no ZIP archive, or it is cut off: its end record is missing.", where_);
  }

  void read_end() {
    const std::size_t end = find_end();
    std::uint64_t disk = load<std::uint16_t>(bytes_, end + 4);
    count_ = load<std::uint16_t>(bytes_, end + 10);
    std::uint64_t size = load<std::uint32_t>(bytes_, end + 12);
    std::uint64_t offset = load<std::uint32_t>(bytes_, end + 16);
    std::size_t limit = end;
    const bool is_64 =
        end >= kLocator64Size && load<std::uint32_t>(bytes_, end - kLocator64Size) == kLocator64Mark;
    if (is_64) {
      const auto end64 = load<std::uint64_t>(bytes_, end - kLocator64Size + 8);
      require(
          Fault::data,
          fits(end64, kEnd64Size, end - kLocator64Size) && load<std::uint32_t>(bytes_, end64) == kEnd64Mark,
          "{}: the archive's ZIP64 end record is not where it should be, at byte {}.", where_, end64);
      disk = load<std::uint32_t>(bytes_, end64 + 16);
      count_ = load<std::uint64_t>(bytes_, end64 + 32);
      size = load<std::uint64_t>(bytes_, end64 + 40);
      offset = load<std::uint64_t>(bytes_, end64 + 48);
      limit = end64;
    }
    require(Fault::data, disk == 0, "{}: this is one part of a split archive, which is not supported.",
            where_);
    require(Fault::data, fits(offset, size, limit),
            "{}: the archive's directory (byte {}, {} bytes) lies outside the file. Is it damaged?", where_,
            offset, size);
    require(Fault::data, count_ <= size / kEntrySize,
            "{}: the archive's directory of {} bytes cannot hold {} entries.", where_, size, count_);
    directory_begin_ = offset;
    directory_end_ = offset + size;
  }

  ZipMember read_entry(std::size_t& position) {
    require(Fault::data,
            fits(position, kEntrySize, directory_end_) && load<std::uint32_t>(bytes_, position) == kEntryMark,
            "{}: the archive's directory is damaged at byte {}.", where_, position);
    const std::size_t name_size = load<std::uint16_t>(bytes_, position + 28);
    const std::size_t extra_size = load<std::uint16_t>(bytes_, position + 30);
    const std::size_t comment_size = load<std::uint16_t>(bytes_, position + 32);
    require(Fault::data, fits(position + kEntrySize, name_size + extra_size + comment_size, directory_end_),
            "{}: the archive's directory is damaged at byte {}.", where_, position);
    ZipMember member;
    member.name = as_text(bytes_.subspan(position + kEntrySize, name_size));
    member.crc = load<std::uint32_t>(bytes_, position + 16);
    std::uint64_t packed = load<std::uint32_t>(bytes_, position + 20);
    member.size = load<std::uint32_t>(bytes_, position + 24);
    std::uint64_t offset = load<std::uint32_t>(bytes_, position + 42);
    // The ZIP64 field holds those of the three that do not fit 32 bits, in this order.
    std::size_t extra = position + kEntrySize + name_size;
    std::optional<std::span<const std::byte>> wide = find_extra64(bytes_.subspan(extra, extra_size));
    for (std::uint64_t* value : {&member.size, &packed, &offset}) {
      if (*value != kFull32 || !wide) continue;
      require(Fault::data, wide->size() >= 8, "{}: member {} has a damaged ZIP64 field.", where_,
              in_quotes(member.name));
      *value = load<std::uint64_t>(*wide, 0);
      wide = wide->subspan(8);
    }
    const auto flags = load<std::uint16_t>(bytes_, position + 8);
    const auto method = load<std::uint16_t>(bytes_, position + 10);
    require(Fault::data, (flags & kEncrypted) == 0, "{}: member {} is encrypted, which is not supported.",
            where_, in_quotes(member.name));
    require(Fault::data, method == 0 || method == 8,
            "{}: member {} is packed by method {}; stored (0) and deflated (8) members are supported.",
            where_, in_quotes(member.name), method);
    member.deflated = method == 8;
    member.packed = locate(member.name, offset, packed);
    position += kEntrySize + name_size + extra_size + comment_size;
    return member;
  }

  static std::optional<std::span<const std::byte>> find_extra64(std::span<const std::byte> extra) {
    while (extra.size() >= 4) {
      const auto id = load<std::uint16_t>(extra, 0);
      const std::size_t size = load<std::uint16_t>(extra, 2);
      if (size > extra.size() - 4) break;
      if (id == kExtra64) return extra.subspan(4, size);
      extra = extra.subspan(4 + size);
    }
    return std::nullopt;
  }

  // The packed data behind the member's local header, whose sizes are not used: they may be left blank.
  std::span<const std::byte> locate(const std::string& name, std::uint64_t offset, std::uint64_t size) {
    require(Fault::data,
            fits(offset, kLocalSize, directory_begin_) && load<std::uint32_t>(bytes_, offset) == kLocalMark,
            "{}: member {} is not where the archive's directory says, at byte {}.", where_, in_quotes(name),
            offset);
    const std::size_t name_size = load<std::uint16_t>(bytes_, offset + 26);
    const std::size_t extra_size = load<std::uint16_t>(bytes_, offset + 28);
    const std::uint64_t begin = offset + kLocalSize + name_size + extra_size;
    require(Fault::data, fits(begin, size, directory_begin_),
            "{}: the data of member {} (byte {}, {} bytes) lies outside the archive's data.", where_,
            in_quotes(name), begin, size);
    require(Fault::data, as_text(bytes_.subspan(offset + kLocalSize, name_size)) == name,
            "{}: member {} has another name in its own header. The archive is damaged.", where_,
            in_quotes(name));
    ranges_.push_back({offset, begin + size, name});
    return bytes_.subspan(begin, size);
  }

  // Members that share bytes are how small archives unpack to huge ones.
  void check_apart() {
    std::sort(ranges_.begin(), ranges_.end(),
              [](const Range& a, const Range& b) { return a.begin < b.begin; });
    for (std::size_t i = 1; i < ranges_.size(); ++i) {
      require(Fault::data, ranges_[i - 1].end <= ranges_[i].begin, "{}: members {} and {} overlap.", where_,
              in_quotes(ranges_[i - 1].name), in_quotes(ranges_[i].name));
    }
  }
};

}  // namespace

std::vector<ZipMember> list_zip(std::span<const std::byte> bytes, const std::string& where) {
  return ZipReader(bytes, where).members();
}

std::vector<std::byte> unpack(const ZipMember& member, const std::string& where) {
  std::vector<std::byte> content;
  if (member.deflated) {
    content = inflate_raw(member.packed, member.size, where);
  } else {
    require(Fault::data, member.packed.size() == member.size, "{}: {} bytes were announced, {} are stored.",
            where, member.size, member.packed.size());
    content.assign(member.packed.begin(), member.packed.end());
  }
  require(Fault::data, crc32(content) == member.crc,
          "{}: the checksum (CRC-32) is wrong; the data is damaged.", where);
  return content;
}

}  // namespace gradus::io
