// One image in memory, and the files it comes from and goes to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace gradus::data {

// Pixels [H, W, C] of 8 bits: gray (C = 1) or red, green, blue (C = 3).
struct Image {
  std::int64_t height = 0, width = 0, channels = 0;
  std::vector<std::uint8_t> pixels;
};

// What a file's header says.
struct ImageInfo {
  std::int64_t height = 0, width = 0;
  bool colour = false;
};

// PNG or JPEG, told apart by their first bytes. 16-bit channels become 8, palettes colours; transparency is
// left aside. `where` opens messages. Fault::data: other files, damaged ones, those cut off, sides of more
// than kMaxSide or images of more than kMaxPixels pixels.
inline constexpr std::int64_t kMaxSide = 1 << 15, kMaxPixels = 1 << 26;
ImageInfo read_image_header(std::span<const std::byte> file, const std::string& where);
Image decode_image(std::span<const std::byte> file, const std::string& where);

// The formats by themselves.
ImageInfo read_png_header(std::span<const std::byte> file, const std::string& where);
Image decode_png(std::span<const std::byte> file, const std::string& where);
std::vector<std::byte> encode_png(const Image& image);
ImageInfo read_jpeg_header(std::span<const std::byte> file, const std::string& where);
Image decode_jpeg(std::span<const std::byte> file, const std::string& where);

void check_extents(const ImageInfo& info, const std::string& where);

// With `channels` 1 or 3: gray is repeated, colours become their luma 0.299 R + 0.587 G + 0.114 B (ITU-R
// BT.601).
Image with_channels(Image image, std::int64_t channels);

// Another size. Each new pixel is a mean of the old ones, weighted by a triangle about its centre that
// reaches to the neighbouring new ones: bilinear interpolation where an image grows, an area mean where it
// shrinks.
Image resized(const Image& image, std::int64_t height, std::int64_t width);

}  // namespace gradus::data
