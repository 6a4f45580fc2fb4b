// concat: parts one after the other along an axis.
#include <cstring>

#include "gradus/ops.h"
#include "ops/support/lines.h"
#include "ops/support/on_rows.h"
#include "ops/support/parts.h"
#include "ops/support/reordered.h"
#include "ops/support/rules.h"
#include "ops/support/samples.h"

namespace gradus {
namespace {

Types infer(const AxisOptions& op, std::span<const Type> in) {
  const Shape& first = in[0].shape;
  require(op.axis >= -first.rank() && op.axis < first.rank(), "there is no axis {} in the first part {}.",
          op.axis, first.str());
  const int axis = first.axis(static_cast<int>(op.axis));
  std::int64_t extent = 0;
  for (std::size_t i = 0; i < in.size(); ++i) {
    require_same_dtype(in[0], in[i]);
    require(in[i].shape.rank() == first.rank() && in[i].shape.with(axis, first[axis]) == first,
            "part {} is {}, part 0 is {}; they may differ along axis {} only.", i, in[i].shape.str(),
            first.str(), axis);
    extent += in[i].shape[axis];
  }
  return Type{in[0].dtype, first.with(axis, extent)};
}

Values vjp(const Node& n, const Value& y, const Value& dy) {
  const int axis = y.shape().axis(static_cast<int>(n.attr<AxisOptions>().axis));
  std::int64_t begin = 0;
  Values parts;
  for (const Value& part : n.in) {
    const std::int64_t count = part.shape()[axis];
    parts.push_back(part_along(dy, axis, begin, count));
    begin += count;
  }
  return parts;
}

// Before the axis, everything is one row; a row of the result is the rows of the parts.
void reference(const AxisOptions& op, std::span<const Tensor> in, std::span<const Tensor> out) {
  const int axis = out[0].shape().axis(static_cast<int>(op.axis));
  const Lines whole(out[0].shape(), axis);
  std::byte* to = out[0].data();
  for (std::int64_t row = 0; row < whole.outer; ++row) {
    for (const Tensor& part : in) {
      const Lines lines(part.shape(), axis);
      const std::size_t bytes = size_of(part.dtype()) * static_cast<std::size_t>(lines.length * lines.inner);
      if (bytes == 0) continue;
      std::memcpy(to, part.data() + static_cast<std::size_t>(row) * bytes, bytes);
      to += bytes;
    }
  }
}

std::optional<OnRows> on_rows(const AxisOptions& op, std::span<const Type> in,
                              const std::vector<bool>& may_cut, std::int64_t rows) {
  if (normalized_axis(op.axis, in[0].shape) == 0) return std::nullopt;
  return all_on_rows(op, in, may_cut, rows);
}

std::optional<Pieces> pieces(const AxisOptions& op, std::span<const Type> in) {
  Pieces pieces{normalized_axis(op.axis, in[0].shape), {}};
  for (std::size_t i = 0; i < in.size(); ++i)
    pieces.list.push_back({static_cast<int>(i), 0, in[i].shape[pieces.axis]});
  return pieces;
}

// More parts than that are left in a concatenation of their own: where each of n concatenations has one part
// more than the last, flat ones name n^2 / 2 parts.
constexpr std::size_t kMostParts = 64;

// The parts of a concatenation are parts of one of it, so that the inner one need not be stored.
Values expand(const Node& node, const Values& in) {
  const int axis = node.out[0].shape.axis(static_cast<int>(node.attr<AxisOptions>().axis));
  Values flat;
  for (const Value& part : in) {
    const Values parts = parts_along(part, axis);
    flat.insert(flat.end(), parts.begin(), parts.end());
  }
  if (flat.size() == in.size() || flat.size() > kMostParts) return {};
  return {concat(flat, {.axis = axis})};
}

std::vector<Sample> samples() {
  std::vector<Sample> list;
  for (const Shape& shape : sample_shapes()) {
    for (int axis = 0; axis < shape.rank(); ++axis) {
      const SampleInput x{shape}, wider{shape.with(axis, shape[axis] + 2)}, none{shape.with(axis, 0)};
      list.push_back({AxisOptions{axis}, {x, wider}});
      list.push_back({AxisOptions{axis - shape.rank()}, {wider, none, x}});
    }
  }
  list.push_back({AxisOptions{0}, {{{3, 2}}}});
  list.push_back({AxisOptions{1}, {{{3, 2}}, {{3, 2}}, {{3, 2}}}});
  return list;
}

std::vector<Refusal> refusals() {
  return {{AxisOptions{2},
           {{DType::f32, {2, 3}}, {DType::f32, {2, 3}}},
           "concat: there is no axis 2 in the first part [2, 3]."},
          {AxisOptions{1},
           {{DType::f32, {2, 3}}, {DType::f32, {2, 5}}, {DType::f32, {4, 3}}},
           "concat: part 2 is [4, 3], part 0 is [2, 3]; they may differ along axis 1 only."},
          {AxisOptions{0},
           {{DType::f32, {2, 3}}, {DType::f32, {2}}},
           "concat: part 1 is [2], part 0 is [2, 3]; they may differ along axis 0 only."},
          {AxisOptions{0},
           {{DType::f32, {2}}, {DType::i32, {2}}},
           "concat: the inputs differ in element type: f32[2] and i32[2]. cast() one of them."},
          {AxisOptions{0}, {}, "concat: it takes at least 1 inputs, got 0."}};
}

}  // namespace

extern const OpDef concat_op =
    define<AxisOptions>({.name = "concat",
                         .inputs = {"parts..."},
                         .kind = OpDef::movement,
                         .infer = infer,
                         .vjp = vjp,
                         .reference = reference,
                         .reordered = reordered_by_axis<AxisOptions>,
                         .on_rows = on_rows,
                         .pieces = pieces,
                         .takes_bf16 = true,
                         .expand = expand,
                         .samples = samples,
                         .refusals = refusals,
                         .doc = {.formula = "y = the parts one after the other along the axis",
                                 .shapes = "parts differ along the axis only; there y has the sum of them",
                                 .gradient = "each part gets its piece of dy",
                                 .source = ""}});

Values parts_along(const Value& x, int axis) {
  const Node& node = x.node();
  if (node.op != &concat_op) return {x};
  return x.shape().axis(static_cast<int>(node.attr<AxisOptions>().axis)) == axis ? node.in : Values{x};
}

Value concat(const Values& parts, const AxisOptions& options) {
  require(!parts.empty(), "concat: it takes at least 1 inputs, got 0.");
  return parts[0].graph().add(concat_op, options, parts);
}

}  // namespace gradus
