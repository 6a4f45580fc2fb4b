#include <gtest/gtest.h>

#include "data/files.h"
#include "support/expect_error.h"

namespace gradus::data {
namespace {

using namespace std::string_literals;

class Idx : public ::testing::Test {
 protected:
  std::string write(const std::string& content, const std::string& name = "a.idx") {
    write_file(folder_ / name, content);
    return (folder_ / name).string();
  }

  // Refused with the file's path before `message`.
  void refused(const std::string& content, const std::string& message) {
    const std::string file = write(content);
    expect_error([&] { read_idx(file); }, Fault::data, file + message);
  }

  // A folder of two training images of 2 x 3 and one test image.
  void write_folder(const std::string& labels) {
    write(idx(8, {2, 2, 3}, "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\xff"s), "train-images-idx3-ubyte");
    write(idx(8, {2}, labels), "train-labels-idx1-ubyte");
  }

  TemporaryFolder folder_;
};

TEST_F(Idx, ReadsEveryElementType) {
  const auto read = [&](unsigned char code, const std::string& elements) {
    return read_idx(write(idx(code, {2}, elements)));
  };
  EXPECT_EQ(list(read(0x08, "\x00\xff"s)), (Numbers{0, 255}));
  EXPECT_EQ(read(0x08, "\x00\xff"s).dtype(), DType::u8);
  EXPECT_EQ(list(read(0x09, "\x01\xff"s)), (Numbers{1, -1}));
  EXPECT_EQ(list(read(0x0B, "\x01\x00\xff\xfe"s)), (Numbers{256, -2}));
  EXPECT_EQ(list(read(0x0C, "\x00\x01\x00\x00\xff\xff\xff\xff"s)), (Numbers{65536, -1}));
  EXPECT_EQ(read(0x0C, "\x00\x01\x00\x00\xff\xff\xff\xff"s).dtype(), DType::i32);
  EXPECT_EQ(list(read(0x0D, "\x3f\x80\x00\x00\xc0\x20\x00\x00"s)), (Numbers{1, -2.5}));
  EXPECT_EQ(list(read(0x0E, "\x3f\xf0\0\0\0\0\0\0\xc0\x04\0\0\0\0\0\0"s)), (Numbers{1, -2.5}));
  EXPECT_EQ(read(0x0E, "\x3f\xf0\0\0\0\0\0\0\xc0\x04\0\0\0\0\0\0"s).dtype(), DType::f64);
}

TEST_F(Idx, ReadsGzipAndShapes) {
  const Tensor x = read_idx(write(gzip(idx(8, {2, 1, 2}, "\x01\x02\x03\x04"s)), "b.gz"));
  EXPECT_EQ(x.shape(), (Shape{2, 1, 2}));
  EXPECT_EQ(list(x), (Numbers{1, 2, 3, 4}));
}

TEST_F(Idx, RefusesBadFiles) {
  refused(""s, ": an IDX file has at least 4 bytes, this one has 0.");
  refused("\x01\x02\x08\x01"s, " byte 0: an IDX file starts with 00 00, this one with 01 02.");
  refused("\x00\x00\x0a\x01\x00\x00\x00\x01z"s,
          " byte 2: an IDX element type was needed (08, 09, 0b, 0c, 0d or 0e), 0a was given.");
  refused("\x00\x00\x08\x00"s, " byte 3: 1 to 8 axes were needed, 0 were given.");
  refused("\x00\x00\x08\x09"s, " byte 3: 1 to 8 axes were needed, 9 were given.");
  refused("\x00\x00\x08\x03\x00\x00\x00\x01"s,
          ": the header of 3 axes needs 16 bytes, the file has 8 (truncated file?).");
  refused(idx(8, {2, 0}, "ab"), " byte 8: axis 1 has 0 elements.");
  refused(idx(8, {3}, "ab"),
          ": the header announces more than the 2 bytes that follow it (truncated file?).");
  refused(idx(8, {0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, "ab"),
          ": the header announces more than the 2 bytes that follow it (truncated file?).");
  refused(idx(0x0E, {0x20000001}, "abcdefgh"),
          ": the header announces more than the 8 bytes that follow it (truncated file?).");
  refused(idx(8, {65536, 65536, 65536, 65536, 65536}, std::string(65536, 'x')),
          ": the header announces more than the 65536 bytes that follow it (truncated file?).");
  refused(idx(8, {3}, "abcd"),
          ": the header announces 3 bytes of elements, 4 follow it. Remove what does not belong there.");
}

TEST_F(Idx, RefusesDamagedGzipAndMissingFiles) {
  const std::string whole = gzip(idx(8, {4}, "abcd"));
  refused(whole.substr(0, whole.size() - 5), ": the gzip data ends early (truncated file?).");
  refused(whole + "x", ": 1 bytes that are no gzip data follow the gzip data.");
  refused(gzip(idx(8, {5}, "abcd")),
          ": the header announces more than the 4 bytes that follow it (truncated file?).");
  const std::string missing = (folder_ / "none").string();
  expect_error([&] { read_idx(missing); }, Fault::data,
               missing + ": cannot be read: No such file or directory.");
}

TEST_F(Idx, OpensAFolder) {
  write_folder("\x01\x00"s);
  Source source = open(parse_spec("idx:" + folder_.path().string()));
  EXPECT_EQ(source.train.x.type(), (Type{DType::u8, Shape{2, 1, 2, 3}}));
  EXPECT_EQ(list(source.train.y), (Numbers{1, 0}));
  EXPECT_EQ(source.train.classes, 2);
  EXPECT_TRUE(source.train.class_names.empty());
  EXPECT_FALSE(source.test.has_value());

  write(gzip(idx(8, {1, 2, 3}, "abcdef")), "t10k-images.idx3-ubyte.gz");
  write(gzip(idx(8, {1}, "\x01"s)), "t10k-labels.idx1-ubyte.gz");
  source = open(parse_spec("idx:" + folder_.path().string()));
  ASSERT_TRUE(source.test.has_value());
  EXPECT_EQ(source.test->x.shape(), (Shape{1, 1, 2, 3}));
  EXPECT_EQ(list(source.test->y), (Numbers{1})) << "a test label is read as in training, not numbered anew";
}

TEST_F(Idx, NumbersOtherLabelsInSortedOrder) {
  write_folder("\x09\x03"s);
  const Source source = open(parse_spec("mnist:root=" + folder_.path().string()));
  EXPECT_EQ(list(source.train.y), (Numbers{1, 0}));
  EXPECT_EQ(source.train.class_names, (Names{"3", "9"}));
  EXPECT_EQ(source.train.labels.values, (Names{"3", "9"}));
}

TEST_F(Idx, RefusesBadFolders) {
  const std::string here = folder_.path().string();
  expect_error([&] { open(parse_spec("idx:" + here + "/none")); }, Fault::data,
               "idx: a folder of IDX files was needed, '" + here + "/none' is none.");
  expect_error([&] { open(parse_spec("idx:" + here)); }, Fault::data,
               "idx: train-images-idx3-ubyte or the same with .gz was needed in '" + here + "'.");
  expect_error([&] { open(parse_spec("fashion-mnist:root=" + here)); }, Fault::data,
               "fashion-mnist: its files were needed in '" + here +
                   "', they are not there. Install them with 'apt install dataset-fashion-mnist', or name "
                   "their folder "
                   "with root=DIR.");
  expect_error([&] { open(parse_spec("mnist:root=" + here)); }, Fault::data,
               "mnist: train-images-idx3-ubyte or the same with .gz was needed in '" + here +
                   "', it is not there. Name the folder with root=DIR.");
  write_folder("\x00\x01\x02"s.substr(0, 2));
  write(idx(8, {3}, "\x00\x01\x02"s), "train-labels-idx1-ubyte");
  expect_error(
      [&] { open(parse_spec("idx:" + here)); }, Fault::data,
      here +
          "/train-labels-idx1-ubyte: x and y need the same number of rows, x is u8[2, 1, 2, 3], y is u8[3].");
  write_folder("\x00\x01"s);
  write(idx(8, {1, 2, 2}, "abcd"), "t10k-images-idx3-ubyte");
  expect_error([&] { open(parse_spec("idx:" + here)); }, Fault::data,
               "idx: t10k-labels-idx1-ubyte or the same with .gz was needed in '" + here + "'.");
  write(idx(8, {1}, "\x00"s), "t10k-labels-idx1-ubyte");
  expect_error([&] { open(parse_spec("idx:" + here)); }, Fault::data,
               "idx: test examples must have the training examples' shape [1, 2, 3], they have [1, 2, 2].");
}

TEST_F(Idx, OpensFashionMnistIfInstalled) {
  if (!std::filesystem::exists("/usr/share/datasets/fashion-mnist"))
    GTEST_SKIP() << "the data set is not installed";
  const Source source = open(parse_spec("fashion-mnist"));
  EXPECT_EQ(source.train.x.type(), (Type{DType::u8, Shape{60000, 1, 28, 28}}));
  EXPECT_EQ(source.test->x.type(), (Type{DType::u8, Shape{10000, 1, 28, 28}}));
  EXPECT_EQ(source.train.class_names.at(9), "Ankle boot");
  EXPECT_EQ(source.train.y.at(0), 9);
}

}  // namespace
}  // namespace gradus::data
