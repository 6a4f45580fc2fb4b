#include "base/philox.h"

#include <Random123/philox.h>

#include <cmath>
#include <numbers>
#include <utility>

namespace gradus {

std::array<std::uint32_t, 4> philox(std::uint64_t seed, std::uint32_t stream, std::uint64_t step,
                                    std::uint64_t block) {
  const auto low = [](std::uint64_t x) { return static_cast<std::uint32_t>(x); };
  const r123::Philox4x32::ctr_type counter = {
      {low(block), low(step), stream, low((block >> 32) & 0xffff) | low((step >> 32) << 16)}};
  const r123::Philox4x32::key_type key = {{low(seed), low(seed >> 32)}};
  const auto words = r123::Philox4x32()(counter, key);
  return {words[0], words[1], words[2], words[3]};
}

std::uint64_t RandomSequence::bits(std::uint64_t index) const {
  const auto words = philox(seed_, stream_, step_, index / 2);
  const std::size_t half = 2 * (index % 2);
  return (static_cast<std::uint64_t>(words[half]) << 32) | words[half + 1];
}

double RandomSequence::uniform(std::uint64_t index) const {
  return static_cast<double>(bits(index) >> 11) * 0x1p-53;
}

double RandomSequence::normal(std::uint64_t index) const { return normal_pair(index / 2)[index % 2]; }

std::array<double, 2> RandomSequence::normal_pair(std::uint64_t pair) const {
  // One block gives (u, v); even elements take the cosine branch, odd ones the sine branch.
  const auto words = philox(seed_, stream_, step_, pair);
  const auto unit = [](std::uint32_t high, std::uint32_t low) {
    return static_cast<double>(((static_cast<std::uint64_t>(high) << 32) | low) >> 11) * 0x1p-53;
  };
  const double u = 1.0 - unit(words[0], words[1]);  // in (0, 1], so the logarithm is finite
  const double angle = 2.0 * std::numbers::pi * unit(words[2], words[3]);
  const double radius = std::sqrt(-2.0 * std::log(u));
  return {radius * std::cos(angle), radius * std::sin(angle)};
}

std::uint64_t RandomSequence::below(std::uint64_t index, std::uint64_t bound) const {
  __extension__ using Wide = unsigned __int128;  // the high half of bits * bound (Lemire 2019)
  return static_cast<std::uint64_t>((static_cast<Wide>(bits(index)) * bound) >> 64);
}

void permute(std::span<std::int64_t> order, const RandomSequence& random) {
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::int64_t>(i);
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i - 2, i)]);
}

}  // namespace gradus
