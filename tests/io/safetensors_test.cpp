#include <cstring>

#include "base/file.h"
#include "gradus/io.h"
#include "io/bytes.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace gradus::io {
namespace {

NamedTensors sample() {
  return {{"layers.0.weight", Tensor::of<float>(Shape{2, 2}, {1, -2, 0.5f, 4})},
          {"layers.0.bias", Tensor::of<double>(Shape{2}, {1e300, -0.0})},
          {"a \"quoted\" \xc3\xa9", Tensor::of<std::int64_t>(Shape{}, {-7})},
          {"i32", Tensor::of<std::int32_t>(Shape{3}, {1, 2, -3})},
          {"u8", Tensor::of<std::uint8_t>(Shape{3, 1}, {0, 7, 255})},
          {"bool", Tensor::of<bool>(Shape{2}, {true, false})},
          {"empty", Tensor(DType::f32, Shape{0, 5})}};
}

void expect_same(const NamedTensors& actual, const NamedTensors& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(actual[i].first, expected[i].first);
    EXPECT_TRUE(actual[i].second.same_bits(expected[i].second)) << expected[i].first;
  }
}

TEST(Safetensors, ReadsWhatItWrote) {
  const TemporaryFolder folder;
  write_safetensors(folder / "m.safetensors", sample());
  expect_same(read_safetensors(folder / "m.safetensors"), sample());
  expect_same(parse_safetensors(safetensors_bytes({}), "m"), {});
}

TEST(Safetensors, WritesTheFormatToTheByte) {
  const NamedTensors tensors = {{"b", Tensor::of<float>(Shape{2}, {1, 2})},
                                {"a", Tensor::of<std::uint8_t>(Shape{}, {9})}};
  const std::string header =
      R"({"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"U8","shape":[],"data_offsets":[8,9]}})";
  std::string padded = header;
  while (padded.size() % 8 != 0) padded += ' ';
  std::vector<std::byte> expected;
  append(expected, std::uint64_t{padded.size()});
  append_text(expected, padded);
  append(expected, 1.0f);
  append(expected, 2.0f);
  append(expected, std::uint8_t{9});
  EXPECT_EQ(safetensors_bytes(tensors), expected);
  EXPECT_EQ(as_text(safetensors_bytes({})), std::string_view("\x08\0\0\0\0\0\0\0{}      ", 16));
}

TEST(Safetensors, ReadsOrderMetadataAndTypesOfOtherWriters) {
  // The header's order is not the data's, there is metadata, white space, and no padding.
  const std::string header =
      "{ \"__metadata__\": {\"format\": \"pt\", \"x\": \"\"},\n"
      "\"z\": {\"shape\": [2], \"data_offsets\": [4, 8], \"dtype\": \"BF16\"},"
      "\"a\": {\"dtype\": \"F16\", \"shape\": [1, 2], \"data_offsets\": [0, 4]},"
      "\"n\": {\"dtype\": \"F64\", \"shape\": [0], \"data_offsets\": [4, 4]} }";
  std::vector<std::byte> bytes;
  append(bytes, std::uint64_t{header.size()});
  append_text(bytes, header);
  for (const std::uint16_t x : {0x3c00, 0x4000, 0x3f80, 0x4000}) append(bytes, x);
  expect_same(parse_safetensors(bytes, "m"), {{"z", Tensor::of<float>(Shape{2}, {1, 2})},
                                              {"a", Tensor::of<float>(Shape{1, 2}, {1, 2})},
                                              {"n", Tensor(DType::f64, Shape{0})}});
}

TEST(Safetensors, MissingFilesAreTheModelsFault) {
  expect_error([] { read_safetensors("/nowhere/m.safetensors"); }, Fault::model,
               "/nowhere/m.safetensors: cannot be read: No such file or directory.");
}

TEST(Safetensors, RefusesToWriteWhatItCouldNotRead) {
  const Tensor x = Tensor::scalar(1);
  expect_error(
      [&] {
        safetensors_bytes({{"x", x}, {"x", x}});
      },
      Fault::model, "safetensors: two tensors are named 'x'.");
  expect_error(
      [&] {
        safetensors_bytes({{"__metadata__", x}});
      },
      Fault::model, "safetensors: no tensor can be named '__metadata__'.");
  expect_error(
      [&] {
        safetensors_bytes({{"x", Tensor()}});
      },
      Fault::model, "safetensors: tensor 'x' holds nothing.");
  expect_error(
      [&] {
        safetensors_bytes({{"x\xff", x}});
      },
      Fault::model, "safetensors: the tensor name 'x\xff' is no valid UTF-8.");
}

}  // namespace
}  // namespace gradus::io
