// PNG by libpng's simplified interface, which hands errors back instead of jumping.
#include <png.h>

#include "base/check.h"
#include "data/images/image.h"

namespace gradus::data {
namespace {

// A reader of one file. What libpng holds is freed at the end.
class Reader {
 public:
  Reader(std::span<const std::byte> file, const std::string& where) : where_(where) {
    png_.version = PNG_IMAGE_VERSION;
    check(png_image_begin_read_from_memory(&png_, file.data(), file.size()));
    png_.flags |=
        PNG_IMAGE_FLAG_16BIT_sRGB;  // else 16-bit values without a gamma would count as linear light
  }
  ~Reader() { png_image_free(&png_); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  ImageInfo info() const { return {png_.height, png_.width, (png_.format & PNG_FORMAT_FLAG_COLOR) != 0}; }

  Image read() {
    const bool alpha = (png_.format & PNG_FORMAT_FLAG_ALPHA) != 0;
    Image image{png_.height, png_.width, info().colour ? 3 : 1, {}};
    png_.format = (info().colour ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY) | (alpha ? PNG_FORMAT_FLAG_ALPHA : 0);
    image.pixels.resize(PNG_IMAGE_SIZE(png_));
    check(png_image_finish_read(&png_, nullptr, image.pixels.data(), 0, nullptr));
    if (alpha) drop_alpha(image);
    return image;
  }

 private:
  void check(int ok) const {
    require(Fault::data, ok != 0, "{}: it cannot be read as PNG: {}. Replace or remove the file.", where_,
            png_.message);
  }

  static void drop_alpha(Image& image) {
    const auto channels = static_cast<std::size_t>(image.channels);
    const auto count = static_cast<std::size_t>(image.height * image.width);
    for (std::size_t i = 0; i < count; ++i)
      for (std::size_t c = 0; c < channels; ++c)
        image.pixels[i * channels + c] = image.pixels[i * (channels + 1) + c];
    image.pixels.resize(count * channels);
  }

  const std::string& where_;
  png_image png_ = {};
};

}  // namespace

ImageInfo read_png_header(std::span<const std::byte> file, const std::string& where) {
  return Reader(file, where).info();
}

Image decode_png(std::span<const std::byte> file, const std::string& where) {
  Reader reader(file, where);
  check_extents(reader.info(), where);
  return reader.read();
}

std::vector<std::byte> encode_png(const Image& image) {
  png_image png = {};
  png.version = PNG_IMAGE_VERSION;
  png.width = static_cast<png_uint_32>(image.width);
  png.height = static_cast<png_uint_32>(image.height);
  png.format = image.channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
  GRADUS_CHECK(image.pixels.size() == PNG_IMAGE_SIZE(png));
  std::vector<std::byte> file(PNG_IMAGE_PNG_SIZE_MAX(png));
  png_alloc_size_t bytes = file.size();
  const int ok = png_image_write_to_memory(&png, file.data(), &bytes, 0, image.pixels.data(), 0, nullptr);
  require(Fault::output, ok != 0, "png: {}.", png.message);
  file.resize(bytes);
  return file;
}

}  // namespace gradus::data
