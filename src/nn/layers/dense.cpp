// dense: y = x W^T + b.
#include "base/check.h"
#include "nn/layer_def.h"
#include "nn/onnx.h"

namespace gradus::nn {

namespace {

constexpr std::int64_t kMaxWeight = std::int64_t{1} << 31;

Type weight_type(const DenseOptions& o) {
  require(o.in >= 1 && o.out >= 1, "dense: in and out must be at least 1, got in {} and out {}.", o.in,
          o.out);
  require(o.in <= kMaxWeight / o.out, "dense: a weight [{}, {}] is too large; 2^31 elements are the limit.",
          o.out, o.in);
  require(is_float(o.dtype), "dense: dtype must be f32 or f64, got {}.", gradus::name(o.dtype));
  return {o.dtype, {o.out, o.in}};
}

LayerPtr make(const LayerOptions& options, const Shape& input, const Making& making) {
  require(input.rank() == 1, "it takes examples of one axis, its input is {}. Put \"flatten\" before it.",
          input.str());
  return std::make_shared<Dense>(DenseOptions{.in = input[0],
                                              .out = options.integer("units"),
                                              .bias = options.flag("bias"),
                                              .init = options.init(),
                                              .dtype = making.dtype,
                                              .seed = {}});
}

}  // namespace

Dense::Dense(const DenseOptions& options) : Layer("dense") {
  weight_ = own("weight", weight_type(options), options.init);
  if (options.bias) bias_ = own_undecayed("bias", {options.dtype, {options.out}}, options.bias_init);
  if (options.seed) initialize(*options.seed);
}

Value Dense::build(const Value& x, const Pass&) const {
  const Type& w = weight_.type();
  require(x.dtype() == w.dtype, "{}: x is {}, the weight is {}. cast() x, or make the layer of x's dtype.",
          title(), x.type().str(), w.str());
  require(x.shape().rank() >= 1 && x.shape()[-1] == w.shape[1],
          "{}: x must have {} features along its last axis, it is {} (weight {}).", title(), w.shape[1],
          x.shape().str(), w.shape.str());
  // A vector is a batch of one.
  const bool vector = x.shape().rank() == 1;
  const Value rows = vector ? reshape(x, {1, x.shape()[0]}) : x;
  Value y = matmul(rows, read(x.graph(), weight_), {.transpose_b = true});
  if (bias_.defined()) y = y + read(x.graph(), bias_);
  return vector ? reshape(y, {w.shape[0]}) : y;
}

OnnxValue Dense::onnx(OnnxWriter& to, const OnnxValue& x) const {
  require(x.example.rank() == 1, "{}: only examples of one axis have a form in ONNX, these are {}.", title(),
          x.example.str());
  return to.add({.op = "Gemm",
                 .inputs = onnx_weighted(to, x, weight_, bias_),
                 .attributes = {{"transB", std::int64_t{1}}}},
                Shape{weight_.type().shape[0]});
}

extern const LayerDef dense_layer = {.kind = "dense",
                                     .doc = "every output a weighted sum of all inputs: y = x W^T + b",
                                     .options = {{.name = "units",
                                                  .type = OptionDef::Type::integer,
                                                  .doc = "number of outputs",
                                                  .low = 1,
                                                  .high = kMaxUnits},
                                                 bias_option(),
                                                 init_option()},
                                     .main = "units",
                                     .make = make};

}  // namespace gradus::nn
