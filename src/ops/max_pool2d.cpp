// max_pool2d: the largest of each window, and its place there.
#include "gradus/ops.h"
#include "ops/support/on_rows.h"
#include "ops/support/pool.h"
#include "ops/support/reordered.h"
#include "ops/support/winners.h"
#include "tensor/dispatch.h"

namespace gradus {
namespace {

Types infer(const Pool2dOptions& op, std::span<const Type> in) {
  const Type y = pooled(op, in[0]);
  return std::vector<Type>{y, {DType::i32, y.shape}};
}

Values vjp(const Node& n, const Values& y, const Values& dy) {
  if (!dy[0]) return {Value()};
  return {max_pool2d_grad(dy[0], y[1], with_size(n.attr<Pool2dOptions>(), n.in[0].shape()))};
}

// body(number of the window, winning element of x, its place in the window).
template <class T, class Body>
void each_winner(const Pool2dOptions& op, const Tensor& image, Body&& body) {
  const auto x = image.values<const T>();
  const PoolGeometry geometry(op, image.shape(), pooled(op, image.type()).shape);
  geometry.each_window([&](std::size_t i, const PoolWindow& window) {
    std::int64_t best = -1, best_place = 0;
    window.each([&](std::int64_t element, std::int64_t place) {
      if (best >= 0 && !beats(x[static_cast<std::size_t>(element)], x[static_cast<std::size_t>(best)]))
        return;
      best = element;
      best_place = place;
    });
    body(i, best, best_place);
  });
}

void reference(const Pool2dOptions& op, std::span<const Tensor> in, std::span<const Tensor> out) {
  dispatch_float(in[0].dtype(), [&](auto zero) {
    using T = decltype(zero);
    const auto x = in[0].values<const T>();
    const auto y = out[0].values<T>();
    const auto winners = out[1].values<std::int32_t>();
    each_winner<T>(op, in[0], [&](std::size_t i, std::int64_t element, std::int64_t place) {
      y[i] = x[static_cast<std::size_t>(element)];
      winners[i] = static_cast<std::int32_t>(place);
    });
  });
}

std::vector<std::int64_t> branch(const Pool2dOptions& op, std::span<const Tensor> in) {
  std::vector<std::int64_t> pieces(static_cast<std::size_t>(pooled(op, in[0].type()).shape.size()));
  dispatch_float(in[0].dtype(), [&](auto zero) {
    each_winner<decltype(zero)>(
        op, in[0], [&](std::size_t i, std::int64_t element, std::int64_t) { pieces[i] = element; });
  });
  return pieces;
}

// Both outputs are cut: places count within their image.
std::optional<OnRows> on_rows(const Pool2dOptions& op, std::span<const Type>,
                              const std::vector<bool>& may_cut, std::int64_t) {
  if (!may_cut[0]) return std::nullopt;
  return OnRows{op, {true}, {true, true}};
}

std::vector<Sample> samples() {
  std::vector<Sample> list;
  for (const PoolCase& c : pool_cases()) list.push_back({c.options, {{c.image}}});
  return list;
}

std::vector<Refusal> refusals() {
  const Type image{DType::f32, {2, 3, 8, 8}};
  return {
      {Pool2dOptions{},
       {{DType::f32, {3, 8, 8}}},
       "max_pool2d: x must be [N, C, H, W], it is f32[3, 8, 8]. reshape() it."},
      {Pool2dOptions{.layout = Layout::channels_last},
       {{DType::f32, {64, 3}}},
       "max_pool2d: x must be [N, H, W, C], it is f32[64, 3]. reshape() it."},
      {Pool2dOptions{},
       {{DType::u8, {2, 3, 8, 8}}},
       "max_pool2d: x must be f32 or f64, it is u8[2, 3, 8, 8]. cast() it first."},
      {Pool2dOptions{.kernel = {2}},
       {image},
       "max_pool2d: kernel [2], stride [2, 2], pad_before [0, 0] and pad_after [0, 0] need two numbers each, "
       "for rows and columns."},
      {Pool2dOptions{.stride = {2, 0}},
       {image},
       "max_pool2d: kernel [2, 2] and stride [2, 0] must be at least 1, and the kernel at most 32767."},
      {Pool2dOptions{.pad_before = {0, 2}},
       {image},
       "max_pool2d: pad_before [0, 2] and pad_after [0, 0] must be 0 or more and less than the kernel [2, "
       "2]: "
       "every window must meet the image."},
      {Pool2dOptions{.pad_after = {-1, 0}},
       {image},
       "max_pool2d: pad_before [0, 0] and pad_after [-1, 0] must be 0 or more and less than the kernel [2, "
       "2]: "
       "every window must meet the image."},
      {Pool2dOptions{.kernel = {11, 2}, .pad_before = {1, 0}, .pad_after = {1, 0}},
       {image},
       "max_pool2d: the window [11, 2] does not fit into x [2, 3, 8, 8], which has 10 rows with its "
       "padding."},
      {Pool2dOptions{.pad_before = {1, 1}, .pad_after = {1, 1}},
       {{DType::f32, {1, 1, 4, 0}}},
       "max_pool2d: the window [2, 2] does not fit into x [1, 1, 4, 0], which has 0 columns with its "
       "padding."},
      {Pool2dOptions{.size = {8, 8}},
       {image},
       "max_pool2d: size [8, 8] belongs to the gradient; it must be empty."}};
}

}  // namespace

extern const OpDef max_pool2d_op = define<Pool2dOptions>(
    {.name = "max_pool2d",
     .inputs = {"x"},
     .kind = OpDef::composite,
     .infer = infer,
     .vjp = GradientRule::Many(vjp),
     .reference = reference,
     .branch = branch,
     .reordered = reordered_by_layout<Pool2dOptions>,
     .on_rows = on_rows,
     .channels_last = true,
     .samples = samples,
     .refusals = refusals,
     .doc = {.formula = "y = the largest of each window, padding left out, NaN if one is NaN; winners = the "
                        "first place, row by row, where it stands",
             .shapes =
                 "x [N, C, H, W], y and winners (i32) [N, C, H', W'], H' = floor((H + padding - kernel) "
                 "/ stride) + 1; channels last: [N, H, W, C]",
             .gradient = "dx = max_pool2d_grad(dy, winners): the winner gets dy",
             .source = "Zhou & Chellappa 1988"}});

MaxPool2d max_pool2d_winners(const Value& x, const Pool2dOptions& options) {
  const Values out = x.graph().add_all(max_pool2d_op, options, {x});
  return {out[0], out[1]};
}

Value max_pool2d(const Value& x, const Pool2dOptions& options) { return max_pool2d_winners(x, options).y; }

}  // namespace gradus
