#include "ops/support/winners.h"

#include "ops/support/loops.h"

namespace gradus {

std::vector<std::int64_t> winners(const Tensor& x, const Shape& kept) {
  std::vector<std::int64_t> places(static_cast<std::size_t>(kept.size()), -1);
  dispatch(x.dtype(), [&](auto zero) {
    const auto values = x.values<const decltype(zero)>();
    const std::array<Strides, 1> strides = {broadcast_strides(kept, x.shape())};
    walk(x.shape(), strides, [&](std::int64_t i, const auto& at) {
      std::int64_t& place = places[static_cast<std::size_t>(at[0])];
      if (place < 0 || beats(values[static_cast<std::size_t>(i)], values[static_cast<std::size_t>(place)]))
        place = i;
    });
  });
  return places;
}

}  // namespace gradus
