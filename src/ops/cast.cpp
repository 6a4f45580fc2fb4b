// cast(x): the elements of x as another element type.
#include "gradus/ops.h"
#include "ops/support/loops.h"
#include "ops/support/rules.h"
#include "ops/support/samples.h"

namespace gradus {
namespace {

struct CastOptions {
  DType dtype = DType::f32;
  static void fields(auto& self, auto&& visit) { visit("dtype", self.dtype); }
};

Types infer(const CastOptions& op, std::span<const Type> in) { return Type{op.dtype, in[0].shape}; }

Values vjp(const Node& n, const Value& y, const Value& dy) {
  const DType from = n.in[0].dtype();
  return {is_float(from) && is_float(y.dtype()) ? cast(dy, from) : Value()};
}

void reference(const CastOptions&, std::span<const Tensor> in, std::span<const Tensor> out) {
  dispatch_stored(in[0].dtype(), [&](auto from) {
    const auto x = in[0].values<const decltype(from)>();
    dispatch_stored(out[0].dtype(), [&](auto to) {
      const auto y = out[0].values<decltype(to)>();
      for (std::size_t i = 0; i < x.size(); ++i) y[i] = convert<decltype(to)>(x[i]);
    });
  });
}

// Between floats it is smooth; to integers it has steps.
std::vector<std::int64_t> branch(const CastOptions& op, std::span<const Tensor> in) {
  std::vector<std::int64_t> step(static_cast<std::size_t>(in[0].size()));
  if (is_float(op.dtype) || op.dtype == DType::bf16) return step;
  const Tensor y(op.dtype, in[0].shape());
  reference(op, in, std::array{y});
  for (std::size_t i = 0; i < step.size(); ++i) {
    step[i] = static_cast<std::int64_t>(y.at(static_cast<std::int64_t>(i)));
  }
  return step;
}

// f64 stands first: it is what gradients are checked in.
std::vector<Sample> samples() {
  std::vector<Sample> list = unary_samples(-2, 2, CastOptions{DType::f64});
  for (const DType dtype : {DType::f32, DType::i32, DType::i64, DType::u8, DType::boolean, DType::bf16}) {
    list.push_back({CastOptions{dtype}, {{{3, 5}, -3, 300}}});
    list.push_back({CastOptions{dtype}, {{{7}, -3, 300, SampleInput::index}}});
    list.push_back({CastOptions{dtype}, {{{2, 3}, 0, 1, SampleInput::boolean}}});
    list.push_back({CastOptions{dtype}, {{{0, 3}}}});
  }
  return list;
}

std::vector<Refusal> refusals() {
  return {{CastOptions{}, {{DType::f32, {2}}, {DType::f32, {2}}}, "cast: it takes 1 inputs, got 2."}};
}

}  // namespace

extern const OpDef cast_op =
    define<CastOptions>({.name = "cast",
                         .inputs = {"x"},
                         .kind = OpDef::elementwise,
                         .infer = infer,
                         .vjp = vjp,
                         .reference = reference,
                         .branch = branch,
                         .takes_bf16 = true,
                         .samples = samples,
                         .refusals = refusals,
                         .doc = {.formula = "y = x; to integers towards 0, saturating, NaN to 0; to bool x "
                                            "!= 0; to bf16 the nearest, ties to even",
                                 .shapes = "y has the shape of x",
                                 .gradient = "dx = dy between floats, else none",
                                 .source = ""}});

Value cast(const Value& x, DType dtype) {
  return x.dtype() == dtype ? x : x.graph().add(cast_op, CastOptions{dtype}, {x});
}

}  // namespace gradus
