// TensorBoard's event files, read back field by field.
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "base/file.h"
#include "gradus/io.h"
#include "io/bytes.h"
#include "io/crc32c.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace gradus::io {
namespace {

using Bytes = std::span<const std::byte>;

// One field of a protocol buffer: a number, or bytes.
struct Field {
  int number;
  std::uint64_t integer = 0;
  Bytes bytes;

  double real() const { return load<double>(bytes, 0); }
};

std::uint64_t take_varint(Bytes& bytes) {
  std::uint64_t value = 0;
  for (int shift = 0;; shift += 7) {
    const auto b = std::to_integer<std::uint64_t>(bytes[0]);
    bytes = bytes.subspan(1);
    value |= (b & 0x7f) << shift;
    if (b < 0x80) return value;
  }
}

std::vector<Field> fields(Bytes bytes) {
  std::vector<Field> list;
  while (!bytes.empty()) {
    const std::uint64_t key = take_varint(bytes);
    Field field{static_cast<int>(key >> 3), 0, {}};
    std::size_t length = 0;
    switch (key & 7) {
      case 0:
        field.integer = take_varint(bytes);
        break;
      case 1:
        length = 8;
        break;
      case 2:
        length = take_varint(bytes);
        break;
      case 5:
        length = 4;
        break;
      default:
        ADD_FAILURE() << "wire type " << (key & 7);
    }
    field.bytes = bytes.first(length);
    bytes = bytes.subspan(length);
    list.push_back(field);
  }
  return list;
}

Field find(Bytes message, int number) {
  for (const Field& field : fields(message))
    if (field.number == number) return field;
  ADD_FAILURE() << "no field " << number;
  return {number, 0, {}};
}

std::vector<double> doubles(Bytes packed) {
  std::vector<double> list;
  for (std::size_t i = 0; i < packed.size(); i += 8) list.push_back(load<double>(packed, i));
  return list;
}

std::uint32_t unmasked(std::uint32_t masked) {
  const std::uint32_t rotated = masked - 0xa282ead8U;
  return (rotated >> 17) | (rotated << 15);
}

// The records of a file; each checksum is checked.
std::vector<Bytes> records(Bytes file) {
  std::vector<Bytes> list;
  while (!file.empty()) {
    const auto length = load<std::uint64_t>(file, 0);
    EXPECT_EQ(unmasked(load<std::uint32_t>(file, 8)), crc32c(file.first(8)));
    list.push_back(file.subspan(12, length));
    EXPECT_EQ(unmasked(load<std::uint32_t>(file, 12 + length)), crc32c(list.back()));
    file = file.subspan(16 + length);
  }
  return list;
}

Bytes value_of(Bytes event) { return find(find(event, 5).bytes, 1).bytes; }

TEST(Crc32c, HasTheValuesOfTheStandard) {
  const auto of = [](std::string_view text) { return crc32c(std::as_bytes(std::span(text))); };
  EXPECT_EQ(of("123456789"), 0xe3069283U);
  EXPECT_EQ(of(std::string(32, '\0')), 0x8a9136aaU);  // RFC 3720, appendix B.4
  EXPECT_EQ(of(std::string(32, '\xff')), 0x62a8ab43U);
  EXPECT_EQ(of(""), 0U);
}

TEST(EventFile, HoldsScalars) {
  const TemporaryFolder dir;
  EventFile file(dir.path() / "tensorboard");
  file.scalar("train/loss", 300, 0.25);
  file.flush();
  const std::vector<std::byte> bytes = read_file(file.path(), Fault::data);
  const std::vector<Bytes> list = records(bytes);
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(as_text(find(list[0], 3).bytes), "brain.Event:2");
  EXPECT_GT(find(list[1], 1).real(), 1.7e9);
  EXPECT_EQ(find(list[1], 2).integer, 300U);
  EXPECT_EQ(as_text(find(value_of(list[1]), 1).bytes), "train/loss");
  EXPECT_EQ(load<float>(find(value_of(list[1]), 2).bytes, 0), 0.25F);
}

TEST(EventFile, HoldsHistograms) {
  const TemporaryFolder dir;
  EventFile file(dir.path());
  file.histogram("weight", 0, Tensor::of<float>({6}, {-1, 0, 0.5, 0.5, 2, std::nanf("")}));
  file.histogram("nothing", 0, Tensor::of<float>({1}, {std::nanf("")}));
  file.flush();
  const std::vector<std::byte> bytes = read_file(file.path(), Fault::data);
  const std::vector<Bytes> list = records(bytes);
  ASSERT_EQ(list.size(), 2U) << "there is nothing to show of NaN alone";
  const Bytes histogram = find(value_of(list[1]), 5).bytes;
  const std::map<int, double> expected = {{1, -1}, {2, 2}, {3, 5}, {4, 2}, {5, 5.5}};
  for (const auto& [number, value] : expected) EXPECT_EQ(find(histogram, number).real(), value) << number;
  const auto limits = doubles(find(histogram, 6).bytes), counts = doubles(find(histogram, 7).bytes);
  ASSERT_EQ(limits.size(), counts.size());
  // Elements below each limit and not below the one before.
  for (std::size_t i = 0; i < limits.size(); ++i) {
    double count = 0;
    for (const double x : {-1.0, 0.0, 0.5, 0.5, 2.0})
      count += x < limits[i] && (i == 0 || x >= limits[i - 1]);
    EXPECT_EQ(counts[i], count) << "up to " << limits[i];
  }
  EXPECT_EQ(counts.front(), 0);
  EXPECT_GT(counts.back(), 0);
}

TEST(EventFile, LeavesOthersAlone) {
  const TemporaryFolder dir;
  EventFile one(dir.path()), two(dir.path());
  EXPECT_NE(one.path(), two.path());
  EXPECT_NE(one.path().string().find("tfevents"), std::string::npos);
}

TEST(EventFile, SaysWhatCannotBeWritten) {
  const TemporaryFolder dir;
  const std::filesystem::path file = dir.path() / "file";
  write_file(file, "");
  expect_error([&] { EventFile events(file / "tensorboard"); }, Fault::output,
               (file / "tensorboard").string() + ": the folder cannot be made: Not a directory.");
}

}  // namespace
}  // namespace gradus::io
