// pad: puts a value before, after and between the elements along each axis.
#include "gradus/ops.h"
#include "ops/support/loops.h"
#include "ops/support/reordered.h"
#include "ops/support/rules.h"
#include "ops/support/samples.h"

namespace gradus {
namespace {

// Places the elements of an axis take up, gaps included.
std::int64_t spread(std::int64_t elements, std::int64_t between) {
  return elements > 0 ? elements + (elements - 1) * between : 0;
}

Types infer(const PadOptions& op, std::span<const Type> in) {
  const Shape& x = in[0].shape;
  const auto rank = static_cast<std::size_t>(x.rank());
  require(op.before.size() == rank && op.after.size() == rank && op.between.size() == rank,
          "before {}, after {} and between {} need one number for each of the {} axes of x {}.",
          list_str(op.before), list_str(op.after), list_str(op.between), rank, x.str());
  std::vector<std::int64_t> extents;
  for (std::size_t i = 0; i < rank; ++i) {
    require(op.before[i] >= 0 && op.after[i] >= 0 && op.between[i] >= 0,
            "axis {} gets {} before, {} after and {} between; none may be negative. slice() cuts.", i,
            op.before[i], op.after[i], op.between[i]);
    extents.push_back(op.before[i] + spread(x[static_cast<int>(i)], op.between[i]) + op.after[i]);
  }
  return Type{in[0].dtype, Shape(extents)};
}

Values vjp(const Node& n, const Value&, const Value& dy) {
  const auto& op = n.attr<PadOptions>();
  SliceOptions cut{.begin = op.before};
  for (std::size_t i = 0; i < op.before.size(); ++i) {
    cut.end.push_back(op.before[i] + spread(n.in[0].shape()[static_cast<int>(i)], op.between[i]));
    cut.step.push_back(op.between[i] + 1);
  }
  return {slice(dy, cut)};
}

void reference(const PadOptions& op, std::span<const Tensor> in, std::span<const Tensor> out) {
  out[0].fill(op.value);
  Strides strides = dense_strides(out[0].shape());
  std::int64_t first = 0;
  for (std::size_t i = 0; i < op.before.size(); ++i) {
    first += op.before[i] * strides[i];
    strides[i] *= op.between[i] + 1;
  }
  dispatch(in[0].dtype(), [&](auto zero) {
    using T = decltype(zero);
    const auto x = in[0].values<const T>();
    const auto y = out[0].values<T>();
    walk(in[0].shape(), std::array<Strides, 1>{strides}, [&](std::int64_t i, const auto& at) {
      y[static_cast<std::size_t>(first + at[0])] = x[static_cast<std::size_t>(i)];
    });
  });
}

std::optional<Reordered> reordered(const Node& node, std::span<const int> order) {
  if (!orders_axes_of(node, order)) return std::nullopt;
  const auto& op = node.attr<PadOptions>();
  return all_reordered(node, PadOptions{reordered_list(op.before, order), reordered_list(op.after, order),
                                        reordered_list(op.between, order), op.value});
}

std::vector<Sample> samples() {
  std::vector<Sample> list;
  for (const Shape& shape : sample_shapes()) {
    PadOptions around{.value = 1.5}, apart;
    for (std::int64_t axis = 0; axis < shape.rank(); ++axis) {
      around.before.push_back(axis % 2);
      around.after.push_back(1);
      around.between.push_back(0);
      apart.before.push_back(0);
      apart.after.push_back(axis % 3);
      apart.between.push_back(1 + axis % 2);
    }
    list.push_back({around, {{shape}}});
    list.push_back({apart, {{shape}}});
  }
  return list;
}

std::vector<Refusal> refusals() {
  return {{PadOptions{{0}, {2}, {0}},
           {{DType::f32, {2, 3}}},
           "pad: before [0], after [2] and between [0] need one number for each of the 2 axes of x [2, 3]."},
          {PadOptions{{0, -1}, {2, 1}, {0, 0}},
           {{DType::f32, {2, 3}}},
           "pad: axis 1 gets -1 before, 1 after and 0 between; none may be negative. slice() cuts."}};
}

}  // namespace

extern const OpDef pad_op = define<PadOptions>(
    {.name = "pad",
     .inputs = {"x"},
     .kind = OpDef::movement,
     .infer = infer,
     .vjp = vjp,
     .reference = reference,
     .reordered = reordered,
     .samples = samples,
     .refusals = refusals,
     .doc = {.formula = "y[before + i (between + 1)] = x[i], along each axis; else value",
             .shapes = "axis of y: before + n + (n - 1) between + after elements; an empty "
                       "axis has nothing between",
             .gradient = "dx = dy at the places of x",
             .source = ""}});

// Lists that are not given mean 0 everywhere.
Value pad(const Value& x, const PadOptions& options) {
  PadOptions full = options;
  for (auto* list : {&full.before, &full.after, &full.between}) {
    if (list->empty()) list->assign(static_cast<std::size_t>(x.shape().rank()), 0);
  }
  return x.graph().add(pad_op, full, {x});
}

}  // namespace gradus
