#include "base/inflate.h"

#include <algorithm>
#include <string>

#include "base/philox.h"
#include "support/expect_error.h"

namespace gradus {
namespace {

using Bytes = std::vector<std::byte>;

// "hello gzip\n" as gzip -n writes it.
constexpr unsigned char kHello[] = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0xcb,
                                    0x48, 0xcd, 0xc9, 0xc9, 0x57, 0x48, 0xaf, 0xca, 0x2c, 0xe0, 0x02,
                                    0x00, 0x39, 0x7c, 0x63, 0x56, 0x0b, 0x00, 0x00, 0x00};

Bytes hello() {
  const auto raw = std::as_bytes(std::span(kHello));
  return {raw.begin(), raw.end()};
}

Bytes bytes_of(const std::string& text) {
  const auto raw = std::as_bytes(std::span(text));
  return {raw.begin(), raw.end()};
}

Bytes random_bytes(std::size_t size, std::uint64_t alphabet) {
  const RandomSequence random(7, 1);
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(random.below(i, alphabet));
  return bytes;
}

TEST(Gunzip, ReadsOneMemberAndSeveral) {
  EXPECT_TRUE(is_gzip(hello()));
  EXPECT_EQ(gunzip(hello(), "f", 1000), bytes_of("hello gzip\n"));
  Bytes twice = hello();
  const Bytes again = hello();
  twice.insert(twice.end(), again.begin(), again.end());
  EXPECT_EQ(gunzip(twice, "f", 1000), bytes_of("hello gzip\nhello gzip\n"));
  twice.resize(twice.size() + 512);
  EXPECT_EQ(gunzip(twice, "f", 1000), bytes_of("hello gzip\nhello gzip\n")) << "zero padding is ignored";
}

TEST(Gunzip, SeesTruncationAtEveryByte) {
  const Bytes whole = hello();
  for (std::size_t size = 2; size < std::size(kHello); ++size) {
    expect_error([&] { gunzip(std::span(whole).first(size), "train.gz", 1000); }, Fault::data,
                 "train.gz: the gzip data ends early (truncated file?).");
  }
}

TEST(Gunzip, RefusesOtherDamage) {
  expect_error([] { gunzip(bytes_of("P5 gray"), "f", 1000); }, Fault::data,
               "f: this is no gzip data (it does not start with the bytes 1f 8b).");
  Bytes damaged = hello();
  damaged[23] ^= std::byte{1};
  expect_error([&] { gunzip(damaged, "f", 1000); }, Fault::data,
               "f: the gzip data is damaged (incorrect data check).");
  Bytes followed = hello();
  followed.push_back(std::byte{'x'});
  expect_error([&] { gunzip(followed, "f", 1000); }, Fault::data,
               "f: 1 bytes that are no gzip data follow the gzip data.");
  expect_error([] { gunzip(hello(), "f", 10); }, Fault::data, "f: the unpacked data exceeds 10 bytes.");
  EXPECT_EQ(gunzip(hello(), "f", 11).size(), 11u);
}

TEST(RawDeflate, GivesBackEveryContent) {
  for (const Bytes& content :
       {Bytes(), bytes_of("a"), random_bytes(1'000'000, 256), random_bytes(1'000'000, 3), Bytes(2'000'000)}) {
    const Bytes packed = deflate_raw(content);
    EXPECT_EQ(inflate_raw(packed, content.size(), "m"), content);
  }
  EXPECT_LT(deflate_raw(Bytes(2'000'000)).size(), 3000u);
}

TEST(RawDeflate, RefusesSizesAndDamage) {
  const Bytes packed = deflate_raw(bytes_of("some text, some text, some text"));
  expect_error([&] { inflate_raw(packed, 30, "m"); }, Fault::data,
               "m: the unpacked data exceeds the 30 bytes announced.");
  expect_error([&] { inflate_raw(packed, 32, "m"); }, Fault::data,
               "m: 32 bytes were announced, the compressed data holds 31.");
  expect_error([&] { inflate_raw(std::span(packed).first(packed.size() - 1), 31, "m"); }, Fault::data,
               "m: the compressed data ends early (truncated file?).");
  expect_error([&] { inflate_raw({}, 0, "m"); }, Fault::data,
               "m: the compressed data ends early (truncated file?).");
  Bytes longer = packed;
  longer.resize(longer.size() + 3);
  expect_error([&] { inflate_raw(longer, 31, "m"); }, Fault::data,
               "m: 3 bytes follow the end of the compressed data.");
  expect_error([&] { inflate_raw(Bytes(4, std::byte{0xff}), 31, "m"); }, Fault::data,
               "m: the compressed data is damaged (invalid block type).");
  expect_error([&] { inflate_raw(Bytes(4), std::size_t{1} << 40, "m"); }, Fault::data,
               "m: 4 compressed bytes cannot hold the 1099511627776 bytes announced.");
}

TEST(Crc32, MatchesThePublishedCheckValue) {
  EXPECT_EQ(crc32(bytes_of("123456789")), 0xcbf43926u);
  EXPECT_EQ(crc32({}), 0u);
}

}  // namespace
}  // namespace gradus
