#include "ops/support/random.h"

#include <cmath>
#include <limits>

#include "base/streams.h"
#include "ops/support/samples.h"

namespace gradus {

void require_random(const RandomOptions& op, std::span<const Type> in) {
  require(in[0] == Type{DType::i64, {2}} || in[0] == Type{DType::i64, {3}},
          "counter must be i64[2], (seed, step), or i64[3], (seed, step, row); it is {}.", in[0].str());
  require(op.stream >= 0 && op.stream < (std::int64_t{1} << 31), "stream must be 0 to 2^31 - 1, it is {}.",
          op.stream);
}

RandomSequence random_sequence(const RandomOptions& op, const Tensor& counter) {
  const auto words = counter.values<const std::int64_t>();
  return {static_cast<std::uint64_t>(words[0]), stream::kGraph + static_cast<std::uint32_t>(op.stream),
          static_cast<std::uint64_t>(words[1])};
}

std::uint64_t first_number(const RandomOptions& op, const Tensor& counter) {
  const auto words = counter.values<const std::int64_t>();
  if (words.size() < 3) return 0;
  const std::int64_t rows = op.shape.rank() == 0 ? 1 : op.shape[0];
  return static_cast<std::uint64_t>(rows == 0 ? 0 : words[2] * (op.shape.size() / rows));
}

namespace {

template <class T>
double below(double x) {
  const T y = static_cast<T>(x);
  return static_cast<double>(
      static_cast<double>(y) < x ? y : std::nextafter(y, -std::numeric_limits<T>::infinity()));
}

}  // namespace

double largest_uniform(const RandomOptions& op) {
  return op.dtype == DType::f32 ? below<float>(op.high) : below<double>(op.high);
}

std::vector<Sample> random_samples(double low, double high) {
  std::vector<Sample> list;
  for (const Shape& shape : sample_shapes()) {
    const auto stream = static_cast<std::int64_t>(list.size() / 2);
    const DType dtype = stream % 3 == 2 ? DType::f64 : DType::f32;
    list.push_back({RandomOptions{shape, dtype, stream, low, high}, {{{2}, 0, 1000, SampleInput::index}}});
    list.push_back({RandomOptions{shape, dtype, stream, low, high}, {{{3}, 0, 1000, SampleInput::index}}});
  }
  return list;
}

}  // namespace gradus
