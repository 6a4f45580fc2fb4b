// softmax_cross_entropy: -sum of t log softmax(x) per example, t being a class or probabilities.
#include "gradus/ops.h"
#include "ops/support/indices.h"
#include "ops/support/rules.h"
#include "ops/support/samples.h"
#include "ops/support/softmax.h"
#include "tensor/dispatch.h"

namespace gradus {
namespace {

Types infer(const SmoothingOptions& op, std::span<const Type> in) {
  const Type &logits = in[0], &labels = in[1];
  require_float(logits, "logits");
  require(logits.shape.rank() == 2 && logits.shape[1] > 0,
          "logits must be [N, K] with K >= 1, it is {}. reshape() it.", logits.str());
  const std::int64_t n = logits.shape[0];
  if (is_float(labels.dtype)) {
    require(labels == logits, "labels are {}; probabilities must have the type of logits {}.", labels.str(),
            logits.str());
  } else {
    require_integer(labels, "labels");
    require(labels.shape == Shape{n},
            "class labels must be [N] = [{}] for logits {}, they are {}. reshape() them.", n,
            logits.shape.str(), labels.shape.str());
  }
  require(op.label_smoothing >= 0 && op.label_smoothing <= 1, "label_smoothing must be 0 to 1, it is {}.",
          op.label_smoothing);
  return Type{logits.dtype, Shape{n}};
}

// With t = (1 - smoothing) labels + smoothing / K: dx = dy (softmax(x) sum t - t), which holds for
// probabilities that do not sum to 1, too.
Values vjp(const Node& n, const Value&, const Value& dy) {
  const Value &x = n.in[0], &labels = n.in[1];
  const double smoothing = n.attr<SmoothingOptions>().label_smoothing;
  const std::int64_t classes = x.shape()[1];
  const bool soft = is_float(labels.dtype());
  const Value row = reshape(dy, {x.shape()[0], 1});

  Value t = soft ? labels : one_hot(labels, {.classes = classes, .dtype = x.dtype()});
  if (smoothing != 0) t = t * (1 - smoothing) + smoothing / static_cast<double>(classes);
  if (!soft) return {row * (softmax(x) - t), Value()};
  const Value total = sum(t, {.axes = {1}, .keep_dims = true});
  return {row * (softmax(x) * total - t), row * (smoothing - 1) * log_softmax(x)};
}

void reference(const SmoothingOptions& op, std::span<const Tensor> in, std::span<const Tensor> out) {
  const std::int64_t classes = in[0].shape()[1];
  const bool soft = is_float(in[1].dtype());
  const auto indices =
      soft ? std::vector<std::int64_t>() : checked_indices(in[1], classes, "softmax_cross_entropy", "labels");
  dispatch_float(in[0].dtype(), [&](auto zero) {
    using T = decltype(zero);
    const auto x = in[0].values<const T>();
    const auto probabilities = soft ? in[1].values<const T>() : std::span<const T>();
    const auto y = out[0].values<T>();
    for (std::size_t i = 0; i < y.size(); ++i) {
      const std::int64_t first = static_cast<std::int64_t>(i) * classes;
      const LogSumExp lse(x, first, 1, classes);
      double loss = 0;
      for (std::int64_t k = 0; k < classes; ++k) {
        const auto at = static_cast<std::size_t>(first + k);
        const double label = soft ? static_cast<double>(probabilities[at]) : indices[i] == k;
        const double t = (1 - op.label_smoothing) * label + op.label_smoothing / static_cast<double>(classes);
        // A class that is ruled out (logit -inf) and does not occur costs nothing.
        if (t != 0) loss += t * (lse.log_sum + (lse.largest - static_cast<double>(x[at])));
      }
      y[i] = static_cast<T>(loss);
    }
  });
}

std::vector<Sample> samples() {
  std::vector<Sample> list;
  for (const Shape& shape : {Shape{1, 1}, Shape{1, 2}, Shape{3, 1}, Shape{3, 2}, Shape{5, 10}, Shape{16, 7},
                             Shape{0, 4}, Shape{2, 33}}) {
    const double classes = static_cast<double>(shape[1]);
    for (const double smoothing : {0.0, 0.1, 1.0}) {
      const SmoothingOptions options{smoothing};
      list.push_back({options, {{shape, -4, 4}, {Shape{shape[0]}, 0, classes, SampleInput::index}}});
      list.push_back({options, {{shape, -4, 4}, {shape, 0, 1}}});
    }
  }
  return list;
}

std::vector<Refusal> refusals() {
  const Type logits{DType::f32, {4, 10}};
  return {
      {SmoothingOptions{},
       {{DType::f32, {10}}, {DType::i64, {1}}},
       "softmax_cross_entropy: logits must be [N, K] with K >= 1, it is f32[10]. reshape() it."},
      {SmoothingOptions{},
       {{DType::f32, {4, 0}}, {DType::i64, {4}}},
       "softmax_cross_entropy: logits must be [N, K] with K >= 1, it is f32[4, 0]. reshape() it."},
      {SmoothingOptions{},
       {{DType::i32, {4, 3}}, {DType::i64, {4}}},
       "softmax_cross_entropy: logits must be f32 or f64, it is i32[4, 3]. cast() it first."},
      {SmoothingOptions{},
       {logits, {DType::i64, {4, 1}}},
       "softmax_cross_entropy: class labels must be [N] = [4] for logits [4, 10], they are [4, 1]. "
       "reshape() them."},
      {SmoothingOptions{},
       {logits, {DType::f32, {4}}},
       "softmax_cross_entropy: labels are f32[4]; probabilities must have the type of logits f32[4, 10]."},
      {SmoothingOptions{},
       {logits, {DType::u8, {4}}},
       "softmax_cross_entropy: labels must be i32 or i64, it is u8[4]. cast() it first."},
      {SmoothingOptions{1.5},
       {logits, {DType::i64, {4}}},
       "softmax_cross_entropy: label_smoothing must be 0 to 1, it is 1.5."}};
}

}  // namespace

extern const OpDef softmax_cross_entropy_op = define<SmoothingOptions>(
    {.name = "softmax_cross_entropy",
     .inputs = {"logits", "labels"},
     .kind = OpDef::composite,
     .infer = infer,
     .vjp = vjp,
     .reference = reference,
     .samples = samples,
     .refusals = refusals,
     .doc = {.formula =
                 "y = -sum over k of t[k] ln softmax(x)[k], t = (1 - smoothing) labels + smoothing / K; a "
                 "class outside 0 ... K - 1 is refused at run time",
             .shapes = "logits x [N, K], labels [N] (i32 or i64) or probabilities [N, K] like x, y [N]",
             .gradient = "dx = dy (softmax(x) sum(t) - t), dlabels = -dy (1 - smoothing) ln softmax(x)",
             .source = "Bridle 1990; label smoothing: Szegedy et al. 2016"}});

Value softmax_cross_entropy(const Value& logits, const Value& labels, const CrossEntropyOptions& options) {
  const Value losses = logits.graph().add(softmax_cross_entropy_op, SmoothingOptions{options.label_smoothing},
                                          {logits, labels});
  return options.reduction == Reduction::none ? losses : mean(losses);
}

}  // namespace gradus
