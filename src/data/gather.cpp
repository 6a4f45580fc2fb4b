#include "data/gather.h"

#include <cstring>

#include "base/check.h"
#include "tensor/dispatch.h"

namespace gradus::data {
namespace {

template <class To, class From>
void convert_rows(const Tensor& source, std::span<const std::int64_t> rows, const Tensor& target,
                  std::int64_t first) {
  const auto width = static_cast<std::size_t>(source.shape().without(0).size());
  const From* from = source.values<From>().data();
  To* to = target.values<To>().data() + static_cast<std::size_t>(first) * width;
  for (const std::int64_t row : rows) {
    const From* example = from + static_cast<std::size_t>(row) * width;
    for (std::size_t i = 0; i < width; ++i) to[i] = static_cast<To>(example[i]);
    to += width;
  }
}

void copy_rows(const Tensor& source, std::span<const std::int64_t> rows, const Tensor& target,
               std::int64_t first) {
  const std::size_t bytes =
      size_of(source.dtype()) * static_cast<std::size_t>(source.shape().without(0).size());
  std::byte* to = target.data() + static_cast<std::size_t>(first) * bytes;
  for (const std::int64_t row : rows) {
    std::memcpy(to, source.data() + static_cast<std::size_t>(row) * bytes, bytes);
    to += bytes;
  }
}

}  // namespace

void gather_rows(const Tensor& source, std::span<const std::int64_t> rows, const Tensor& target,
                 std::int64_t first) {
  GRADUS_CHECK(target.shape() == source.shape().with(0, target.shape()[0]));
  GRADUS_CHECK(first + static_cast<std::int64_t>(rows.size()) <= target.shape()[0]);
  if (source.dtype() == target.dtype()) return copy_rows(source, rows, target, first);
  dispatch_float(source.dtype(), [&](auto from) {
    dispatch_float(target.dtype(),
                   [&](auto to) { convert_rows<decltype(to), decltype(from)>(source, rows, target, first); });
  });
}

}  // namespace gradus::data
