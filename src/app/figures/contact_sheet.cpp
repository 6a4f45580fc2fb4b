#include "app/figures/contact_sheet.h"

#include <algorithm>
#include <cmath>

#include "app/figures/pixel_font.h"
#include "base/check.h"

namespace gradus::figures {
namespace {

constexpr std::int64_t kGap = 6, kLeastWidth = 72, kTextHeight = kGlyphHeight + 4, kAdvance = kGlyphWidth + 1;
constexpr std::uint8_t kBackground = 32, kInk = 255;

// Pixels of the sheet; all channels of one are set together.
class Canvas {
 public:
  explicit Canvas(const Tensor& pixels)
      : data_(pixels.values<std::uint8_t>().data()),
        channels_(pixels.shape()[0]),
        height_(pixels.shape()[1]),
        width_(pixels.shape()[2]) {}
  std::uint8_t& at(std::int64_t c, std::int64_t y, std::int64_t x) {
    GRADUS_CHECK(y >= 0 && y < height_ && x >= 0 && x < width_);
    return data_[(c * height_ + y) * width_ + x];
  }
  void ink(std::int64_t y, std::int64_t x) {
    for (std::int64_t c = 0; c < channels_; ++c) at(c, y, x) = kInk;
  }

 private:
  std::uint8_t* data_;
  std::int64_t channels_, height_, width_;
};

void draw_text(Canvas& canvas, std::string_view text, std::int64_t top, std::int64_t left) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view rows = glyph(text[i]);
    for (std::int64_t y = 0; y < kGlyphHeight; ++y)
      for (std::int64_t x = 0; x < kGlyphWidth; ++x)
        if (rows[static_cast<std::size_t>(y * (kGlyphWidth + 1) + x)] == '#')
          canvas.ink(top + y, left + static_cast<std::int64_t>(i) * kAdvance + x);
  }
}

}  // namespace

Tensor contact_sheet(const Tensor& images, const std::vector<std::string>& captions) {
  GRADUS_CHECK(images.dtype() == DType::u8 && images.shape().rank() == 4 && images.size() > 0);
  const std::int64_t n = images.shape()[0], channels = images.shape()[1];
  const std::int64_t height = images.shape()[2], width = images.shape()[3];
  GRADUS_CHECK(captions.size() == static_cast<std::size_t>(n));
  const std::int64_t zoom = (std::max(kLeastWidth, width) + width - 1) / width;
  const std::int64_t columns =
      std::min<std::int64_t>(n, std::llround(std::ceil(std::sqrt(static_cast<double>(n)))));
  const std::int64_t rows = (n + columns - 1) / columns;
  const std::int64_t cell_height = zoom * height + kTextHeight + kGap, cell_width = zoom * width + kGap;
  Tensor sheet(DType::u8, Shape{channels, rows * cell_height + kGap, columns * cell_width + kGap});
  sheet.fill(kBackground);
  Canvas canvas(sheet);
  const std::uint8_t* from = images.values<std::uint8_t>().data();
  for (std::int64_t i = 0; i < n; ++i) {
    const std::int64_t top = kGap + i / columns * cell_height, left = kGap + i % columns * cell_width;
    for (std::int64_t c = 0; c < channels; ++c, from += height * width)
      for (std::int64_t y = 0; y < zoom * height; ++y)
        for (std::int64_t x = 0; x < zoom * width; ++x)
          canvas.at(c, top + y, left + x) = from[y / zoom * width + x / zoom];
    const std::string& caption = captions[static_cast<std::size_t>(i)];
    draw_text(canvas, std::string_view(caption).substr(0, static_cast<std::size_t>(zoom * width / kAdvance)),
              top + zoom * height + 3, left);
  }
  return sheet;
}

}  // namespace gradus::figures
