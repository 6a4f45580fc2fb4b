#include "runtime/tree_sum.h"

#include <array>
#include <bit>

#include "base/check.h"

namespace gradus {

namespace {

// Fewer elements than these are sent whole: messages cost more than what is in them.
constexpr std::size_t kFew = 1024;

template <class T>
void add(std::span<T> to, std::span<const T> more) {
  T* x = to.data();
  const T* y = more.data();
  for (std::size_t i = 0; i < to.size(); ++i) x[i] += y[i];
}

// The rank at `distance` has the other half of what both had.
template <class T>
struct Halves {
  std::span<T> own, others;
};
template <class T>
Halves<T> halves(std::span<T> all, bool first) {
  const std::span<T> front = all.first(all.size() / 2), back = all.subspan(all.size() / 2);
  return first ? Halves<T>{front, back} : Halves<T>{back, front};
}

}  // namespace

template <class T>
void tree_sum(Communicator& ranks, std::span<T> values, std::span<T> scratch) {
  const auto size = static_cast<unsigned>(ranks.size()), rank = static_cast<unsigned>(ranks.rank());
  GRADUS_CHECK(std::has_single_bit(size) && scratch.size() >= values.size());
  const auto swap = [&](unsigned distance, std::span<const T> give, std::span<T> take) {
    ranks.exchange(static_cast<int>(rank ^ distance), std::as_bytes(give), std::as_writable_bytes(take));
  };
  if (values.size() < kFew) {
    for (unsigned distance = 1; distance < size; distance *= 2) {
      swap(distance, values, scratch.first(values.size()));
      add<T>(values, scratch.first(values.size()));
    }
    return;
  }
  // Each level halves what a rank goes on with; then all gather the sums of the others.
  std::array<std::span<T>, 32> levels;
  std::size_t level = 0;
  std::span<T> mine = values;
  for (unsigned distance = 1; distance < size; distance *= 2) {
    levels[level++] = mine;
    const Halves<T> parts = halves(mine, (rank & distance) == 0);
    swap(distance, parts.others, scratch.first(parts.own.size()));
    add<T>(parts.own, scratch.first(parts.own.size()));
    mine = parts.own;
  }
  for (unsigned distance = size / 2; distance > 0; distance /= 2) {
    const Halves<T> parts = halves(levels[--level], (rank & distance) == 0);
    swap(distance, parts.own, parts.others);
  }
}

template void tree_sum<float>(Communicator&, std::span<float>, std::span<float>);
template void tree_sum<double>(Communicator&, std::span<double>, std::span<double>);

}  // namespace gradus
