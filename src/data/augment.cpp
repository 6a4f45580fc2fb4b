#include "data/augment.h"

#include <algorithm>
#include <cmath>

#include "base/philox.h"
#include "base/streams.h"

namespace gradus::data {
namespace {

// Numbers of one example of one epoch: element i of a span of `size` that is its own.
class Draws {
 public:
  Draws(const RandomSequence& random, std::int64_t row, std::uint64_t size)
      : random_(random), first_(static_cast<std::uint64_t>(row) * size) {}
  double uniform(std::uint64_t i) const { return random_.uniform(first_ + i); }
  double normal(std::uint64_t i) const { return random_.normal(first_ + i); }
  std::int64_t below(std::uint64_t i, std::int64_t bound) const {
    return static_cast<std::int64_t>(random_.below(first_ + i, static_cast<std::uint64_t>(bound)));
  }

 private:
  RandomSequence random_;
  std::uint64_t first_;
};

// Which of an example's numbers decides what.
enum Choice : std::uint64_t { kDown, kRight, kFlip, kErase, kCutoutY, kCutoutX, kEraseY, kEraseX, kTries };
constexpr std::uint64_t kMostTries = 10, kPerExample = kTries + 2 * kMostTries;

// A square about a centre anywhere in the image; what lies outside is cut off.
Box cutout_box(const Draws& draws, std::int64_t side, std::int64_t height, std::int64_t width) {
  const std::int64_t top = draws.below(kCutoutY, height) - side / 2;
  const std::int64_t left = draws.below(kCutoutX, width) - side / 2;
  const std::int64_t first_row = std::max<std::int64_t>(top, 0);
  const std::int64_t first_column = std::max<std::int64_t>(left, 0);
  return {first_row, first_column, std::min(top + side, height) - first_row,
          std::min(left + side, width) - first_column};
}

// A rectangle of 0.02 to 0.4 of the image and an aspect ratio of 0.3 to 1 / 0.3 (the paper's s_l, s_h, r_1,
// r_2), drawn again until it fits; then a place for it within the image.
Box erased_box(const Draws& draws, std::int64_t height, std::int64_t width) {
  const auto area = static_cast<double>(height * width);
  for (std::uint64_t i = 0; i < kMostTries; ++i) {
    const double size = area * (0.02 + 0.38 * draws.uniform(kTries + 2 * i));
    const double ratio = 0.3 + (1 / 0.3 - 0.3) * draws.uniform(kTries + 2 * i + 1);
    const std::int64_t h = std::llround(std::sqrt(size * ratio)), w = std::llround(std::sqrt(size / ratio));
    if (h > height || w > width) continue;
    return {draws.below(kEraseY, height - h + 1), draws.below(kEraseX, width - w + 1), h, w};
  }
  return {};
}

// The logarithm of a Gamma(shape, 1) number (Marsaglia & Tsang 2000), of numbers first, first + 1, ...; for a
// shape below 1 that of shape + 1 times U^(1/shape), which only a logarithm holds for small shapes.
double log_gamma_draw(double shape, const Draws& draws, std::uint64_t first) {
  const double boost = shape < 1 ? std::log(1 - draws.uniform(first)) / shape : 0;
  const double d = (shape < 1 ? shape + 1 : shape) - 1.0 / 3, c = 1 / std::sqrt(9 * d);
  double v = 1;
  for (std::uint64_t i = first + 2;; i += 2) {  // refuses at most 5 of 100
    const double x = draws.normal(i);
    v = (1 + c * x) * (1 + c * x) * (1 + c * x);
    if (v > 0 && std::log(1 - draws.uniform(i + 1)) < 0.5 * x * x + d - d * v + d * std::log(v)) break;
  }
  return std::log(d * v) + boost;
}

}  // namespace

Placement draw_placement(const Augmentation& augmentation, std::uint64_t seed, std::int64_t epoch,
                         std::int64_t row, std::int64_t height, std::int64_t width) {
  const RandomSequence random(seed, stream::kAugment, static_cast<std::uint64_t>(epoch));
  const Draws draws(random, row, kPerExample);
  Placement result;
  if (augmentation.crop > 0) {
    result.down = draws.below(kDown, 2 * augmentation.crop + 1) - augmentation.crop;
    result.right = draws.below(kRight, 2 * augmentation.crop + 1) - augmentation.crop;
  }
  result.flip = augmentation.flip > 0 && draws.uniform(kFlip) < augmentation.flip;
  if (augmentation.erase > 0 && draws.uniform(kErase) < augmentation.erase)
    result.erased[0] = erased_box(draws, height, width);
  if (augmentation.cutout > 0) result.erased[1] = cutout_box(draws, augmentation.cutout, height, width);
  return result;
}

Mix draw_mix(const Augmentation& augmentation, std::uint64_t seed, std::int64_t epoch, std::int64_t row,
             std::int64_t rows) {
  constexpr std::uint64_t kGamma = 512, kPerMix = 3 * kGamma;  // a gamma number takes a few of its 512
  const RandomSequence random(seed, stream::kMixup, static_cast<std::uint64_t>(epoch));
  const Draws draws(random, row, kPerMix);
  // Beta(a, a) = G / (G + H) of two Gamma(a) numbers.
  const double g = log_gamma_draw(augmentation.mixup, draws, kGamma);
  const double h = log_gamma_draw(augmentation.mixup, draws, 2 * kGamma);
  return {.partner = draws.below(0, rows), .share = 1 / (1 + std::exp(h - g))};
}

}  // namespace gradus::data
