#include "data/gather.h"

#include <array>
#include <cstring>

#include "base/check.h"
#include "tensor/dispatch.h"

namespace gradus::data {
namespace {

// The quotients themselves: a product with 1/255 would round differently.
template <class T>
std::array<T, 256> pixel_values() {
  std::array<T, 256> table{};
  for (std::size_t i = 0; i < table.size(); ++i) table[i] = static_cast<T>(i) / T{255};
  return table;
}

template <class To, class From, class Convert>
void convert_rows(const Tensor& source, std::span<const std::int64_t> rows, const Tensor& target,
                  Convert&& convert) {
  const auto width = static_cast<std::size_t>(source.shape().without(0).size());
  const From* from = source.values<From>().data();
  To* to = target.values<To>().data();
  for (const std::int64_t row : rows) {
    const From* example = from + static_cast<std::size_t>(row) * width;
    for (std::size_t i = 0; i < width; ++i) to[i] = convert(example[i]);
    to += width;
  }
}

void copy_rows(const Tensor& source, std::span<const std::int64_t> rows, const Tensor& target) {
  const std::size_t bytes =
      size_of(source.dtype()) * static_cast<std::size_t>(source.shape().without(0).size());
  std::byte* to = target.data();
  for (const std::int64_t row : rows) {
    std::memcpy(to, source.data() + static_cast<std::size_t>(row) * bytes, bytes);
    to += bytes;
  }
}

}  // namespace

void gather_rows(const Tensor& source, std::span<const std::int64_t> rows, const Tensor& target) {
  GRADUS_CHECK(target.shape() == source.shape().with(0, static_cast<std::int64_t>(rows.size())));
  if (source.dtype() == target.dtype()) return copy_rows(source, rows, target);
  dispatch_float(target.dtype(), [&](auto zero) {
    using To = decltype(zero);
    if (source.dtype() == DType::u8) {
      const std::array<To, 256> table = pixel_values<To>();
      return convert_rows<To, std::uint8_t>(source, rows, target, [&](std::uint8_t v) { return table[v]; });
    }
    dispatch_float(source.dtype(), [&](auto from) {
      using From = decltype(from);
      convert_rows<To, From>(source, rows, target, [](From v) { return static_cast<To>(v); });
    });
  });
}

}  // namespace gradus::data
