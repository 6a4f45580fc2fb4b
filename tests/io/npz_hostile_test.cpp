// Archives made to break a reader: each is refused with the message that names what is wrong.
#include <cstring>

#include "base/inflate.h"
#include "gradus/io.h"
#include "io/bytes.h"
#include "io/zip.h"
#include "support/expect_error.h"

namespace gradus::io {
namespace {

using Bytes = std::vector<std::byte>;

// Where the records of an archive with the one stored member 'a.npy' are.
constexpr std::size_t kLocal = 0, kName = 5, kData = 30 + kName, kNpy = 128 + 4;
constexpr std::size_t kEntry = kData + kNpy, kEnd = kEntry + 46 + kName;

Bytes archive() { return npz_bytes({{"a", Tensor::scalar(1)}}, Packing::stored); }

template <class T>
Bytes patched(std::size_t offset, T value) {
  Bytes bytes = archive();
  std::memcpy(bytes.data() + offset, &value, sizeof(T));
  return bytes;
}

void refused(const Bytes& bytes, const std::string& message) {
  expect_error([&] { parse_npz(bytes, "x.npz"); }, Fault::data, "x.npz: " + message);
}

TEST(HostileNpz, TheIntactArchiveIsReadAndLaidOutAsAssumed) {
  const Bytes bytes = archive();
  EXPECT_EQ(parse_npz(bytes, "x").size(), 1u);
  ASSERT_EQ(bytes.size(), kEnd + 22);
  EXPECT_EQ(load<std::uint32_t>(bytes, kLocal), 0x04034b50u);
  EXPECT_EQ(load<std::uint32_t>(bytes, kEntry), 0x02014b50u);
  EXPECT_EQ(load<std::uint32_t>(bytes, kEnd), 0x06054b50u);
  Bytes with_comment = patched<std::uint16_t>(kEnd + 20, 3);
  append_text(with_comment, "hey");
  EXPECT_EQ(parse_npz(with_comment, "x").size(), 1u);
}

TEST(HostileNpz, EndRecord) {
  const std::string missing = "this is no ZIP archive, or it is cut off: its end record is missing.";
  refused({}, missing);
  refused(Bytes(1000), missing);
  for (std::size_t size = 0; size < kEnd + 22; ++size) {
    const Bytes intact = archive();
    refused(Bytes(intact.begin(), intact.begin() + static_cast<std::ptrdiff_t>(size)), missing);
  }
  refused(patched<std::uint16_t>(kEnd + 20, 1), missing);
  refused(patched<std::uint16_t>(kEnd + 4, 1),
          "this is one part of a split archive, which is not supported.");
  refused(patched<std::uint32_t>(kEnd + 16, 0xfffffff0),
          "the archive's directory (byte 4294967280, 51 bytes) lies outside the file. Is it damaged?");
  refused(patched<std::uint32_t>(kEnd + 12, 0xffffffff),
          "the archive's directory (byte 167, 4294967295 bytes) lies outside the file. Is it damaged?");
  refused(patched<std::uint16_t>(kEnd + 10, 2), "the archive's directory of 51 bytes cannot hold 2 entries.");
  refused(patched<std::uint16_t>(kEnd + 10, 65535),
          "the archive's directory of 51 bytes cannot hold 65535 entries.");
  refused(patched<std::uint16_t>(kEnd + 10, 0), "the archive's directory has 51 bytes beyond its 0 entries.");
}

TEST(HostileNpz, DirectoryEntry) {
  refused(patched<std::uint32_t>(kEntry, 0), "the archive's directory is damaged at byte 167.");
  refused(patched<std::uint16_t>(kEntry + 28, 65535), "the archive's directory is damaged at byte 167.");
  refused(patched<std::uint16_t>(kEntry + 30, 65535), "the archive's directory is damaged at byte 167.");
  refused(patched<std::uint16_t>(kEntry + 32, 1), "the archive's directory is damaged at byte 167.");
  refused(patched<std::uint16_t>(kEntry + 8, 1), "member 'a.npy' is encrypted, which is not supported.");
  refused(patched<std::uint16_t>(kEntry + 10, 14),
          "member 'a.npy' is packed by method 14; stored (0) and deflated (8) members are supported.");
  refused(patched<std::uint32_t>(kEntry + 42, 1),
          "member 'a.npy' is not where the archive's directory says, at byte 1.");
  refused(patched<std::uint32_t>(kEntry + 42, 0xfffffffe),
          "member 'a.npy' is not where the archive's directory says, at byte 4294967294.");
  refused(patched<std::uint32_t>(kEntry + 20, 133),
          "the data of member 'a.npy' (byte 35, 133 bytes) lies outside the archive's data.");
  refused(patched<std::uint16_t>(kLocal + 28, 65535),
          "the data of member 'a.npy' (byte 65570, 132 bytes) lies outside the archive's data.");
  refused(patched<char>(kLocal + 30, 'b'),
          "member 'a.npy' has another name in its own header. The archive is damaged.");
}

TEST(HostileNpz, SizesAndChecksums) {
  refused(patched<std::uint32_t>(kEntry + 24, 131),
          "member 'a.npy': 131 bytes were announced, 132 are stored.");
  refused(patched<std::uint32_t>(kEntry + 16, 0),
          "member 'a.npy': the checksum (CRC-32) is wrong; the data is damaged.");
  refused(patched<char>(kData + 130, 'x'),
          "member 'a.npy': the checksum (CRC-32) is wrong; the data is damaged.");
  refused(patched<std::uint16_t>(kEntry + 10, 8),
          "member 'a.npy': 132 bytes were announced, the compressed data holds 6.");
  Bytes bomb = patched<std::uint16_t>(kEntry + 10, 8);
  const std::uint32_t huge = 0xfffffff0;
  std::memcpy(bomb.data() + kEntry + 24, &huge, sizeof(huge));
  refused(bomb, "member 'a.npy': 132 compressed bytes cannot hold the 4294967280 bytes announced.");
}

TEST(HostileNpz, Members) {
  const Bytes npy = npy_bytes(Tensor::scalar(1));
  ZipWriter other;
  other.add("readme.txt", npy, false);
  refused(other.finish(), "member 'readme.txt' is no NPY array; an NPZ file holds NAME.npy members only.");
  ZipWriter nameless;
  nameless.add(".npy", npy, false);
  refused(nameless.finish(), "member '.npy' is no NPY array; an NPZ file holds NAME.npy members only.");
  ZipWriter twice;
  twice.add("a.npy", npy, true);
  twice.add("a.npy", npy, true);
  refused(twice.finish(), "two members are named 'a.npy'.");
  ZipWriter text;
  text.add("a.npy", std::as_bytes(std::span("text")), true);
  refused(text.finish(), "member 'a.npy': this is no NPY file (it does not start with \\x93NUMPY).");
}

// Two entries that name the same bytes: how a small archive grows without end.
TEST(HostileNpz, OverlappingMembers) {
  const Bytes intact = archive();
  Bytes bytes(intact.begin(), intact.begin() + kEnd);
  bytes.insert(bytes.end(), intact.begin() + kEntry, intact.end());
  const std::size_t end = bytes.size() - 22;
  const std::uint16_t count = 2;
  const std::uint32_t size = 2 * 51;
  std::memcpy(bytes.data() + end + 10, &count, sizeof(count));
  std::memcpy(bytes.data() + end + 12, &size, sizeof(size));
  refused(bytes, "members 'a.npy' and 'a.npy' overlap.");
}

// The archive with a ZIP64 end record and sizes in a ZIP64 field, as a writer of huge archives makes it.
Bytes archive_64(std::uint64_t member_size, std::uint64_t end_offset_error, std::uint16_t field_bytes) {
  const Bytes intact = archive();
  Bytes bytes(intact.begin(), intact.begin() + kEnd);
  const std::uint32_t full = 0xffffffff;
  const std::uint16_t extra_size = static_cast<std::uint16_t>(4 + field_bytes);
  std::memcpy(bytes.data() + kEntry + 24, &full, sizeof(full));
  std::memcpy(bytes.data() + kEntry + 30, &extra_size, sizeof(extra_size));
  append(bytes, std::uint16_t{1});
  append(bytes, field_bytes);
  Bytes field;
  append(field, member_size);
  field.resize(field_bytes);
  bytes.insert(bytes.end(), field.begin(), field.end());
  const std::uint64_t end64 = bytes.size();
  append(bytes, std::uint32_t{0x06064b50});
  append(bytes, std::uint64_t{44});
  append(bytes, std::uint32_t{45});  // versions
  append(bytes, std::uint64_t{0});   // disks
  append(bytes, std::uint64_t{1});
  append(bytes, std::uint64_t{1});
  append(bytes, std::uint64_t{51u + extra_size});
  append(bytes, std::uint64_t{kEntry});
  append(bytes, std::uint32_t{0x07064b50});
  append(bytes, std::uint32_t{0});
  append(bytes, end64 + end_offset_error);
  append(bytes, std::uint32_t{1});
  bytes.insert(bytes.end(), intact.begin() + kEnd, intact.end());
  std::memcpy(bytes.data() + bytes.size() - 22 + 16, &full, sizeof(full));
  return bytes;
}

TEST(HostileNpz, Zip64) {
  EXPECT_EQ(parse_npz(archive_64(132, 0, 8), "x").at(0).second.at(0), 1.0);
  refused(archive_64(1ull << 60, 0, 8),
          "member 'a.npy': 1152921504606846976 bytes were announced, 132 are stored.");
  refused(archive_64(132, 0, 4), "member 'a.npy' has a damaged ZIP64 field.");
  refused(archive_64(132, 1, 8), "the archive's ZIP64 end record is not where it should be, at byte 231.");
  refused(archive_64(132, 1ull << 63, 8),
          "the archive's ZIP64 end record is not where it should be, at byte 9223372036854776038.");
}

TEST(HostileNpz, EveryChangeOfEveryByteIsReadOrRefused) {
  for (const Bytes& intact : {archive(), archive_64(132, 0, 8), npz_bytes({{"a", Tensor::scalar(1)}})}) {
    for (std::size_t i = 0; i < intact.size(); ++i) {
      for (int flip = 1; flip < 256; ++flip) {
        Bytes bytes = intact;
        bytes[i] ^= static_cast<std::byte>(flip);
        try {
          parse_npz(bytes, "x");
        } catch (const Error& error) {
          EXPECT_EQ(error.fault(), Fault::data);
        }
      }
    }
  }
}

}  // namespace
}  // namespace gradus::io
