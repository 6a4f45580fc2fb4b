// slice: every step-th element from begin to before end, along each axis.
#include "gradus/ops.h"
#include "ops/support/loops.h"
#include "ops/support/parts.h"
#include "ops/support/reordered.h"
#include "ops/support/rules.h"
#include "ops/support/samples.h"

namespace gradus {
namespace {

std::int64_t count(const SliceOptions& op, std::size_t axis) {
  const std::int64_t extent = op.end[axis] - op.begin[axis];
  return extent == 0 ? 0 : (extent - 1) / op.step[axis] + 1;
}

Types infer(const SliceOptions& op, std::span<const Type> in) {
  const Shape& x = in[0].shape;
  const auto rank = static_cast<std::size_t>(x.rank());
  require(op.begin.size() == rank && op.end.size() == rank && op.step.size() == rank,
          "begin {}, end {} and step {} need one number for each of the {} axes of x {}.", list_str(op.begin),
          list_str(op.end), list_str(op.step), rank, x.str());
  std::vector<std::int64_t> extents;
  for (std::size_t i = 0; i < rank; ++i) {
    const std::int64_t extent = x[static_cast<int>(i)];
    require(0 <= op.begin[i] && op.begin[i] <= op.end[i] && op.end[i] <= extent,
            "axis {} of x {} is cut from {} to {}; 0 <= begin <= end <= {} was needed.", i, x.str(),
            op.begin[i], op.end[i], extent);
    require(op.step[i] >= 1, "the step along axis {} is {}; 1 or more was needed.", i, op.step[i]);
    extents.push_back(count(op, i));
  }
  return Type{in[0].dtype, Shape(extents)};
}

// Each element goes back to its place, with zeros around and between.
Values vjp(const Node& n, const Value& y, const Value& dy) {
  const auto& op = n.attr<SliceOptions>();
  PadOptions pads{.before = op.begin};
  for (std::size_t i = 0; i < op.begin.size(); ++i) {
    const std::int64_t elements = y.shape()[static_cast<int>(i)];
    const std::int64_t spread = elements > 0 ? 1 + (elements - 1) * op.step[i] : 0;
    pads.after.push_back(n.in[0].shape()[static_cast<int>(i)] - op.begin[i] - spread);
    pads.between.push_back(elements > 1 ? op.step[i] - 1 : 0);
  }
  return {pad(dy, pads)};
}

void reference(const SliceOptions& op, std::span<const Tensor> in, std::span<const Tensor> out) {
  if (out[0].size() == 0) return;
  Strides strides = dense_strides(in[0].shape());
  std::int64_t first = 0;
  for (std::size_t i = 0; i < op.begin.size(); ++i) {
    first += op.begin[i] * strides[i];
    if (out[0].shape()[static_cast<int>(i)] > 1) strides[i] *= op.step[i];
  }
  dispatch_stored(in[0].dtype(), [&](auto zero) {
    using T = decltype(zero);
    const auto x = in[0].values<const T>();
    const auto y = out[0].values<T>();
    walk(out[0].shape(), std::array<Strides, 1>{strides}, [&](std::int64_t i, const auto& at) {
      y[static_cast<std::size_t>(i)] = x[static_cast<std::size_t>(first + at[0])];
    });
  });
}

std::optional<Reordered> reordered(const Node& node, std::span<const int> order) {
  if (!orders_axes_of(node, order)) return std::nullopt;
  const auto& op = node.attr<SliceOptions>();
  return all_reordered(node, SliceOptions{reordered_list(op.begin, order), reordered_list(op.end, order),
                                          reordered_list(op.step, order)});
}

std::optional<OnRows> on_rows(const SliceOptions& op, std::span<const Type> in,
                              const std::vector<bool>& may_cut, std::int64_t rows) {
  if (!may_cut[0] || op.begin[0] != 0 || op.end[0] != in[0].shape[0] || op.step[0] != 1) return std::nullopt;
  SliceOptions some = op;
  some.end[0] = rows;
  return OnRows{some, {true}, {true}};
}

// Of a slice along one axis without gaps.
std::optional<Pieces> pieces(const SliceOptions& op, std::span<const Type> in) {
  std::optional<Pieces> pieces;
  for (int axis = 0; axis < in[0].shape.rank(); ++axis) {
    const auto i = static_cast<std::size_t>(axis);
    const std::int64_t count = op.end[i] - op.begin[i];
    if (count == in[0].shape[axis] && op.step[i] == 1) continue;
    if (pieces || op.step[i] != 1) return std::nullopt;
    pieces = {axis, {{0, op.begin[i], count}}};
  }
  return pieces;
}

std::vector<Sample> samples() {
  std::vector<Sample> list;
  for (const Shape& shape : sample_shapes()) {
    SliceOptions whole{{}, shape.list(), {}}, middle, sparse;
    for (const std::int64_t extent : shape) {
      whole.begin.push_back(0);
      whole.step.push_back(1);
      middle.begin.push_back(extent / 3);
      middle.end.push_back(extent - extent / 4);
      middle.step.push_back(1);
      sparse.begin.push_back(extent > 1);
      sparse.end.push_back(extent);
      sparse.step.push_back(2 + extent % 3);
    }
    for (const SliceOptions& options : {whole, middle, sparse}) list.push_back({options, {{shape}}});
  }
  list.push_back({SliceOptions{{2, 0}, {2, 5}, {1, 9}}, {{{4, 5}}}});  // nothing is left
  return list;
}

std::vector<Refusal> refusals() {
  return {{SliceOptions{{0}, {2}, {1}},
           {{DType::f32, {2, 3}}},
           "slice: begin [0], end [2] and step [1] need one number for each of the 2 axes of x [2, 3]."},
          {SliceOptions{{0, 1}, {2, 4}, {1, 1}},
           {{DType::f32, {2, 3}}},
           "slice: axis 1 of x [2, 3] is cut from 1 to 4; 0 <= begin <= end <= 3 was needed."},
          {SliceOptions{{-1}, {2}, {1}},
           {{DType::f32, {3}}},
           "slice: axis 0 of x [3] is cut from -1 to 2; 0 <= begin <= end <= 3 was needed."},
          {SliceOptions{{0}, {2}, {0}},
           {{DType::f32, {3}}},
           "slice: the step along axis 0 is 0; 1 or more was needed."}};
}

}  // namespace

extern const OpDef slice_op =
    define<SliceOptions>({.name = "slice",
                          .inputs = {"x"},
                          .kind = OpDef::movement,
                          .infer = infer,
                          .vjp = vjp,
                          .reference = reference,
                          .reordered = reordered,
                          .on_rows = on_rows,
                          .pieces = pieces,
                          .takes_bf16 = true,
                          .samples = samples,
                          .refusals = refusals,
                          .doc = {.formula = "y[i] = x[begin + i step], along each axis",
                                  .shapes = "axis of y: ceil((end - begin) / step) elements",
                                  .gradient = "dx = dy at its places, else 0",
                                  .source = "NumPy basic slicing"}});

// No steps given means 1 everywhere.
Value slice(const Value& x, const SliceOptions& options) {
  SliceOptions full = options;
  if (full.step.empty()) full.step.assign(full.begin.size(), 1);
  return x.graph().add(slice_op, full, {x});
}

Value part_along(const Value& x, int axis, std::int64_t begin, std::int64_t count) {
  SliceOptions cut{.begin = std::vector<std::int64_t>(static_cast<std::size_t>(x.shape().rank())),
                   .end = x.shape().list()};
  cut.begin[static_cast<std::size_t>(axis)] = begin;
  cut.end[static_cast<std::size_t>(axis)] = begin + count;
  return slice(x, cut);
}

}  // namespace gradus
