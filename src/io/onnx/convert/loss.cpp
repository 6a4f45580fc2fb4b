// Losses over class indices.
#include <limits>

#include "io/onnx/convert/families.h"
#include "io/onnx/convert/support.h"

namespace gradus::io::onnx {
namespace {

// Minus the log probability of each label, times its class' weight; labels of ignore_index count for nothing.
// log_p [N, C, d...], labels [N, d...], weights [C].
Value loss_of(const Call& call, const Value& log_p, std::size_t labels_at) {
  const Shape& s = log_p.shape();
  require(s.rank() >= 2, "scores [N, C, ...] were needed, they are {}.", log_p.type().str());
  const Value given = cast(call.in(labels_at), DType::i64);
  require(given.shape() == s.without(1), "labels {} do not fit scores {}.", given.type().str(),
          log_p.type().str());
  const std::int64_t classes = s[1], count = given.shape().size();
  Value labels = reshape(given, {count});
  Value counts;  // 1 or 0; empty: all count
  if (call.given("ignore_index")) {
    const Value ignored = list(call.graph(), {call.integer("ignore_index", 0)});
    counts = cast(not_equal(labels, ignored), log_p.dtype());
    labels = select(equal(labels, ignored), number(labels, 0), labels);
  }
  const Value flat = reshape(moved(log_p, 1, s.rank() - 1), {count * classes});
  const Value places = iota(call.graph(), count) * list(call.graph(), {classes}) + labels;
  // Looked up by itself, too: a label beyond the classes must not name the next example's.
  Value weight = call.has(labels_at + 1) ? call.in(labels_at + 1)
                                         : full(call.graph(), {log_p.dtype(), Shape{classes}}, 1);
  weight = gather(weight, labels);
  if (counts) weight = weight * counts;
  const Value losses = neg(gather(flat, places)) * weight;
  const std::string reduction = call.text("reduction", "mean");
  if (reduction == "none") return reshape(losses, given.shape());
  if (reduction == "sum") return sum(losses);
  require(reduction == "mean", "reduction must be none, sum or mean, it is '{}'.", reduction);
  return sum(losses) / sum(weight);
}

Values likelihood_loss(const Call& call) { return {loss_of(call, call.in(0), 1)}; }

Values cross_entropy(const Call& call) {
  const Value log_p = log_softmax(call.in(0), {.axis = 1});
  return {loss_of(call, log_p, 1), log_p};
}

}  // namespace

std::vector<Converter> loss_ops() {
  return {{"NegativeLogLikelihoodLoss", likelihood_loss}, {"SoftmaxCrossEntropyLoss", cross_entropy}};
}

}  // namespace gradus::io::onnx
