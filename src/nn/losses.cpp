// The losses by name: they bring targets to the form their op takes and average over the batch.
#include <fmt/format.h>

#include <limits>

#include "base/check.h"
#include "base/suggest.h"
#include "gradus/nn.h"

namespace gradus::nn {

namespace {

bool holds_classes(const Value& target) { return is_integer(target.dtype()); }

// Classes [N] or [N, 1] as [N]; the rest as it is.
Value class_list(const Value& target) {
  const Shape& shape = target.shape();
  return shape.rank() == 2 && shape[1] == 1 ? reshape(target, {shape[0]}) : target;
}

// The target with the output's shape and dtype.
Value like_output(const Value& target, const Value& output, std::string_view loss) {
  require(
      Fault::data, target.shape().size() == output.shape().size(),
      "{}: the targets {} and the network's output {} must have as many elements. Let the last layer give "
      "one output per target.",
      loss, target.type().str(), output.type().str());
  const Value shaped = reshape(target, output.shape());
  return shaped.dtype() == output.dtype() ? shaped : cast(shaped, output.dtype());
}

// The targets of sigmoid_cross_entropy: classes for several outputs become one-hot.
Value sigmoid_target(const Value& output, const Value& target) {
  const Shape& shape = output.shape();
  const Value classes = holds_classes(target) ? class_list(target) : target;
  const bool indices = holds_classes(target) && classes.shape().rank() == 1;
  if (indices && shape.rank() == 2 && shape[1] > 1 && shape[0] == classes.shape()[0])
    return one_hot(classes, {.classes = shape[1], .dtype = output.dtype()});
  return like_output(target, output, "sigmoid_cross_entropy");
}

void refuse_smoothing(const LossSettings& settings, std::string_view loss) {
  require(
      Fault::usage, settings.label_smoothing == 0,
      "{}: label smoothing belongs to softmax_cross_entropy and sigmoid_cross_entropy, got {}. Leave it out.",
      loss, settings.label_smoothing);
}

void check_smoothing(const LossSettings& settings, std::string_view loss) {
  require(Fault::usage, settings.label_smoothing >= 0 && settings.label_smoothing < 1,
          "{}: label smoothing must be in [0, 1), got {}.", loss, settings.label_smoothing);
}

// The mean of each example's losses [N, ...] -> [N].
Value per_example(const Value& losses) {
  const std::int64_t n = losses.shape()[0];
  if (losses.shape().rank() == 1) return losses;
  return mean(reshape(losses, {n, n == 0 ? 0 : losses.shape().size() / n}), {.axes = {1}});
}

Value weighted_mean(const Value& losses, const Value& weights, std::string_view loss) {
  const Value each = per_example(losses);
  require(Fault::data, weights.shape() == each.shape(),
          "{}: one weight per example was needed, {}, the weights are {}.", loss, each.shape().str(),
          weights.type().str());
  const Value w = weights.dtype() == each.dtype() ? weights : cast(weights, each.dtype());
  // A batch whose weights are all 0 gives 0 / tiny = 0, not NaN.
  const double tiny = each.dtype() == DType::f32 ? double{std::numeric_limits<float>::min()}
                                                 : std::numeric_limits<double>::min();
  return sum(w * each) / maximum(sum(w), scalar(w.graph(), tiny, w.dtype()));
}

// One loss of both forms: its op averages, or gives the losses for weighted_mean().
template <class Loss>
Value reduced(const Value& weights, std::string_view name, Loss loss) {
  return weights ? weighted_mean(loss(Reduction::none), weights, name) : loss(Reduction::mean);
}

Value softmax_loss(const Value& output, const Value& target, const Value& weights, const LossSettings& s) {
  constexpr std::string_view kName = "softmax_cross_entropy";
  check_smoothing(s, kName);
  const Value labels = holds_classes(target)              ? class_list(target)
                       : target.dtype() == output.dtype() ? target
                                                          : cast(target, output.dtype());
  return reduced(weights, kName, [&](Reduction reduction) {
    return softmax_cross_entropy(output, labels,
                                 {.label_smoothing = s.label_smoothing, .reduction = reduction});
  });
}

// Smoothing moves 0 and 1 towards 1/2: t (1 - s) + s / 2.
Value sigmoid_loss(const Value& output, const Value& target, const Value& weights, const LossSettings& s) {
  constexpr std::string_view kName = "sigmoid_cross_entropy";
  check_smoothing(s, kName);
  Value t = sigmoid_target(output, target);
  if (s.label_smoothing > 0) t = t * (1 - s.label_smoothing) + s.label_smoothing / 2;
  return reduced(weights, kName, [&](Reduction reduction) {
    return sigmoid_cross_entropy(output, t, {.reduction = reduction});
  });
}

Value mse_loss(const Value& output, const Value& target, const Value& weights, const LossSettings& s) {
  refuse_smoothing(s, "mse");
  const Value t = like_output(target, output, "mse");
  return reduced(weights, "mse", [&](Reduction reduction) {
    return mean_squared_error(output, t, {.reduction = reduction});
  });
}

Value mae_loss(const Value& output, const Value& target, const Value& weights, const LossSettings& s) {
  refuse_smoothing(s, "mae");
  const Value t = like_output(target, output, "mae");
  return reduced(weights, "mae", [&](Reduction reduction) {
    return mean_absolute_error(output, t, {.reduction = reduction});
  });
}

Value huber_loss(const Value& output, const Value& target, const Value& weights, const LossSettings& s) {
  refuse_smoothing(s, "huber");
  require(Fault::usage, s.huber_delta > 0, "huber: delta must be greater than 0, got {}.", s.huber_delta);
  const Value t = like_output(target, output, "huber");
  return reduced(weights, "huber", [&](Reduction reduction) {
    return huber(output, t, {.delta = s.huber_delta, .reduction = reduction});
  });
}

Value count(const Value& right) { return sum(cast(right, DType::i64)); }

Correct softmax_correct(const Value& output, const Value& target) {
  const Value classes = holds_classes(target) ? cast(class_list(target), DType::i64) : argmax(target);
  return {.count = count(equal(argmax(output), classes))};
}

Correct sigmoid_correct(const Value& output, const Value& target) {
  const Shape& shape = output.shape();
  const bool indices = holds_classes(target) && class_list(target).shape().rank() == 1;
  if (indices && shape.rank() == 2 && shape[1] > 1 && shape[0] == target.shape()[0])
    return softmax_correct(output, target);
  Graph& graph = output.graph();
  const Value t = like_output(target, output, "sigmoid_cross_entropy");
  const Value said = greater(output, scalar(graph, 0, output.dtype()));
  const Value is = greater(t, scalar(graph, 0.5, t.dtype()));
  const Value right = logical_or(logical_and(said, is), logical_and(logical_not(said), logical_not(is)));
  const std::int64_t n = shape[0];
  return {.count = count(right), .per_example = n == 0 ? 1 : shape.size() / n};
}

}  // namespace

const std::vector<LossDef>& losses() {
  static const std::vector<LossDef> table = {
      {.name = "softmax_cross_entropy",
       .doc = "minus the log-probability of the true class; one output per class",
       .classifies = true,
       .build = softmax_loss,
       .correct = softmax_correct},
      {.name = "sigmoid_cross_entropy",
       .doc = "minus the log-probability of each yes or no; one output per label",
       .classifies = true,
       .build = sigmoid_loss,
       .correct = sigmoid_correct},
      {.name = "mse", .doc = "mean of squared errors", .classifies = false, .build = mse_loss, .correct = {}},
      {.name = "mae",
       .doc = "mean of absolute errors",
       .classifies = false,
       .build = mae_loss,
       .correct = {}},
      {.name = "huber",
       .doc = "squared near 0, absolute beyond delta (Huber 1964)",
       .classifies = false,
       .build = huber_loss,
       .correct = {}},
  };
  return table;
}

const LossDef& find_loss(std::string_view name) {
  std::vector<std::string> names;
  for (const LossDef& loss : losses()) {
    if (loss.name == name) return loss;
    names.push_back(loss.name);
  }
  fail(Fault::usage, "loss '{}': there is no such loss.{} Known are {}.", name, did_you_mean(name, names),
       fmt::join(names, ", "));
}

}  // namespace gradus::nn
