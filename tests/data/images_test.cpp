#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "data/files.h"
#include "data/images/image.h"
#include "support/expect_error.h"

namespace gradus::data {
namespace {

namespace fs = std::filesystem;

const fs::path kGolden = GRADUS_GOLDEN "/images";

// The pixels that Pillow reads (tests/golden/make_images.py).
Tensor golden(const std::string& name) {
  std::ifstream file(kGolden / "images.txt");
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string found;
    words >> found;
    if (found != name) continue;
    std::int64_t c = 0, h = 0, w = 0;
    words >> c >> h >> w;
    Tensor pixels(DType::u8, Shape{c, h, w});
    for (std::int64_t i = 0; i < pixels.size(); ++i) {
      double value = 0;
      words >> value;
      pixels.set(i, value);
    }
    return pixels;
  }
  ADD_FAILURE() << "no golden image " << name;
  return {};
}

void expect_near(const Tensor& read, const Tensor& wanted, double tolerance, const std::string& name) {
  ASSERT_EQ(read.shape().without(0), wanted.shape()) << name;
  for (std::int64_t i = 0; i < wanted.size(); ++i)
    EXPECT_NEAR(read.at(i), wanted.at(i), tolerance) << name << " " << i;
}

TEST(Images, AreReadAsPillowReadsThem) {
  for (const char* name : {"gray.png", "colour.png", "palette.png", "bits.png", "alpha.png", "sixteen.png"})
    expect_near(read_images(kGolden / name), golden(name), 0, name);
  // Another version of libjpeg may round in another way.
  for (const char* name : {"gray.jpg", "colour.jpg", "progressive.jpg"})
    expect_near(read_images(kGolden / name), golden(name), 2, name);
}

TEST(Images, ChangeTheirChannels) {
  expect_near(read_images(kGolden / "colour.png", {.channels = 1}), golden("colour.png@gray"), 0, "luma");
  const Tensor gray = golden("gray.png"), three = read_images(kGolden / "gray.png", {.channels = 3});
  for (std::int64_t i = 0; i < three.size(); ++i) EXPECT_EQ(three.at(i), gray.at(i % gray.size()));
}

TEST(Images, AreResizedAsPillowDoes) {
  for (const auto& [h, w] :
       {std::pair{6, 8}, std::pair{5, 7}, std::pair{1, 1}, std::pair{24, 20}, std::pair{12, 3}}) {
    const std::string name = "colour.png@" + std::to_string(h) + "x" + std::to_string(w);
    expect_near(read_images(kGolden / "colour.png", {.height = h, .width = w}), golden(name), 1, name);
  }
}

TEST(Images, AreWrittenAsTheyAreReadBack) {
  const TemporaryFolder folder;
  for (const char* name : {"gray.png", "colour.png"}) {
    write_png(folder / "copy.png", golden(name));
    expect_near(read_images(folder / "copy.png"), golden(name), 0, name);
  }
  expect_error(
      [&] {
        write_png(folder / "x.png", Tensor(DType::u8, Shape{2, 3, 3}));
      },
      Fault::output, "png: an image u8 [1, H, W] or [3, H, W] was needed, it is u8[2, 3, 3].");
}

TEST(Images, CutOffAnywhereAreRefused) {
  for (const char* name : {"colour.png", "sixteen.png", "colour.jpg", "progressive.jpg"}) {
    const std::vector<std::byte> whole = read_file(kGolden / name, Fault::data);
    const bool png = std::string(name).ends_with("png");
    // A JPEG without its two last bytes has all its pixels.
    for (std::size_t size = 0; size + 2 < whole.size(); ++size) {
      try {
        decode_image(std::span(whole).first(size), "cut");
        // Nor are the bytes after a PNG's last pixel needed: its checksums and the end chunk.
        EXPECT_TRUE(png && size + 20 > whole.size()) << name << " " << size;
      } catch (const Error& error) {
        EXPECT_EQ(error.fault(), Fault::data);
        EXPECT_EQ(std::string(error.what()).rfind("cut: ", 0), 0u) << error.what();
      }
    }
  }
}

TEST(Images, DamagedAreReadOrRefused) {
  for (const char* name : {"gray.png", "palette.png", "gray.jpg", "progressive.jpg"}) {
    const std::vector<std::byte> whole = read_file(kGolden / name, Fault::data);
    for (std::size_t i = 0; i < whole.size(); ++i) {
      for (const std::byte change : {std::byte{0x01}, std::byte{0x80}, std::byte{0xff}}) {
        std::vector<std::byte> damaged = whole;
        damaged[i] ^= change;
        try {
          const Image image = decode_image(damaged, "damaged");
          EXPECT_EQ(image.pixels.size(),
                    static_cast<std::size_t>(image.height * image.width * image.channels));
        } catch (const Error& error) {
          EXPECT_EQ(error.fault(), Fault::data);
        }
      }
    }
  }
}

TEST(Images, OfOtherKindsAreRefused) {
  const TemporaryFolder folder;
  write_file(folder / "a.png", std::string_view("GIF89a"));
  expect_error(
      [&] { read_images(folder / "a.png"); }, Fault::data,
      (folder / "a.png").string() +
          ": a PNG or JPEG image was needed, its first bytes are of neither. Replace or remove the file.");
  try {
    read_images(kGolden / "cmyk.jpg");
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(
        std::string(error.what()).rfind((kGolden / "cmyk.jpg").string() + ": it cannot be read as JPEG: ", 0),
        0u)
        << error.what();
  }
  // A PNG that announces 60,000 x 60,000 pixels: its header's extents, with the checksum that fits.
  std::vector<std::byte> huge = read_file(kGolden / "gray.png", Fault::data);
  for (const std::size_t at : {16u, 20u}) {
    huge[at + 2] = std::byte{0xea};
    huge[at + 3] = std::byte{0x60};
  }
  const std::uint32_t sum = crc32(std::span(huge).subspan(12, 17));
  for (std::size_t i = 0; i < 4; ++i) huge[29 + i] = static_cast<std::byte>(sum >> (24 - 8 * i));
  expect_error(
      [&] { decode_image(huge, "huge"); }, Fault::data,
      "huge: images of at most 32768 x 32768 and 67108864 pixels can be read, it has 60000 x 60000. Make it "
      "smaller.");
}

class ImageFolder : public testing::Test {
 protected:
  // A gray image of 2 x 3 pixels, all of one value.
  void add(const std::string& name, int value, const Shape& shape = Shape{1, 2, 3}) const {
    fs::create_directories((folder / name).parent_path());
    Tensor image(DType::u8, shape);
    image.fill(value);
    write_png(folder / name, image);
  }
  Source open_folder(const std::string& options = "", const OpenOptions& more = {}) const {
    return open(parse_spec("images:" + folder.path().string() + options), more);
  }
  std::string path(const std::string& name) const { return (folder / name).string(); }

  TemporaryFolder folder;
};

TEST_F(ImageFolder, GivesAClassForEachFolder) {
  add("dog/b.png", 3);
  add("dog/a.PNG", 2);
  add("cat/9.png", 1);
  add("cat/deep/1.png", 4);
  add(".git/x.png", 9);
  add("cat/.hidden.png", 9);
  write_file(folder / "cat/notes.txt", std::string_view("not an image"));
  const Source source = open_folder();
  EXPECT_EQ(source.train.x.type(), (Type{DType::u8, Shape{4, 1, 2, 3}}));
  EXPECT_EQ(list(source.train.y), (Numbers{0, 0, 1, 1}));
  EXPECT_EQ(source.train.class_names, (Names{"cat", "dog"}));
  EXPECT_EQ(source.train.x.at(0), 1) << "cat/9.png before cat/deep";
  EXPECT_EQ(source.train.x.at(6), 4);
  EXPECT_EQ(source.train.x.at(12), 2);
  EXPECT_FALSE(source.test || source.val);
  EXPECT_EQ(open_folder(",test=0.5").test->size(), 2);
}

TEST_F(ImageFolder, MayHaveParts) {
  add("train/cat/1.png", 1);
  add("train/dog/1.png", 2);
  add("val/dog/1.png", 3);
  add("test/cat/1.png", 4);
  const Source source = open_folder();
  EXPECT_EQ(source.train.size(), 2);
  EXPECT_EQ(list(source.val->y), Numbers{1});
  EXPECT_EQ(source.val->x.at(0), 3);
  EXPECT_EQ(list(source.test->y), Numbers{0});
  add("test/cow/1.png", 5);
  expect_error(
      [&] { open_folder(); }, Fault::data,
      path("test/cow") + ": the classes are 'cat', 'dog'; this folder is none of them. Rename or remove it.");
}

TEST_F(ImageFolder, MayHaveAClassCalledTrain) {
  add("train/1.png", 1);
  add("bus/1.png", 2);
  EXPECT_EQ(open_folder().train.class_names, (Names{"bus", "train"}));
}

TEST_F(ImageFolder, IsReadByAModelsClasses) {
  add("dog/1.png", 1);
  const OpenOptions known{.labels = LabelMap{{"cat", "dog"}}};
  EXPECT_EQ(list(open_folder("", known).train.y), Numbers{1});
  add("cow/1.png", 1);
  expect_error(
      [&] { open_folder("", known); }, Fault::data,
      path("cow") + ": the classes are 'cat', 'dog'; this folder is none of them. Rename or remove it.");
}

TEST_F(ImageFolder, AsksForOneSizeOrResizes) {
  add("a/1.png", 1);
  add("a/2.png", 2, Shape{1, 4, 3});
  const std::string one = path("a/1.png"), two = path("a/2.png");
  expect_error([&] { open_folder(); }, Fault::data,
               two + ": all images must have one size, it has 4x3, " + one +
                   " has 2x3. Give size=HxW to resize them.");
  EXPECT_EQ(open_folder(",size=4x5").train.x.shape(), (Shape{2, 1, 4, 5}));
  EXPECT_EQ(open_folder(",size=8").train.x.shape(), (Shape{2, 1, 8, 8}));
  EXPECT_EQ(open_folder(",size=8,channels=3").train.x.shape(), (Shape{2, 3, 8, 8}));
  for (const char* size : {"0x5", "x", "5x", "5x5x5", "9999", "-1x4"})
    expect_error(
        [&] { open_folder(std::string(",size=") + size); }, Fault::usage,
        std::string("images: size needs HxW, each from 1 to 4096, as in 32x32, '") + size + "' was given.");
  expect_error([&] { open_folder(",channels=2"); }, Fault::usage,
               "images: channels needs 1 or 3, '2' was given.");
}

TEST_F(ImageFolder, TakesOneSizeForAllParts) {
  add("train/a/1.png", 1);
  add("test/a/1.png", 1, Shape{1, 5, 5});
  expect_error([&] { open_folder(); }, Fault::data,
               path("test") +
                   ": all images must have one size, they have 5x5, the training images 2x3. Give size=HxW "
                   "to resize them.");
  EXPECT_EQ(open_folder(",size=2x3").test->x.shape(), (Shape{1, 1, 2, 3}));
}

TEST_F(ImageFolder, HasColoursIfOneImageHas) {
  add("a/1.png", 7);
  add("a/2.png", 9, Shape{3, 2, 3});
  const Source source = open_folder();
  EXPECT_EQ(source.train.x.shape(), (Shape{2, 3, 2, 3}));
  EXPECT_EQ(source.train.x.at(17), 7);
  EXPECT_EQ(open_folder(",channels=1").train.x.shape(), (Shape{2, 1, 2, 3}));
}

TEST_F(ImageFolder, RefusesWhatItCannotRead) {
  expect_error([&] { open(parse_spec("images:no/such")); }, Fault::data,
               "images: a folder was needed, 'no/such' is none.");
  expect_error([&] { open_folder(); }, Fault::data,
               folder.path().string() + ": one folder of images a class was needed, it holds no folder.");
  fs::create_directories(folder / "empty");
  expect_error([&] { open_folder(); }, Fault::data,
               path("empty") + ": it holds no PNG or JPEG images. Add some, or remove the folder.");
  expect_error([&] { read_images(folder / "empty"); }, Fault::data,
               path("empty") + ": it holds no PNG or JPEG images.");
  fs::create_symlink("nowhere", folder / "empty/1.png");
  expect_error([&] { open_folder(); }, Fault::data,
               path("empty/1.png") + ": cannot be read: No such file or directory.");
}

}  // namespace
}  // namespace gradus::data
