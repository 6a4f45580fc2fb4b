#include "app/board/pixels.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "app/figures/base64.h"

namespace gradus::board {
namespace {

// The mean of the finite numbers of a block of the plane that begins at `first`.
double block_mean(const Tensor& x, std::int64_t first, std::int64_t width, std::int64_t rows,
                  std::int64_t columns) {
  double sum = 0;
  std::int64_t count = 0;
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t j = 0; j < columns; ++j) {
      const double value = x.at(first + i * width + j);
      if (!std::isfinite(value)) continue;
      sum += value;
      ++count;
    }
  }
  return count > 0 ? sum / static_cast<double>(count) : 0.0;
}

char byte_of(double value, double low, double high) {
  const double share = high > low ? (value - low) / (high - low) : 0.0;
  return static_cast<char>(static_cast<unsigned char>(std::lround(std::clamp(share, 0.0, 1.0) * 255)));
}

}  // namespace

Planes planes_of(const Tensor& x, std::int64_t most, std::int64_t most_side) {
  const std::int64_t height = x.shape()[-2], width = x.shape()[-1], area = height * width;
  Planes planes;
  if (area == 0) return planes;
  const std::int64_t factor =
      std::max<std::int64_t>(1, (std::max(height, width) + most_side - 1) / most_side);
  planes.count = std::min(most, x.size() / area);
  planes.height = (height + factor - 1) / factor;
  planes.width = (width + factor - 1) / factor;
  std::vector<double> values;
  for (std::int64_t p = 0; p < planes.count; ++p) {
    for (std::int64_t i = 0; i < height; i += factor) {
      for (std::int64_t j = 0; j < width; j += factor) {
        const std::int64_t rows = std::min(factor, height - i), columns = std::min(factor, width - j);
        values.push_back(block_mean(x, p * area + i * width + j, width, rows, columns));
        planes.scale = std::max(planes.scale, std::abs(values.back()));
      }
    }
  }
  std::string bytes;
  for (const double value : values) {
    const double share = planes.scale > 0 ? value / planes.scale : 0.0;
    bytes += static_cast<char>(static_cast<unsigned char>(128 + std::lround(127 * share)));
  }
  planes.data = figures::base64(std::as_bytes(std::span(bytes)));
  return planes;
}

std::string image_bytes(const Tensor& x, std::int64_t channels, std::int64_t height, std::int64_t width) {
  double low = 0, high = 255;
  if (x.dtype() != DType::u8 && x.size() > 0) {
    low = high = x.at(0);
    for (std::int64_t i = 0; i < x.size(); ++i) {
      low = std::min(low, x.at(i));
      high = std::max(high, x.at(i));
    }
  }
  std::string bytes;
  for (std::int64_t pixel = 0; pixel < height * width; ++pixel)
    for (std::int64_t c = 0; c < channels; ++c) bytes += byte_of(x.at(c * height * width + pixel), low, high);
  return figures::base64(std::as_bytes(std::span(bytes)));
}

}  // namespace gradus::board
