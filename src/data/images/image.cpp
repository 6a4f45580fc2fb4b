#include "data/images/image.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace gradus::data {
namespace {

bool starts_with(std::span<const std::byte> file, std::initializer_list<unsigned char> bytes) {
  return file.size() >= bytes.size() &&
         std::equal(bytes.begin(), bytes.end(), file.begin(),
                    [](unsigned char a, std::byte b) { return std::byte{a} == b; });
}

enum class Format { png, jpeg };

Format format_of(std::span<const std::byte> file, const std::string& where) {
  if (starts_with(file, {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'})) return Format::png;
  require(Fault::data, starts_with(file, {0xff, 0xd8, 0xff}),
          "{}: a PNG or JPEG image was needed, its first bytes are of neither. Replace or remove the file.",
          where);
  return Format::jpeg;
}

// Which old pixels make a new one, and how much each weighs.
struct Mix {
  std::int64_t first = 0;
  std::vector<float> weights;  // their sum is 1
};

std::vector<Mix> mixes(std::int64_t from, std::int64_t to) {
  const double scale = static_cast<double>(from) / static_cast<double>(to), reach = std::max(scale, 1.0);
  std::vector<Mix> all;
  for (std::int64_t i = 0; i < to; ++i) {
    const double centre = (static_cast<double>(i) + 0.5) * scale;
    const auto first = std::max<std::int64_t>(std::llround(centre - reach), 0);
    const auto last = std::min<std::int64_t>(std::llround(centre + reach), from);
    std::vector<double> weights;
    double sum = 0;
    for (std::int64_t j = first; j < last; ++j) {
      weights.push_back(std::max(1 - std::abs(static_cast<double>(j) + 0.5 - centre) / reach, 0.0));
      sum += weights.back();
    }
    Mix mix{first, {}};
    for (const double weight : weights) mix.weights.push_back(static_cast<float>(weight / sum));
    all.push_back(std::move(mix));
  }
  return all;
}

}  // namespace

void check_extents(const ImageInfo& info, const std::string& where) {
  require(Fault::data,
          info.height <= kMaxSide && info.width <= kMaxSide && info.height * info.width <= kMaxPixels,
          "{}: images of at most {} x {} and {} pixels can be read, it has {} x {}. Make it smaller.", where,
          kMaxSide, kMaxSide, kMaxPixels, info.height, info.width);
}

ImageInfo read_image_header(std::span<const std::byte> file, const std::string& where) {
  const ImageInfo info =
      format_of(file, where) == Format::png ? read_png_header(file, where) : read_jpeg_header(file, where);
  check_extents(info, where);
  return info;
}

Image decode_image(std::span<const std::byte> file, const std::string& where) {
  return format_of(file, where) == Format::png ? decode_png(file, where) : decode_jpeg(file, where);
}

Image with_channels(Image image, std::int64_t channels) {
  if (image.channels == channels) return image;
  Image result{image.height, image.width, channels, {}};
  result.pixels.reserve(static_cast<std::size_t>(image.height * image.width * channels));
  if (channels == 3) {
    for (const std::uint8_t v : image.pixels) result.pixels.insert(result.pixels.end(), 3, v);
    return result;
  }
  for (std::size_t i = 0; i < image.pixels.size(); i += 3) {
    // The weights in units of 2^-16, rounded.
    const unsigned luma =
        image.pixels[i] * 19595u + image.pixels[i + 1] * 38470u + image.pixels[i + 2] * 7471u;
    result.pixels.push_back(static_cast<std::uint8_t>((luma + 0x8000u) >> 16));
  }
  return result;
}

Image resized(const Image& image, std::int64_t height, std::int64_t width) {
  if (image.height == height && image.width == width) return image;
  Image result{height, width, image.channels, {}};
  result.pixels.resize(static_cast<std::size_t>(height * width * image.channels));
  const std::vector<Mix> columns = mixes(image.width, width);
  const auto channels = static_cast<std::size_t>(image.channels);
  const std::size_t row_size = static_cast<std::size_t>(image.width) * channels;
  std::vector<float> row(row_size);
  std::uint8_t* to = result.pixels.data();
  for (const Mix& mix : mixes(image.height, height)) {
    std::fill(row.begin(), row.end(), 0.0f);
    const std::uint8_t* from = image.pixels.data() + static_cast<std::size_t>(mix.first) * row_size;
    for (const float weight : mix.weights) {
      for (std::size_t i = 0; i < row_size; ++i) row[i] += weight * static_cast<float>(from[i]);
      from += row_size;
    }
    for (const Mix& column : columns) {
      for (std::size_t c = 0; c < channels; ++c) {
        const float* value = row.data() + static_cast<std::size_t>(column.first) * channels + c;
        float sum = 0;
        for (std::size_t i = 0; i < column.weights.size(); ++i)
          sum += column.weights[i] * value[i * channels];
        *to++ = static_cast<std::uint8_t>(std::clamp(std::lround(sum), 0L, 255L));
      }
    }
  }
  return result;
}

}  // namespace gradus::data
