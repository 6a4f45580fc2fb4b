#include "kernels/simd/batch_cut.h"

#include <algorithm>
#include <numeric>

#include "ops/support/lines.h"

namespace gradus::simd {

namespace {

constexpr std::size_t kWide = 64;           // a multiple of the elements of any vector
constexpr std::size_t kGroup = 16384;       // elements: they stay in the second cache for a second look
constexpr std::size_t kShortestChunk = 32;  // rows, for each of which there is a partial sum

}  // namespace

BatchCut::BatchCut(const BatchNormOptions& options, const Shape& x) {
  const Lines axis(x, x.axis(static_cast<int>(options.axis)));
  outer_ = static_cast<std::size_t>(axis.outer);
  channels_ = static_cast<std::size_t>(axis.length);
  inner_ = static_cast<std::size_t>(axis.inner);
  groups_ = outer_;
  if (lines()) return;
  const std::size_t repeat = channels_ == 0 ? 1 : kWide / std::gcd(channels_, kWide);
  if (channels_ < kWide && outer_ >= 2 * repeat) repeat_ = repeat;
  wide_rows_ = outer_ / repeat_;
  left_ = outer_ % repeat_;
  chunk_ = std::max(kShortestChunk, kGroup / std::max<std::size_t>(1, width()));
  groups_ = (wide_rows_ + chunk_ - 1) / chunk_ + (left_ > 0 ? 1 : 0);
}

BatchGroup BatchCut::group(std::size_t number) const {
  if (lines()) return {number * channels_ * inner_, inner_, 1};
  const std::size_t begin = number * chunk_;
  if (begin >= wide_rows_) return {wide_rows_ * width(), left_, 1};
  return {begin * width(), std::min(chunk_, wide_rows_ - begin), repeat_};
}

}  // namespace gradus::simd
