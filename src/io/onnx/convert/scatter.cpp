// Rows set or combined by number.
#include <map>

#include "io/onnx/convert/index.h"
#include "io/onnx/convert/support.h"

namespace gradus::io::onnx {
namespace {

using List = std::vector<std::int64_t>;

// The numbers of updates in rounds, each of which touches a row once at most: round r holds the r-th update
// of every row that has so many.
std::vector<List> rounds_of(const Tensor& rows, std::int64_t count) {
  std::map<std::int64_t, std::size_t> met;
  std::vector<List> rounds;
  const auto numbers = rows.values<const std::int64_t>();
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    require(numbers[i] >= 0 && numbers[i] < count, "index {} lies outside of {} places.", numbers[i], count);
    const std::size_t round = met[numbers[i]]++;
    if (round == rounds.size()) rounds.emplace_back();
    rounds[round].push_back(static_cast<std::int64_t>(i));
  }
  return rounds;
}

// The last update of every row.
List last_of(const Tensor& rows, std::int64_t count) {
  std::map<std::int64_t, std::int64_t> last;
  const auto numbers = rows.values<const std::int64_t>();
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    require(numbers[i] >= 0 && numbers[i] < count, "index {} lies outside of {} places.", numbers[i], count);
    last[numbers[i]] = static_cast<std::int64_t>(i);
  }
  List updates;
  for (const auto& [row, update] : last) updates.push_back(update);
  return updates;
}

Value combined(const Value& x, const Value& y, const std::string& reduction) {
  if (reduction == "none") return y;
  if (reduction == "mul") return x * y;
  if (reduction == "max") return maximum(x, y);
  require(reduction == "min", "reduction must be none, add, mul, max or min, it is '{}'.", reduction);
  return minimum(x, y);
}

}  // namespace

Value scattered(const Call& call, const Value& x, const Value& rows, const Value& updates,
                const std::string& reduction) {
  if (x.dtype() == DType::boolean) {
    return cast(scattered(call, cast(x, DType::u8), rows, cast(updates, DType::u8), reduction),
                DType::boolean);
  }
  const std::int64_t count = x.shape()[0];
  if (reduction == "add") return x + scatter_add(updates, rows, {.rows = count});
  const Tensor known = call.known(rows);
  const std::vector<List> rounds =
      reduction == "none" ? std::vector<List>{last_of(known, count)} : rounds_of(known, count);
  Value y = x;
  for (const List& round : rounds) {
    Tensor is_touched(DType::boolean, Shape{count});
    List touched;
    for (const std::int64_t update : round) {
      touched.push_back(known.values<const std::int64_t>()[static_cast<std::size_t>(update)]);
      is_touched.set(touched.back(), 1);
    }
    const Value placed =
        scatter_add(gather(updates, list(x.graph(), round)), list(x.graph(), touched), {.rows = count});
    const Value mask = along(constant(x.graph(), is_touched), 0, x.shape().rank());
    y = select(mask, combined(y, placed, reduction), y);
  }
  return y;
}

}  // namespace gradus::io::onnx
