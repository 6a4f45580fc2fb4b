// The layers. Each appends the ops of gradus/ops.h to the graph of its input; images are [N, C, H, W].
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "gradus/layer.h"
#include "gradus/ops.h"

#pragma GCC visibility push(default)  // what the shared library exports
namespace gradus::nn {

struct DenseOptions {
  std::int64_t in = 0, out = 0;  // features, at least 1 each
  bool bias = true;
  std::optional<Initializer> init = {};
  Initializer bias_init = Initializer::zeros();
  DType dtype = DType::f32;               // f32 or f64
  std::optional<std::uint64_t> seed = 0;  // none: variables stay zero until initialize()
};

// y = x W^T + b over the last axis: x [..., in], weight [out, in], bias [out] -> [..., out]. The bias takes
// no weight decay. Refused: x whose last axis is not `in`, another dtype, a weight of more than 2^31
// elements.
class Dense : public Layer {
 public:
  explicit Dense(const DenseOptions& options);
  const Variable& weight() const { return weight_; }
  const Variable& bias() const { return bias_; }  // undefined without bias

 private:
  Value build(const Value& x, const Pass& pass) const override;
  OnnxValue onnx(OnnxWriter& to, const OnnxValue& x) const override;
  Variable weight_, bias_;
};

// The op of the same name (gradus/ops.h), per element; Softmax along an axis.
class Activation : public Layer {
 public:
  std::optional<bool> rectifies() const override { return rectifies_; }

 protected:
  using Function = std::function<Value(const Value&)>;
  using OnnxFunction = std::function<OnnxValue(OnnxWriter&, const OnnxValue&)>;
  Activation(std::string kind, Function function, std::optional<bool> rectifies = false,
             OnnxFunction onnx_function = {});

 private:
  Value build(const Value& x, const Pass&) const override;
  OnnxValue onnx(OnnxWriter& to, const OnnxValue& x) const override;
  Function function_;
  OnnxFunction onnx_function_;
  std::optional<bool> rectifies_;
};

// Each is the op of its name; docs/ops.md has formulas and what the gradient is at kinks.
struct Sigmoid : Activation {
  Sigmoid();
};
struct Tanh : Activation {
  Tanh();
};
struct Relu : Activation {
  Relu();
  bool keeps_order() const override { return true; }
};
struct LeakyRelu : Activation {
  explicit LeakyRelu(const LeakyReluOptions& options = {});
};
struct Elu : Activation {
  explicit Elu(const EluOptions& options = {});
};
struct Selu : Activation {
  Selu();
};
struct Gelu : Activation {
  Gelu();
};
struct Silu : Activation {
  Silu();
};
struct Softplus : Activation {
  explicit Softplus(const SoftplusOptions& options = {});
};
struct Softmax : Activation {
  explicit Softmax(const AxisOptions& options = {});
};
struct Identity : Activation {
  Identity();
};

// [N, ...] -> [N, product of the rest].
class Flatten : public Layer {
 public:
  Flatten() : Layer("flatten") {}
  std::optional<bool> rectifies() const override { return {}; }

 private:
  Value build(const Value& x, const Pass&) const override { return flatten(x); }
  OnnxValue onnx(OnnxWriter& to, const OnnxValue& x) const override;
};

// [N, ...] -> [N, shape...], as many elements. One extent may be -1: what is left.
class Reshape : public Layer {
 public:
  explicit Reshape(std::vector<std::int64_t> shape);
  std::optional<bool> rectifies() const override { return {}; }

 private:
  Value build(const Value& x, const Pass&) const override;
  OnnxValue onnx(OnnxWriter& to, const OnnxValue& x) const override;
  std::vector<std::int64_t> shape_;
};

template <class T>
concept IsLayer = std::is_base_of_v<Layer, T>;

// One layer after the other. At the top its variables are named layers.0.weight, ...; inside another one
// layers.1.0.weight, ... (every entry counted). No two entries may share a variable.
class Sequential : public Layer {
 public:
  Sequential() : Sequential(std::vector<LayerPtr>()) {}  // passes x on
  template <IsLayer First, IsLayer... Rest>
  explicit Sequential(First first, Rest... rest)
      : Sequential(
            std::vector<LayerPtr>{hold(new First(std::move(first))), hold(new Rest(std::move(rest)))...}) {}
  explicit Sequential(std::vector<LayerPtr> layers, std::optional<std::uint64_t> seed = 0);
  std::optional<bool> rectifies() const override { return chain_rectifies(); }

 private:
  // Takes the layer over: make_shared would be compiled anew for every type of layer.
  static LayerPtr hold(Layer* layer);
  Value build(const Value& x, const Pass& pass) const override;
  OnnxValue onnx(OnnxWriter& to, const OnnxValue& x) const override;
};

// ---- Convolution and pooling: x [N, C, H, W] ----------------------------------------------------

// Zeros around x. `same`: as many as give ceil(extent / stride) outputs, an odd one behind. Else `zeros`,
// (rows, columns) or one number for both, on either side; none means 0.
struct Padding {
  bool same = false;
  std::vector<std::int64_t> zeros = {};
};

// Lists are (rows, columns), or one number for both.
struct Conv2dLayerOptions {
  std::int64_t in = 0, out = 0;  // channels, at least 1 each and multiples of `groups`
  std::vector<std::int64_t> kernel = {3, 3}, stride = {1, 1}, dilation = {1, 1};
  Padding padding = {};
  std::int64_t groups = 1;  // groups = in: depthwise
  bool bias = true;
  std::optional<Initializer> init = {};
  Initializer bias_init = Initializer::zeros();
  DType dtype = DType::f32;
  std::optional<std::uint64_t> seed = 0;
};

// Cross-correlation with weight [out, in / groups, kh, kw], plus bias [out] (LeCun et al. 1989):
// x [N, in, H, W] -> [N, out, H', W'].
class Conv2d : public Layer {
 public:
  explicit Conv2d(const Conv2dLayerOptions& options);
  const Variable& weight() const { return weight_; }
  const Variable& bias() const { return bias_; }  // undefined without bias

 private:
  Value build(const Value& x, const Pass& pass) const override;
  OnnxValue onnx(OnnxWriter& to, const OnnxValue& x) const override;
  Conv2dLayerOptions options_;
  Variable weight_, bias_;
};

struct ConvTranspose2dLayerOptions {
  std::int64_t in = 0, out = 0;
  std::vector<std::int64_t> kernel = {3, 3}, stride = {1, 1}, dilation = {1, 1};
  Padding padding = {};                           // taken off the result; same: [stride H, stride W]
  std::vector<std::int64_t> output_padding = {};  // further rows and columns behind, below the stride
  std::int64_t groups = 1;
  bool bias = true;
  std::optional<Initializer> init = {};
  Initializer bias_init = Initializer::zeros();
  DType dtype = DType::f32;
  std::optional<std::uint64_t> seed = 0;
};

// The transpose of Conv2d, which enlarges by the stride: weight [in, out / groups, kh, kw],
// H' = (H - 1) stride - 2 padding + dilation (kh - 1) + output_padding + 1.
class ConvTranspose2d : public Layer {
 public:
  explicit ConvTranspose2d(const ConvTranspose2dLayerOptions& options);

 private:
  Value build(const Value& x, const Pass& pass) const override;
  OnnxValue onnx(OnnxWriter& to, const OnnxValue& x) const override;
  ConvTranspose2dLayerOptions options_;
  Variable weight_, bias_;
};

struct Conv1dLayerOptions {
  std::int64_t in = 0, out = 0, kernel = 3, stride = 1, dilation = 1;
  Padding padding = {};
  std::int64_t groups = 1;
  bool bias = true;
  std::optional<Initializer> init = {};
  Initializer bias_init = Initializer::zeros();
  DType dtype = DType::f32;
  std::optional<std::uint64_t> seed = 0;
};

// x [N, in, L], weight [out, in / groups, k], bias [out] -> [N, out, L'].
class Conv1d : public Layer {
 public:
  explicit Conv1d(const Conv1dLayerOptions& options);

 private:
  Value build(const Value& x, const Pass& pass) const override;
  OnnxValue onnx(OnnxWriter& to, const OnnxValue& x) const override;
  Conv1dLayerOptions options_;
  Variable weight_, bias_;
};

struct PoolLayerOptions {
  std::vector<std::int64_t> kernel = {2, 2}, stride = {};  // no stride: the kernel's extents
  Padding padding = {};
  bool count_padding = true;  // of averages: zeros around x count
};

// [N, C, H, W] -> [N, C, H', W']: the largest, the mean of each window.
class MaxPool2d : public Layer {
 public:
  explicit MaxPool2d(const PoolLayerOptions& options = {});
  std::optional<bool> rectifies() const override { return {}; }
  bool takes_largest() const override { return true; }

 private:
  Value build(const Value& x, const Pass& pass) const override;
  OnnxValue onnx(OnnxWriter& to, const OnnxValue& x) const override;
  PoolLayerOptions options_;
};
class AvgPool2d : public Layer {
 public:
  explicit AvgPool2d(const PoolLayerOptions& options = {});
  std::optional<bool> rectifies() const override { return {}; }

 private:
  Value build(const Value& x, const Pass& pass) const override;
  OnnxValue onnx(OnnxWriter& to, const OnnxValue& x) const override;
  PoolLayerOptions options_;
};

// [N, C, H, W] -> [N, C]: the mean of each channel.
class GlobalAvgPool2d : public Layer {
 public:
  GlobalAvgPool2d() : Layer("global_avg_pool2d") {}
  std::optional<bool> rectifies() const override { return {}; }

 private:
  Value build(const Value& x, const Pass& pass) const override;
  OnnxValue onnx(OnnxWriter& to, const OnnxValue& x) const override;
};

// [N, C, H, W] -> [N, C, size...]: means over size[0] x size[1] parts.
class AdaptiveAvgPool2d : public Layer {
 public:
  explicit AdaptiveAvgPool2d(const std::vector<std::int64_t>& size);
  std::optional<bool> rectifies() const override { return {}; }

 private:
  Value build(const Value& x, const Pass& pass) const override;
  OnnxValue onnx(OnnxWriter& to, const OnnxValue& x) const override;
  std::vector<std::int64_t> size_;
};

// ---- Normalization: weights start at 1, biases at 0, neither decays ------------------------------

struct BatchNormLayerOptions {
  std::int64_t channels = 0;
  double momentum = 0.1;  // the share of the new statistics in the running ones, 0 to 1
  double epsilon = 1e-5;
  DType dtype = DType::f32;
};

// y = (x - mean) / sqrt(variance + epsilon) weight + bias, per channel (axis 1), for x [N, C] and [N, C, ...]
// (Ioffe & Szegedy 2015). In training: statistics of the batch (biased variance), and
//     running = (1 - momentum) running + momentum statistic
// when the step ends, with the unbiased variance (left as it is by a batch of one value a channel). In
// evaluation, and where its variables are not trainable: the running statistics, which start at 0 and 1.
class BatchNorm : public Layer {
 public:
  explicit BatchNorm(const BatchNormLayerOptions& options);
  std::optional<bool> rectifies() const override { return {}; }
  const Variable& running_mean() const { return running_mean_; }
  const Variable& running_var() const { return running_var_; }

 private:
  Value build(const Value& x, const Pass& pass) const override;
  Value build_across_ranks(const Value& x, const Value& examples) const;
  OnnxValue onnx(OnnxWriter& to, const OnnxValue& x) const override;
  BatchNormLayerOptions options_;
  Variable weight_, bias_, running_mean_, running_var_;
};

struct LayerNormLayerOptions {
  Shape shape = {};  // the trailing axes that are normalized together; weight and bias have it
  double epsilon = 1e-5;
  DType dtype = DType::f32;
};

// (x - mean) / sqrt(variance + epsilon) weight + bias over the trailing axes of each example
// (Ba, Kiros & Hinton 2016).
class LayerNorm : public Layer {
 public:
  explicit LayerNorm(const LayerNormLayerOptions& options);
  std::optional<bool> rectifies() const override { return {}; }

 private:
  Value build(const Value& x, const Pass& pass) const override;
  OnnxValue onnx(OnnxWriter& to, const OnnxValue& x) const override;
  LayerNormLayerOptions options_;
  Variable weight_, bias_;
};

struct GroupNormLayerOptions {
  std::int64_t channels = 0, groups = 1;  // groups divide the channels
  double epsilon = 1e-5;
  DType dtype = DType::f32;
};

// x [N, C, ...]: each example's groups of neighbouring channels are normalized; weight and bias [C]
// (Wu & He 2018).
class GroupNorm : public Layer {
 public:
  explicit GroupNorm(const GroupNormLayerOptions& options);
  std::optional<bool> rectifies() const override { return {}; }

 private:
  Value build(const Value& x, const Pass& pass) const override;
  OnnxValue onnx(OnnxWriter& to, const OnnxValue& x) const override;
  GroupNormLayerOptions options_;
  Variable weight_, bias_;
};

// ---- Noise: in training only, from Pass.counter; x itself in evaluation ---------------------------

struct DropoutOptions {
  double rate = 0.5;  // the probability of 0, in [0, 1)
};

// x mask / (1 - rate): elements are dropped independently (Srivastava et al. 2014).
class Dropout : public Layer {
 public:
  explicit Dropout(const DropoutOptions& options = {});
  std::optional<bool> rectifies() const override { return {}; }

 private:
  Value build(const Value& x, const Pass& pass) const override;
  OnnxValue onnx(OnnxWriter& to, const OnnxValue& x) const override;
  double rate_;
};

// The same with whole channels of x [N, C, ...] dropped (Tompson et al. 2015).
class SpatialDropout : public Layer {
 public:
  explicit SpatialDropout(const DropoutOptions& options = {});
  std::optional<bool> rectifies() const override { return {}; }

 private:
  Value build(const Value& x, const Pass& pass) const override;
  OnnxValue onnx(OnnxWriter& to, const OnnxValue& x) const override;
  double rate_;
};

struct GaussianNoiseOptions {
  double std = 0.1;  // at least 0
};

// x + std times standard normal numbers.
class GaussianNoise : public Layer {
 public:
  explicit GaussianNoise(const GaussianNoiseOptions& options = {});
  std::optional<bool> rectifies() const override { return {}; }

 private:
  Value build(const Value& x, const Pass& pass) const override;
  OnnxValue onnx(OnnxWriter& to, const OnnxValue& x) const override;
  double std_;
};

// ---- Networks of layers ---------------------------------------------------------------------------

// How x is brought to the shape of F(x).
struct ResidualOptions {
  std::vector<LayerPtr> layers = {};  // F
  LayerPtr projection = {};           // none: x itself, or `zero_pad`
  // Every s-th row and column of x, where F(x) is 1 / s of its size, and zero channels behind
  // (He et al. 2015, option A).
  bool zero_pad = false;
  LayerPtr activation = {};  // of the sum, a layer without variables; none: pre-activation blocks
  std::optional<std::uint64_t> seed = 0;
};

// activation(shortcut(x) + F(x)) (He et al. 2015, 2016). F's layers are PATH.0, PATH.1, ..., the projection
// takes the number behind them.
class Residual : public Layer {
 public:
  explicit Residual(const ResidualOptions& options);
  std::optional<bool> rectifies() const override { return chain_rectifies(); }

 private:
  Value build(const Value& x, const Pass& pass) const override;
  OnnxValue onnx(OnnxWriter& to, const OnnxValue& x) const override;
  void follow(bool rectifier) override;
  Value shortcut(const Value& x, const Shape& shape, const Pass& pass) const;
  OnnxValue onnx_shortcut(OnnxWriter& to, const OnnxValue& x, const Shape& example) const;
  std::size_t depth_;
  bool projects_, zero_pad_;
  LayerPtr activation_;
};

// How what a layer makes of x is joined with x.
enum class Join : std::uint8_t { concatenate, product, branch, add };

struct DenseBlockOptions {
  std::int64_t in = 0, layers = 1;  // channels of x; how many H
  std::int64_t growth = 12;         // channels of each H(x); product keeps the channels of x
  Join join = Join::concatenate;    // concatenate, product or branch
  bool bottleneck = false;
  double dropout = 0;  // behind every H
  std::optional<Initializer> init = {};
  DType dtype = DType::f32;
  std::optional<std::uint64_t> seed = 0;
};

// With H = batch_norm, relu, 3x3 convolution without bias; with a bottleneck batch_norm, relu, 1x1
// convolution to 4 times the channels, before it:
//   concatenate  x <- [x, H(x)] for each H (Huang et al. 2017)
//   product      x <- x H(x), element by element
//   branch       [x, H1(x), ..., Hn(x)]: each H reads the block's input
// H number i is the list PATH.i.
class DenseBlock : public Layer {
 public:
  explicit DenseBlock(const DenseBlockOptions& options);
  std::optional<bool> rectifies() const override { return chain_rectifies(); }

 private:
  Value build(const Value& x, const Pass& pass) const override;
  OnnxValue onnx(OnnxWriter& to, const OnnxValue& x) const override;
  Join join_;
};

struct TransitionOptions {
  std::int64_t in = 0;
  double compression = 1;  // theta, in (0, 1]
  std::optional<Initializer> init = {};
  DType dtype = DType::f32;
  std::optional<std::uint64_t> seed = 0;
};

// Between dense blocks: batch_norm, relu, 1x1 convolution without bias to floor(theta C) channels, average
// pooling by 2 (Huang et al. 2017).
class Transition : public Layer {
 public:
  explicit Transition(const TransitionOptions& options);
  std::optional<bool> rectifies() const override { return chain_rectifies(); }

 private:
  Value build(const Value& x, const Pass& pass) const override;
  OnnxValue onnx(OnnxWriter& to, const OnnxValue& x) const override;
};

// Layers that all read x, their results joined: along axis 1, added or multiplied. Branch i is PATH.i.
struct ParallelOptions {
  std::vector<LayerPtr> branches = {};
  Join join = Join::concatenate;  // concatenate, add or product
  std::optional<std::uint64_t> seed = 0;
};
class Parallel : public Layer {
 public:
  explicit Parallel(const ParallelOptions& options);
  std::optional<bool> rectifies() const override { return chain_rectifies(); }

 private:
  Value build(const Value& x, const Pass& pass) const override;
  OnnxValue onnx(OnnxWriter& to, const OnnxValue& x) const override;
  Join join_;
};

}  // namespace gradus::nn
#pragma GCC visibility pop
