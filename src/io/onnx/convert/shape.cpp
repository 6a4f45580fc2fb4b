// The same elements under another shape, in another order, or of another type.
#include <algorithm>

#include "io/onnx/convert/families.h"
#include "io/onnx/convert/support.h"
#include "io/onnx/element.h"
#include "ops/support/rules.h"

namespace gradus::io::onnx {
namespace {

Values identity(const Call& call) { return {call.in(0)}; }

// 16-bit floats are held as f32 that are rounded so.
Values cast_of(const Call& call) {
  const Element element = element_of(call.integer("to"));
  const DType dtype = call.dtype("to", Element::undefined);
  if (element == Element::f16) return {as_half(call.in(0))};
  if (element == Element::bf16) return {cast(cast(cast(call.in(0), DType::f32), DType::bf16), DType::f32)};
  return {cast(call.in(0), dtype)};
}

Values cast_like(const Call& call) { return {cast(call.in(0), call.in(1).dtype())}; }

// 0 keeps the extent at its place, -1 takes what is left.
Values reshaped(const Call& call) {
  const Value x = call.in(0);
  call.ignore("consumed_inputs");
  std::vector<std::int64_t> extents = call.given("shape") ? call.integers("shape") : call.integers(1);
  const bool keeps = call.integer("allowzero", 0) == 0;
  std::int64_t rest = 1, open = -1;
  for (std::size_t i = 0; i < extents.size(); ++i) {
    const bool copies = extents[i] == 0 && keeps;
    require(!copies || i < static_cast<std::size_t>(x.shape().rank()), "axis {} of x {} is to be kept.", i,
            x.type().str());
    if (copies) extents[i] = x.shape()[static_cast<int>(i)];
    require(extents[i] >= -1 && (extents[i] != -1 || open < 0),
            "the shape {} is no shape: one -1 may stand in it.", list_str(extents));
    if (extents[i] == -1)
      open = static_cast<std::int64_t>(i);
    else
      require(!__builtin_mul_overflow(rest, extents[i], &rest), "the shape {} is too large.",
              list_str(extents));
  }
  if (open >= 0) {
    require(rest > 0 && x.shape().size() % rest == 0, "x {} does not fill {}.", x.type().str(),
            list_str(extents));
    extents[static_cast<std::size_t>(open)] = x.shape().size() / rest;
  }
  return {reshape(x, Shape(extents))};
}

Values flattened(const Call& call) {
  const Value x = call.in(0);
  const int rank = x.shape().rank();
  const std::int64_t given = call.integer("axis", 1);
  require(given >= -rank && given <= rank, "there is no axis {} in x {}.", given, x.type().str());
  const int axis = static_cast<int>(given < 0 ? given + rank : given);
  return {reshape(x, {product(x.shape(), 0, axis), product(x.shape(), axis, rank)})};
}

// Since opset 13 the axes are an input.
std::vector<std::int64_t> given_axes(const Call& call) {
  return call.has(1) ? call.integers(1) : call.integers("axes");
}

Values squeezed(const Call& call) {
  const Value x = call.in(0);
  const std::vector<std::int64_t> axes = axes_of(given_axes(call), x.shape().rank());
  const bool all = !call.has(1) && !call.given("axes");
  std::vector<std::int64_t> extents;
  for (int axis = 0; axis < x.shape().rank(); ++axis) {
    const bool named = std::binary_search(axes.begin(), axes.end(), axis);
    require(!named || x.shape()[axis] == 1, "axis {} of x {} has more than one place.", axis, x.type().str());
    if (!named && !(all && x.shape()[axis] == 1)) extents.push_back(x.shape()[axis]);
  }
  return {reshape(x, Shape(extents))};
}

Values unsqueezed(const Call& call) {
  const Value x = call.in(0);
  const std::vector<std::int64_t> given = given_axes(call);
  const std::vector<std::int64_t> axes = axes_of(given, x.shape().rank() + static_cast<int>(given.size()));
  std::vector<std::int64_t> extents = x.shape().list();
  for (const std::int64_t axis : axes) extents.insert(extents.begin() + axis, 1);
  return {reshape(x, Shape(extents))};
}

Values transposed(const Call& call) {
  std::vector<std::int64_t> order = call.integers("perm");
  return {transpose(call.in(0), std::move(order))};
}

Values joined(const Call& call) {
  Values parts;
  for (std::size_t i = 0; i < call.inputs(); ++i) parts.push_back(call.in(i));
  return {concat(parts, {.axis = call.integer("axis", 1)})};
}

// `split` was an attribute before opset 13; without it the parts are equal.
Values split(const Call& call) {
  const Value x = call.in(0);
  const int axis = axis_of(call.integer("axis", 0), x.shape().rank());
  std::vector<std::int64_t> sizes = call.has(1) ? call.integers(1) : call.integers("split");
  call.ignore("num_outputs");
  const auto parts = static_cast<std::int64_t>(call.outputs());
  if (sizes.empty() && parts > 0) {
    const std::int64_t each = (x.shape()[axis] + parts - 1) / parts;
    for (std::int64_t i = 0; i < parts; ++i) {
      sizes.push_back(std::clamp<std::int64_t>(x.shape()[axis] - i * each, 0, each));
    }
  }
  Values outputs;
  std::int64_t begin = 0;
  for (const std::int64_t size : sizes) {
    require(size >= 0 && size <= x.shape()[axis] - begin, "parts {} are more than axis {} of x {}.",
            list_str(sizes), axis, x.type().str());
    outputs.push_back(cut(x, axis, begin, begin + size));
    begin += size;
  }
  require(begin == x.shape()[axis] && outputs.size() == call.outputs(),
          "parts {} for {} outputs do not make up axis {} of x {}.", list_str(sizes), call.outputs(), axis,
          x.type().str());
  return outputs;
}

Values expanded(const Call& call) {
  const Value x = call.in(0);
  return {broadcast_to(x, broadcast(x.shape(), Shape(call.integers(1))))};
}

Values tiled(const Call& call) {
  Value x = call.in(0);
  const std::vector<std::int64_t> repeats = call.integers(1);
  const int rank = x.shape().rank();
  require(repeats.size() == static_cast<std::size_t>(rank), "x {} needs {} repeats, {} were given.",
          x.type().str(), rank, repeats.size());
  for (int axis = 0; axis < rank; ++axis) {
    const std::int64_t times = repeats[static_cast<std::size_t>(axis)];
    const Shape& shape = x.shape();
    const std::int64_t outer = product(shape, 0, axis), inner = product(shape, axis, rank);
    std::int64_t extent = 0;
    require(times >= 0 && !__builtin_mul_overflow(times, shape[axis], &extent),
            "axis {} cannot be repeated {} times.", axis, times);
    const Shape longer = shape.with(axis, extent);
    x = reshape(broadcast_to(reshape(x, {outer, 1, inner}), {outer, times, inner}), longer);
  }
  return {x};
}

Values depth_to_space(const Call& call) {
  const Value x = call.in(0);
  const Shape& s = x.shape();
  const std::int64_t b = call.integer("blocksize");
  const std::string mode = call.text("mode", "DCR");
  require(s.rank() == 4 && b >= 1 && b <= s[1] && s[1] % (b * b) == 0,
          "blocks of {} need x [N, C, H, W] with a multiple of their area as channels, it is {}.", b,
          x.type().str());
  require(mode == "DCR" || mode == "CRD", "mode must be DCR or CRD, it is '{}'.", mode);
  const std::int64_t c = s[1] / (b * b);
  const Value blocks = mode == "DCR" ? transpose(reshape(x, {s[0], b, b, c, s[2], s[3]}), {0, 3, 4, 1, 5, 2})
                                     : transpose(reshape(x, {s[0], c, b, b, s[2], s[3]}), {0, 1, 4, 2, 5, 3});
  return {reshape(blocks, {s[0], c, s[2] * b, s[3] * b})};
}

Values space_to_depth(const Call& call) {
  const Value x = call.in(0);
  const Shape& s = x.shape();
  const std::int64_t b = call.integer("blocksize");
  require(s.rank() == 4 && b >= 1 && s[2] % b == 0 && s[3] % b == 0,
          "blocks of {} need x [N, C, H, W] with multiples of it as H and W, it is {}.", b, x.type().str());
  const std::int64_t h = s[2] / b, w = s[3] / b;
  const Value blocks = transpose(reshape(x, {s[0], s[1], h, b, w, b}), {0, 3, 5, 1, 2, 4});
  return {reshape(blocks, {s[0], s[1] * b * b, h, w})};
}

}  // namespace

std::vector<Converter> shape_ops() {
  return {{"Cast", cast_of},
          {"CastLike", cast_like},
          {"Concat", joined},
          {"DepthToSpace", depth_to_space},
          {"Expand", expanded},
          {"Flatten", flattened},
          {"Identity", identity},
          {"Reshape", reshaped},
          {"SpaceToDepth", space_to_depth},
          {"Split", split},
          {"Squeeze", squeezed},
          {"Tile", tiled},
          {"Transpose", transposed},
          {"Unsqueeze", unsqueezed}};
}

}  // namespace gradus::io::onnx
