#include "train/health/wording.h"

#include <algorithm>

#include "base/check.h"

namespace gradus::train {

namespace {

constexpr Wording kWordings[] = {
    {"vanishing_gradients",
     "the gradient vanishes on its way back: its norm is {last} at {last_layer} and {first} here, a {part}th "
     "(at step {before}: a {part_before}th)",
     "take relu instead of sigmoid or tanh, add batch_norm or residual connections, or initialize weights "
     "with he_normal or glorot_uniform"},
    {"exploding_gradients",
     "the gradient explodes on its way back: its norm is {last} at {last_layer} and {first} here, {times} "
     "times as large",
     "cut gradients off with --clip-norm 1, take a smaller --lr, or initialize weights with he_normal or "
     "glorot_uniform"},
    {"exploding_gradients.grown",
     "the norm of the gradient is {norm}, {norm_before} at step {before}, and the loss rose from "
     "{loss_before} to {loss}",
     "cut gradients off with --clip-norm 1, take a smaller --lr, or initialize weights with he_normal or "
     "glorot_uniform"},
    {"no_gradient",
     "no gradient arrives: dL/dy is exactly 0 here at steps {before} and {step}, and {last} at {last_layer}",
     "look for weights of zeros or dead relu units behind it, and initialize with he_normal; or leave it out "
     "with --freeze"},
    {"no_gradient.unreachable", "the loss does not depend on it by operations that pass gradients",
     "connect it to the output, or leave it out with --freeze"},
    {"dying_units", "{percent} % of its {units} units gave 0 for the whole batch at step {step}",
     "take a smaller --lr, leaky_relu instead of relu, or put batch_norm before it"},
    {"dying_units.since",
     "{percent} % of its {units} units gave 0 for the whole batch at step {step} ({percent_before} % at step "
     "{before})",
     "take a smaller --lr, leaky_relu instead of relu, or put batch_norm before it"},
    {"saturation",
     "{percent} % of its outputs were saturated at step {step}: where the slope is near 0, no gradient "
     "passes",
     "scale the inputs with --standardize on, initialize with glorot_uniform, take a smaller --lr, or put "
     "batch_norm before it"},
    {"saturation.since",
     "{percent} % of its outputs were saturated at step {step} ({percent_before} % at step {before}): where "
     "the slope is near 0, no gradient passes",
     "scale the inputs with --standardize on, initialize with glorot_uniform, take a smaller --lr, or put "
     "batch_norm before it"},
    {"high_learning_rate",
     "the learning rate {lr} is too high: update {update} changed the median weight matrix by {percent} % "
     "(0.1 % is usual)",
     "take --lr {better}, or look for one with gradus lr-find"},
    {"high_learning_rate.risen",
     "the learning rate {lr} is too high: update {update} changed the median weight matrix by {percent} % "
     "(0.1 % is usual), and the loss rose from {loss_before} to {loss}",
     "take --lr {better}, or look for one with gradus lr-find"},
    {"low_learning_rate",
     "the learning rate {lr} is too low: an update changes the median weight matrix by {percent} % (0.1 % is "
     "usual), and the loss, {loss_before} at step {before}, is {loss}",
     "take --lr {better}, or look for one with gradus lr-find"},
    {"overfitting",
     "the network learns its training examples by heart: since epoch {epoch} the validation loss rose from "
     "{val_before} to {val}, while the training loss fell from {train_before} to {train}",
     "take more data or --augment, add dropout, --weight-decay or --label-smoothing, or a smaller network; "
     "the weights of the best epoch are kept"},
    {"unrelated_labels",
     "the labels look unrelated to the inputs: after {epochs} epochs the lowest training loss is {loss}, and "
     "an answer that does not look at the inputs gives {chance}",
     "see that row i of the labels belongs to row i of the inputs (one of them may have been sorted or "
     "shuffled alone); if so, take a larger network or more epochs"},
    {"unrelated_labels.validation",
     "the labels look unrelated to the inputs: after {epochs} epochs the lowest validation loss is {loss}, "
     "and an answer that does not look at the inputs gives {chance}",
     "see that row i of the labels belongs to row i of the inputs (one of them may have been sorted or "
     "shuffled alone); if so, take a larger network or more epochs"},
    {"not_finite.node",
     "not all numbers stayed finite: step {step}: the first NaN or infinity came from {node}",
     "take a smaller --lr, or cut gradients off with --clip-norm 1"},
    {"not_finite.variable", "not all numbers stayed finite: step {step}: '{variable}' is NaN or infinite",
     "take a smaller --lr, or cut gradients off with --clip-norm 1"},
    {"not_finite.loss", "not all numbers stayed finite: step {step}: the loss is NaN or infinite",
     "take a smaller --lr, or cut gradients off with --clip-norm 1"},
    {"unscaled_inputs", "column {large} has a root mean square of {large_size}; inputs of about 1 train best",
     "add --standardize on"},
    {"unscaled_inputs.apart",
     "column {large} has a root mean square of {large_size}, column {small} of {small_size}; inputs of about "
     "1 train best",
     "add --standardize on"},
    {"unscaled_inputs.whole",
     "the inputs have a root mean square of {large_size}; inputs of about 1 train best",
     "add --standardize on"},
    {"unshuffled_labels.validation",
     "{examples} of {all} validation examples are of classes that no training example has ({classes})",
     "shuffle the examples before they are cut into parts, or use val_split and test="},
    {"unshuffled_labels.test",
     "{examples} of {all} test examples are of classes that no training example has ({classes})",
     "shuffle the examples before they are cut into parts, or use val_split and test="},
    {"wrong_loss.one_output", "softmax of one output is always 1, so its loss is 0",
     "end in one unit for each class, or take --loss sigmoid_cross_entropy"},
    {"wrong_loss.twice", "{kind} is taken twice: by the last layer, and by {loss}",
     "leave the last {kind} out"},
    {"wrong_loss.bounded", "{loss} takes logits, any numbers, and {kind} bounds them",
     "leave the last {kind} out"},
    {"wrong_loss.range",
     "{kind} gives numbers from {low} to {high}, the targets go from {targets_low} to {targets_high}",
     "leave the last {kind} out"},
};

std::string filled(std::string_view sentence, const FindingValues& values) {
  std::string text;
  while (!sentence.empty()) {
    const std::size_t open = std::min(sentence.find('{'), sentence.size());
    text += sentence.substr(0, open);
    sentence.remove_prefix(open);
    if (sentence.empty()) break;
    const std::size_t close = sentence.find('}');
    const std::string_view name = sentence.substr(1, close - 1);
    const auto value =
        std::find_if(values.begin(), values.end(), [&](const auto& entry) { return entry.first == name; });
    GRADUS_CHECK(value != values.end());
    text += value->second;
    sentence.remove_prefix(close + 1);
  }
  return text;
}

}  // namespace

std::span<const Wording> wordings() { return kWordings; }

Finding finding(std::string_view key, std::string place, std::int64_t step, FindingValues values) {
  const auto wording = std::find_if(std::begin(kWordings), std::end(kWordings),
                                    [&](const Wording& known) { return known.key == key; });
  GRADUS_CHECK(wording != std::end(kWordings));
  return {.rule = std::string(key.substr(0, key.find('.'))),
          .place = std::move(place),
          .step = step,
          .evidence = filled(wording->evidence, values),
          .remedy = filled(wording->remedy, values),
          .wording = std::string(key),
          .values = std::move(values)};
}

}  // namespace gradus::train
