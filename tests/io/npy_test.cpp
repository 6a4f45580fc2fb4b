#include "base/file.h"
#include "gradus/io.h"
#include "io/bytes.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace gradus::io {
namespace {

using Bytes = std::vector<std::byte>;

Tensor data_file(const std::string& name) { return read_npy(std::string(GRADUS_TEST_DATA "/") + name); }

Bytes file(const std::string& header, std::size_t data_bytes = 0, char version = 1) {
  Bytes bytes;
  append_text(bytes, "\x93NUMPY");
  append(bytes, version);
  append(bytes, '\0');
  if (version == 1)
    append(bytes, static_cast<std::uint16_t>(header.size()));
  else
    append(bytes, static_cast<std::uint32_t>(header.size()));
  append_text(bytes, header);
  bytes.resize(bytes.size() + data_bytes);
  return bytes;
}

void refused(const Bytes& bytes, const std::string& message) {
  expect_error([&] { parse_npy(bytes, "x.npy"); }, Fault::data, "x.npy: " + message);
}

TEST(Npy, ReadsWhatItWrote) {
  const TemporaryFolder folder;
  for (const Tensor& tensor :
       {Tensor::of<float>(Shape{2, 3}, {1, 2, 3, 4, 5, 6}), Tensor::of<double>(Shape{}, {-0.5}),
        Tensor::of<std::int32_t>(Shape{2}, {1, -1}), Tensor::of<std::int64_t>(Shape{1, 1, 2}, {1, -1}),
        Tensor::of<std::uint8_t>(Shape{3}, {0, 1, 255}), Tensor::of<bool>(Shape{2}, {true, false}),
        Tensor(DType::f32, Shape{0, 3})}) {
    write_npy(folder / "a.npy", tensor);
    EXPECT_TRUE(read_npy(folder / "a.npy").same_bits(tensor)) << tensor.type().str();
  }
}

TEST(Npy, WritesTheFormatToTheByte) {
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }";
  header.resize(128 - 10 - 1, ' ');
  Bytes expected = file(header + "\n");
  ASSERT_EQ(expected.size(), 128u);
  append(expected, 1.0f);
  append(expected, 2.0f);
  // 10 + 57 + 1 bytes round up to 128.
  EXPECT_EQ(npy_bytes(Tensor::of<float>(Shape{2}, {1, 2})), expected);
}

TEST(Npy, ReadsArraysOfNumpy) {
  const Tensor fortran = data_file("fortran.npy");
  ASSERT_EQ(fortran.type(), (Type{DType::i32, Shape{2, 3, 4}}));
  for (std::int64_t i = 0; i < 24; ++i) EXPECT_EQ(fortran.at(i), static_cast<double>(i));
  EXPECT_TRUE(data_file("big_endian.npy").same_bits(Tensor::of<std::int32_t>(Shape{3}, {1, -2, 70000})));
  EXPECT_TRUE(
      data_file("half.npy")
          .same_bits(Tensor::of<float>(
              Shape{6}, {1, -2, 65504, 0x1p-24f, std::numeric_limits<float>::infinity(), 0.3330078125f})));
}

TEST(Npy, ReadsEveryVersionAndSpelling) {
  const std::string header = "{'descr': '<i2', 'fortran_order': False, 'shape': (2,), }";
  for (const char version : {1, 2, 3})
    EXPECT_EQ(parse_npy(file(header, 4, version), "x").dtype(), DType::i32);
  EXPECT_EQ(parse_npy(file("{\"shape\":(2L,1L),'fortran_order':True,\"descr\":'|u1'}\n", 2), "x").type(),
            (Type{DType::u8, Shape{2, 1}}));
  EXPECT_EQ(parse_npy(file("{'descr': '?', 'fortran_order': False, 'shape': ()}", 1), "x").type(),
            (Type{DType::boolean, Shape{}}));
  EXPECT_EQ(parse_npy(file("{'descr': '=f8', 'fortran_order': True, 'shape': (0, 7)}"), "x").type(),
            (Type{DType::f64, Shape{0, 7}}));
  for (const char* type : {"i1", "i2", "u2"}) {
    const std::string small = std::string("{'descr': '") + type + "', 'fortran_order': False, 'shape': (0,)}";
    EXPECT_EQ(parse_npy(file(small), "x").dtype(), DType::i32) << type;
  }
  for (const char* type : {">u4", "<u8", ">i8"}) {
    const std::string wide = std::string("{'descr': '") + type + "', 'fortran_order': False, 'shape': (0,)}";
    EXPECT_EQ(parse_npy(file(wide), "x").dtype(), DType::i64) << type;
  }
}

TEST(Npy, RefusesArraysThatAreNoNumbers) {
  const std::string folder = GRADUS_TEST_DATA "/";
  expect_error([] { data_file("structured.npy"); }, Fault::data,
               folder + "structured.npy: this is a structured array; arrays of plain numbers are supported.");
  expect_error([] { data_file("object.npy"); }, Fault::data,
               folder +
                   "object.npy: this array holds Python objects, which only Python can read. Save an array "
                   "of numbers.");
  const std::string types =
      " is not supported; bool, integers and floats of at most 64 bits are. Convert with astype.";
  expect_error([] { data_file("text.npy"); }, Fault::data, folder + "text.npy: element type '<U2'" + types);
  expect_error([] { data_file("complex.npy"); }, Fault::data,
               folder + "complex.npy: element type '<c8'" + types);
  for (const std::string type : {"<f16", "<M8[ns]", "|V4", "", "<", "<f3"}) {
    refused(file("{'descr': '" + type + "', 'fortran_order': False, 'shape': (1,)}", 16),
            "element type '" + type + "'" + types);
  }
}

TEST(HostileNpy, Preamble) {
  refused({}, "this is no NPY file (it does not start with \\x93NUMPY).");
  Bytes bytes = file("{}");
  bytes[0] = std::byte{'P'};
  refused(bytes, "this is no NPY file (it does not start with \\x93NUMPY).");
  bytes = file("{}");
  bytes[6] = std::byte{4};
  refused(bytes, "NPY version 4 is unknown; 1, 2 and 3 are supported.");
  bytes.resize(7);
  refused(bytes, "the file ends inside its header (truncated file?).");
  bytes = file("{}", 0, 2);
  bytes.resize(11);
  refused(bytes, "the file ends inside its header (truncated file?).");
  bytes = file("{}", 0, 2);
  bytes[11] = std::byte{0xff};
  refused(bytes, "the header's length is given as 4278190082 bytes, but only 2 follow (truncated file?).");
}

TEST(HostileNpy, Header) {
  const std::string damaged = ". The file is damaged.";
  refused(file(""), "the header needs '{' at its character 0" + damaged);
  refused(file("{}"), "the header lacks 'descr'.");
  refused(file("{'descr': '<f4', 'shape': ()}"), "the header lacks 'fortran_order'.");
  refused(file("{'descr': '<f4', 'descr': '<f4'}"), "the header gives 'descr' twice.");
  refused(file("{'strides': (1,)}"), "the header has an unknown key 'strides'.");
  refused(file("{'descr"), "the header needs the end of a string at its character 2" + damaged);
  refused(file("{descr: 1}"), "the header needs ''' at its character 1" + damaged);
  refused(file("{'descr' '<f4'}"), "the header needs ':' at its character 9" + damaged);
  refused(file("{'descr': '<f4' 'shape': ()}"), "the header needs '}' at its character 16" + damaged);
  refused(file("{'descr': '<f4', 'fortran_order': 1}"),
          "the header needs True or False at its character 34" + damaged);
  refused(file("{'shape': 3}"), "the header needs '(' at its character 10" + damaged);
  refused(file("{'shape': (-3,)}"),
          "the header needs an integer from 0 to 2^64 - 1 at its character 11" + damaged);
  refused(file("{'shape': (99999999999999999999,)}"),
          "the header needs an integer from 0 to 2^64 - 1 at its character 11" + damaged);
  refused(file("{'shape': (1 2)}"), "the header needs ')' at its character 13" + damaged);
  refused(file("{'shape': (1,"),
          "the header needs an integer from 0 to 2^64 - 1 at its character 13" + damaged);
  refused(file("{'descr': '<f4', 'fortran_order': False, 'shape': ()} x"),
          "the header needs nothing more at its character 54" + damaged);
}

TEST(HostileNpy, Sizes) {
  const auto with_shape = [](const std::string& shape) {
    return "{'descr': '<f4', 'fortran_order': False, 'shape': (" + shape + ")}";
  };
  refused(file(with_shape("2, 3"), 23),
          "shape [2, 3] of 4-byte elements needs 24 bytes of data, the file has 23 (truncated file?).");
  refused(file(with_shape("2, 3"), 25),
          "shape [2, 3] of 4-byte elements needs 24 bytes of data, the file has 25.");
  refused(file(with_shape("1000000000000,"), 4),
          "shape [1000000000000] of 4-byte elements needs 4000000000000 bytes of data, the file has 4 "
          "(truncated file?).");
  refused(file(with_shape("4294967296, 4294967296"), 4), "shape: the number of elements overflows.");
  refused(file(with_shape("18446744073709551615,"), 4),
          "an axis of 18446744073709551615 elements is too long.");
  refused(file(with_shape("1,1,1,1,1,1,1,1,1"), 4), "shape: at most 8 axes are supported, got 9.");
}

TEST(HostileNpy, EveryChangeOfEveryHeaderByteIsReadOrRefused) {
  const Bytes intact = npy_bytes(Tensor::of<std::int32_t>(Shape{2, 2}, {1, 2, 3, 4}));
  for (std::size_t i = 0; i < intact.size(); ++i) {
    for (int flip = 1; flip < 256; ++flip) {
      Bytes bytes = intact;
      bytes[i] ^= static_cast<std::byte>(flip);
      try {
        parse_npy(bytes, "x");
      } catch (const Error& error) {
        EXPECT_EQ(error.fault(), Fault::data);
      }
    }
  }
  for (std::size_t size = 0; size < intact.size(); ++size) {
    EXPECT_THROW(parse_npy(std::span(intact).first(size), "x"), Error) << size;
  }
}

}  // namespace
}  // namespace gradus::io
