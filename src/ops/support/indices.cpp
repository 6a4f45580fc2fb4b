#include "ops/support/indices.h"

#include "base/check.h"

namespace gradus {

void require_index(std::int64_t index, std::int64_t element, std::int64_t bound, std::string_view op,
                   std::string_view input) {
  if (index >= 0 && index < bound) return;  // not require(): this runs per element
  fail(Fault::data, "{}: element {} of {} is {}; at least 0 and less than {} was needed. Check the data.", op,
       element, input, index, bound);
}

std::vector<std::int64_t> checked_indices(const Tensor& indices, std::int64_t bound, std::string_view op,
                                          std::string_view input) {
  std::vector<std::int64_t> list(static_cast<std::size_t>(indices.size()));
  const bool narrow = indices.dtype() == DType::i32;
  for (std::size_t i = 0; i < list.size(); ++i) {
    list[i] = narrow ? indices.values<const std::int32_t>()[i] : indices.values<const std::int64_t>()[i];
    require_index(list[i], static_cast<std::int64_t>(i), bound, op, input);
  }
  return list;
}

}  // namespace gradus
