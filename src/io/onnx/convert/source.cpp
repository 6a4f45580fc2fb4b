// Values made from nothing but shapes and numbers.
#include <algorithm>
#include <cmath>

#include "io/onnx/convert/families.h"
#include "io/onnx/convert/support.h"
#include "io/onnx/element.h"

namespace gradus::io::onnx {
namespace {

Values constant_of(const Call& call) {
  Graph& graph = call.graph();
  if (const Array* array = call.array("value")) return {constant(graph, array->value)};
  if (call.given("value_int")) {
    return {constant(graph, Tensor::of<std::int64_t>({}, {call.integer("value_int", 0)}))};
  }
  if (call.given("value_float")) return {scalar(graph, call.real("value_float", 0))};
  if (call.given("value_ints")) return {list(graph, call.integers("value_ints"))};
  require(call.given("value_floats"), "it gives no value, or one that is not supported.");
  const std::vector<double> numbers = call.reals("value_floats");
  const Shape shape{static_cast<std::int64_t>(numbers.size())};
  return {constant(graph, Tensor::of<double>(shape, numbers).cast(DType::f32))};
}

Values constant_of_shape(const Call& call) {
  const Shape shape(call.integers(0));
  const Array* array = call.array("value");
  require(array == nullptr || array->value.size() == 1, "its value must have one element.");
  const Tensor element = array != nullptr ? array->value.reshaped({}) : Tensor::scalar(0);
  return {broadcast_to(constant(call.graph(), element), shape)};
}

// 1 where column - row = k.
Value diagonal(Graph& graph, std::int64_t rows, std::int64_t columns) {
  return iota(graph, columns) - reshape(iota(graph, rows), {rows, 1});
}

Values eye_like(const Call& call) {
  const Value x = call.in(0);
  require(x.shape().rank() == 2, "x must have two axes, it is {}.", x.type().str());
  const Value offset = diagonal(call.graph(), x.shape()[0], x.shape()[1]);
  const Value k = number(offset, static_cast<double>(call.integer("k", 0)));
  const DType dtype = call.given("dtype") ? call.dtype("dtype", Element::f32) : x.dtype();
  return {cast(equal(offset, k), dtype)};
}

Values range(const Call& call) {
  const Tensor from = call.known(0), to = call.known(1), by = call.known(2);
  require(from.size() == 1 && to.size() == 1 && by.size() == 1 && by.at(0) != 0,
          "start, limit and a delta other than 0 must be single numbers.");
  const double count = std::max(0.0, std::ceil((to.at(0) - from.at(0)) / by.at(0)));
  require(count <= 0x1p28, "{} numbers are too many.", count);
  const Value places = cast(iota(call.graph(), static_cast<std::int64_t>(count)), from.dtype());
  return {places * reshape(call.in(2), {}) + reshape(call.in(0), {})};
}

Values triangle(const Call& call) {
  const Value x = call.in(0);
  require(x.shape().rank() >= 2, "x must have two axes or more, it is {}.", x.type().str());
  const Value offset = diagonal(call.graph(), x.shape()[-2], x.shape()[-1]);
  const std::vector<std::int64_t> given = call.has(1) ? call.integers(1) : std::vector<std::int64_t>{0};
  require(given.size() == 1, "k must be one number.");
  const Value k = list(call.graph(), given);
  const bool upper = call.integer("upper", 1) != 0;
  return {select(upper ? greater_equal(offset, k) : less_equal(offset, k), x, number(x, 0))};
}

Values shape_of(const Call& call) {
  const Shape shape = call.in(0).shape();
  const std::int64_t rank = shape.rank();
  const auto place = [&](std::int64_t at) {
    return std::clamp<std::int64_t>(at < 0 ? at + rank : at, 0, rank);
  };
  const std::int64_t from = place(call.integer("start", 0)), to = place(call.integer("end", rank));
  const std::vector<std::int64_t> extents = shape.list();
  return {list(call.graph(), {extents.begin() + from, extents.begin() + std::max(from, to)})};
}

Values size_of_input(const Call& call) {
  return {constant(call.graph(), Tensor::of<std::int64_t>({}, {call.in(0).shape().size()}))};
}

}  // namespace

std::vector<Converter> source_ops() {
  return {{"Constant", constant_of}, {"ConstantOfShape", constant_of_shape},
          {"EyeLike", eye_like},     {"Range", range},
          {"Shape", shape_of},       {"Size", size_of_input},
          {"Trilu", triangle}};
}

}  // namespace gradus::io::onnx
