// Random numbers as a function: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as
// 1, 2, 3", SC 2011). The same (seed, stream, step, index) gives the same number on any thread, rank or run.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace gradus {

// Four independent 32-bit words for block `block` of (seed, stream, step).
// block and step use 48 bits each, stream 32.
std::array<std::uint32_t, 4> philox(std::uint64_t seed, std::uint32_t stream, std::uint64_t step,
                                    std::uint64_t block);

// The sequence of (seed, stream, step): element i is always the same number, in any order of asking.
// Each element takes two 32-bit words (53 bits), so f32 and f64 draws agree up to rounding.
class RandomSequence {
 public:
  RandomSequence(std::uint64_t seed, std::uint32_t stream, std::uint64_t step = 0)
      : seed_(seed), step_(step), stream_(stream) {}

  std::uint64_t bits(std::uint64_t index) const;
  double uniform(std::uint64_t index) const;  // in [0, 1), 53 bits
  double normal(std::uint64_t index) const;   // mean 0, variance 1 (Box and Muller 1958)
  // Elements 2 pair and 2 pair + 1 of normal(), which come from one block.
  std::array<double, 2> normal_pair(std::uint64_t pair) const;
  // An integer in [0, bound), bound >= 1, without modulo bias beyond 2^-64 * bound.
  std::uint64_t below(std::uint64_t index, std::uint64_t bound) const;

  std::uint64_t seed() const { return seed_; }
  std::uint64_t step() const { return step_; }
  std::uint32_t stream() const { return stream_; }

 private:
  std::uint64_t seed_, step_;
  std::uint32_t stream_;
};

// Fills `order` with a uniformly random permutation of 0 .. order.size()-1 (Fisher and Yates 1938).
void permute(std::span<std::int64_t> order, const RandomSequence& random);

}  // namespace gradus
