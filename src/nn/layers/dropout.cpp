// dropout: elements set to zero at random in training, the rest enlarged so that means stay.
#include "nn/noise.h"
#include "nn/onnx.h"

namespace gradus::nn {

Dropout::Dropout(const DropoutOptions& options)
    : Layer("dropout"), rate_(checked_rate(options.rate, "dropout")) {}

Value Dropout::build(const Value& x, const Pass& pass) const {
  return pass.training && rate_ > 0 ? dropped(*this, x, pass, x.shape(), rate_) : x;
}

// In ONNX, too, it passes x on unless it is told to train.
OnnxValue Dropout::onnx(OnnxWriter& to, const OnnxValue& x) const {
  return onnx_binary(to, "Dropout", x, to.number("ratio", rate_));
}

extern const LayerDef dropout_layer = {
    .kind = "dropout",
    .doc = "in training, elements set to zero at random and the rest divided by 1 - rate",
    .options = {rate_option("probability of zero")},
    .main = "rate",
    .make = [](const LayerOptions& options, const Shape&, const Making&) -> LayerPtr {
      return std::make_shared<Dropout>(DropoutOptions{options.number("rate")});
    }};

}  // namespace gradus::nn
