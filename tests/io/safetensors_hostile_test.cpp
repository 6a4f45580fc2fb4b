// Files made to break a reader: each is refused with the message that names what is wrong.
#include "gradus/io.h"
#include "io/bytes.h"
#include "support/expect_error.h"

namespace gradus::io {
namespace {

using Bytes = std::vector<std::byte>;

Bytes file(const std::string& header, std::size_t data_bytes = 0) {
  Bytes bytes;
  append(bytes, std::uint64_t{header.size()});
  append_text(bytes, header);
  bytes.resize(bytes.size() + data_bytes);
  return bytes;
}

// One tensor 'a' with the given fields.
std::string entry(const std::string& dtype, const std::string& shape, const std::string& offsets) {
  return R"({"a":{"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets + "}}";
}

void refused(const Bytes& bytes, const std::string& message) {
  expect_error([&] { parse_safetensors(bytes, "m"); }, Fault::model, "m: " + message);
}

TEST(HostileSafetensors, HeaderLength) {
  refused({}, "a safetensors file starts with 8 bytes for its header's length, this one has 0 bytes in all.");
  refused(Bytes(7),
          "a safetensors file starts with 8 bytes for its header's length, this one has 7 bytes in all.");
  refused(Bytes(8), "the header does not start with '{'. Is it safetensors?");
  Bytes bytes = file("{}");
  bytes[0] = std::byte{3};
  refused(bytes, "the header's length is given as 3 bytes, but only 2 follow. Is the file truncated?");
  refused(Bytes(16, std::byte{0xff}),
          "the header's length is given as 18446744073709551615 bytes; at most 100000000 are allowed. Is it "
          "safetensors?");
  Bytes long_header;
  append(long_header, std::uint64_t{100'000'001});
  refused(
      long_header,
      "the header's length is given as 100000001 bytes; at most 100000000 are allowed. Is it safetensors?");
}

TEST(HostileSafetensors, NoJson) {
  refused(file("[]"), "the header does not start with '{'. Is it safetensors?");
  refused(file(" {}"), "the header does not start with '{'. Is it safetensors?");
  refused(file("\xef\xbb\xbf{}"), "the header does not start with '{'. Is it safetensors?");
  refused(file("{"), "the header is no valid JSON, at its byte 2. The file is damaged.");
  refused(file("{}}"), "the header is no valid JSON, at its byte 3. The file is damaged.");
  refused(file("{\"a\xff\":{}}"), "the header is no valid JSON, at its byte 4. The file is damaged.");
  refused(file(R"({"a":{},})"), "tensor 'a': 'dtype' is missing.");
  refused(file(R"({"a":)" + std::string(100'000, '[')),
          "tensor 'a': an object was needed, an array was given.");
}

TEST(HostileSafetensors, RepeatedKeys) {
  const std::string tensor = R"({"dtype":"U8","shape":[0],"data_offsets":[0,0]})";
  refused(file(R"({"a":)" + tensor + R"(,"a":)" + tensor + "}"), "the header names 'a' twice.");
  refused(file(R"({"__metadata__":{},"__metadata__":{}})"), "the header names '__metadata__' twice.");
  refused(file(R"({"__metadata__":{"x":"","x":""}})"), "metadata: 'x' is given twice.");
  refused(file(R"({"a":{"dtype":"U8","dtype":"F32","shape":[0],"data_offsets":[0,0]}})"),
          "tensor 'a': 'dtype' is given twice.");
}

TEST(HostileSafetensors, WrongKinds) {
  refused(file(R"({"a":1})"), "tensor 'a': an object was needed, a number was given.");
  refused(file(R"({"a":null})"), "tensor 'a': an object was needed, null was given.");
  refused(file(R"({"__metadata__":"x"})"), "metadata: an object was needed, a string was given.");
  refused(file(R"({"__metadata__":{"x":1}})"), "metadata: 'x' needs a string, a number was given.");
  refused(file(R"({"__metadata__":{"x":{}}})"), "metadata: 'x' needs a string, an object was given.");
  refused(file(R"({"a":{"dtype":3}})"), "tensor 'a': 'dtype' needs a string, a number was given.");
  refused(file(R"({"a":{"dtype":["F32"]}})"), "tensor 'a': 'dtype' needs a string, an array was given.");
  refused(file(R"({"a":{"shape":2}})"),
          "tensor 'a': 'shape' needs a list of non-negative integers, a number was given.");
  refused(file(R"({"a":{"shape":"2"}})"),
          "tensor 'a': 'shape' needs a list of non-negative integers, a string was given.");
  refused(file(R"({"a":{"shape":[true]}})"),
          "tensor 'a': 'shape' needs a list of non-negative integers, a boolean was given.");
  refused(file(R"({"a":{"shape":[[1]]}})"),
          "tensor 'a': 'shape' needs a list of non-negative integers, an array was given.");
  refused(file(entry("F32", "[-1]", "[0,4]"), 4),
          "tensor 'a': 'shape' needs a list of non-negative integers, a negative number was given.");
  refused(file(entry("F32", "[1.0]", "[0,4]"), 4),
          "tensor 'a': 'shape' needs a list of non-negative integers, a fraction or a number too large was "
          "given.");
  refused(file(entry("F32", "[1]", "[0,18446744073709551616]"), 4),
          "tensor 'a': 'data_offsets' needs a list of non-negative integers, a fraction or a number too "
          "large was "
          "given.");
}

TEST(HostileSafetensors, MissingAndUnknownKeys) {
  refused(file(R"({"a":{"shape":[],"data_offsets":[0,4]}})", 4), "tensor 'a': 'dtype' is missing.");
  refused(file(R"({"a":{"dtype":"F32","data_offsets":[0,4]}})", 4), "tensor 'a': 'shape' is missing.");
  refused(file(R"({"a":{"dtype":"F32","shape":[]}})", 4), "tensor 'a': 'data_offsets' is missing.");
  refused(file(R"({"a":{"dtype":"F32","strides":[1]}})", 4),
          "tensor 'a': unknown key 'strides'; the keys are 'dtype', 'shape' and 'data_offsets'.");
}

TEST(HostileSafetensors, TypesAndShapes) {
  const std::string types =
      " is not supported; F64, F32, F16, BF16, I64, I32, I16, I8, U64, U32, U16, U8 and BOOL are.";
  refused(file(entry("F8_E4M3", "[4]", "[0,4]"), 4), "tensor 'a': element type 'F8_E4M3'" + types);
  refused(file(entry("f32", "[1]", "[0,4]"), 4), "tensor 'a': element type 'f32'" + types);
  refused(file(entry("F32", "[1,1,1,1,1,1,1,1,1]", "[0,4]"), 4),
          "tensor 'a': shape: at most 8 axes are supported, got 9.");
  refused(file(entry("F32", "[4294967296,4294967296]", "[0,0]")),
          "tensor 'a': shape: the number of elements overflows.");
  refused(file(entry("F32", "[18446744073709551615]", "[0,4]"), 4),
          "tensor 'a': an axis of 18446744073709551615 elements is too long.");
}

TEST(HostileSafetensors, Offsets) {
  refused(file(entry("F32", "[1]", "[4]"), 4), "tensor 'a': 'data_offsets' needs 2 numbers, 1 were given.");
  refused(file(entry("F32", "[1]", "[0,4,8]"), 8),
          "tensor 'a': 'data_offsets' needs 2 numbers, 3 were given.");
  refused(file(entry("F32", "[1]", "[4,0]"), 4),
          "tensor 'a': its data ends at byte 0, before it begins at byte 4.");
  refused(file(entry("F32", "[2]", "[0,8]"), 4),
          "tensor 'a': its data ends at byte 8, the file has 4 bytes of data. Is the file truncated?");
  refused(file(entry("F32", "[1]", "[18446744073709551612,18446744073709551615]"), 4),
          "tensor 'a': its data ends at byte 18446744073709551615, the file has 4 bytes of data. Is the file "
          "truncated?");
  refused(file(entry("F32", "[3]", "[0,8]"), 8),
          "tensor 'a': F32 of shape [3] needs 12 bytes, its range 0 to 8 has 8.");
  refused(file(entry("F32", "[1]", "[0,8]"), 8),
          "tensor 'a': F32 of shape [1] needs 4 bytes, its range 0 to 8 has 8.");
}

TEST(HostileSafetensors, OverlapsAndHoles) {
  const auto two = [](const std::string& first, const std::string& second) {
    return R"({"a":{"dtype":"U8","shape":[4],"data_offsets":)" + first +
           R"(},"b":{"dtype":"U8","shape":[4],"data_offsets":)" + second + "}}";
  };
  EXPECT_EQ(parse_safetensors(file(two("[4,8]", "[0,4]"), 8), "m").size(), 2u);
  refused(file(two("[0,4]", "[0,4]"), 4), "the data of tensors 'a' and 'b' overlap at byte 0.");
  refused(file(two("[3,7]", "[0,4]"), 7), "the data of tensors 'b' and 'a' overlap at byte 3.");
  refused(file(two("[0,4]", "[5,9]"), 9), "bytes 4 to 5 of the data belong to no tensor.");
  refused(file(two("[1,5]", "[5,9]"), 9), "bytes 0 to 1 of the data belong to no tensor.");
  refused(file(two("[0,4]", "[4,8]"), 10), "bytes 8 to 10 of the data belong to no tensor.");
  refused(file("{}", 1), "bytes 0 to 1 of the data belong to no tensor.");
}

TEST(HostileSafetensors, ValuesAndNames) {
  Bytes bytes = file(entry("BOOL", "[2]", "[0,2]"), 2);
  bytes.back() = std::byte{2};
  refused(bytes, "tensor 'a': a bool is 0 or 1, element 1 is 2.");
  // Names reach terminals: no escape sequences, no endless lines.
  refused(file(R"({"\u001b[2J\n":{}})"), "tensor '?[2J?': 'dtype' is missing.");
  refused(file("{\"" + std::string(200, 'n') + "\":{}}"),
          "tensor '" + std::string(80, 'n') + "...': 'dtype' is missing.");
}

// Whatever happens to the header's bytes, the file is read or refused with an Error; run under the
// sanitizers.
TEST(HostileSafetensors, EveryChangeOfEveryHeaderByteIsReadOrRefused) {
  const Bytes intact = safetensors_bytes({{"w", Tensor::of<float>(Shape{2, 1}, {1, 2})},
                                          {"b", Tensor::of<bool>(Shape{3}, {true, false, true})}});
  std::size_t refusals = 0;
  for (std::size_t i = 0; i < intact.size(); ++i) {
    for (int flip = 1; flip < 256; ++flip) {
      Bytes bytes = intact;
      bytes[i] ^= static_cast<std::byte>(flip);
      try {
        parse_safetensors(bytes, "m");
      } catch (const Error& error) {
        EXPECT_EQ(error.fault(), Fault::model);
        ++refusals;
      }
    }
  }
  EXPECT_GT(refusals, 25'000u);
  for (std::size_t size = 0; size < intact.size(); ++size) {
    EXPECT_THROW(parse_safetensors(std::span(intact).first(size), "m"), Error) << size;
  }
}

}  // namespace
}  // namespace gradus::io
