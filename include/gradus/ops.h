// The public ops: functions that append nodes to the graph of their arguments. Each op's file under
// src/ops/ documents formula, shapes, gradient and source; docs/ops.md is generated from them.
//
// Float ops take f32 or f64, and both arguments of a binary op have the same element type. Binary ops
// broadcast as NumPy does: shapes are aligned at their last axis, and an axis of extent 1 stretches.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "gradus/value.h"

#pragma GCC visibility push(default)  // what the shared library exports
namespace gradus {

// ---- sources and state
Value input(Graph& graph, const Type& type, std::string name = "");  // fed by the caller at every run
Value constant(Graph& graph, const Tensor& value);
Value scalar(Graph& graph, double value, DType dtype = DType::f32);  // a constant of rank 0
Value full(Graph& graph, const Type& type, double value);            // a constant filled with one number
Value read(Graph& graph, const Variable& variable);          // the variable as it was before this step
Value assign(const Variable& variable, const Value& value);  // sets it when the step ends; gives `value`

// ---- arithmetic, per element
Value add(const Value& a, const Value& b);
Value sub(const Value& a, const Value& b);
Value mul(const Value& a, const Value& b);
Value div(const Value& a, const Value& b);
Value pow(const Value& a, const Value& b);      // a > 0 where the gradient with respect to b is wanted
Value maximum(const Value& a, const Value& b);  // at a = b each gets half the gradient
Value minimum(const Value& a, const Value& b);
Value neg(const Value& x);
Value exp(const Value& x);
Value log(const Value& x);
Value log1p(const Value& x);
Value sqrt(const Value& x);
Value rsqrt(const Value& x);
Value square(const Value& x);
Value abs(const Value& x);   // gradient 0 at 0
Value sign(const Value& x);  // -1, 0 or 1; gradient 0
Value erf(const Value& x);
Value sin(const Value& x);
Value cos(const Value& x);
Value atan(const Value& x);
struct ClipOptions {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  static void fields(auto& self, auto&& visit) {
    visit("low", self.low);
    visit("high", self.high);
  }
};
Value clip(const Value& x, const ClipOptions& options);  // gradient passes where low <= x <= high

// ---- activations, per element
Value sigmoid(const Value& x);
Value tanh(const Value& x);
Value relu(const Value& x);  // gradient 0 at 0
struct LeakyReluOptions {
  double slope = 0.01;
  static void fields(auto& self, auto&& visit) { visit("slope", self.slope); }
};
Value leaky_relu(const Value& x, const LeakyReluOptions& options = {});
struct EluOptions {
  double alpha = 1.0;
  static void fields(auto& self, auto&& visit) { visit("alpha", self.alpha); }
};
Value elu(const Value& x, const EluOptions& options = {});
struct SoftplusOptions {
  double beta = 1.0;
  static void fields(auto& self, auto&& visit) { visit("beta", self.beta); }
};
Value softplus(const Value& x, const SoftplusOptions& options = {});
Value selu(const Value& x);  // Klambauer et al. 2017
Value gelu(const Value& x);  // x Phi(x), exact (Hendrycks & Gimpel 2016)
Value silu(const Value& x);  // x sigmoid(x)

// ---- comparisons and choice; comparisons give bool and pass no gradient
Value equal(const Value& a, const Value& b);
Value not_equal(const Value& a, const Value& b);
Value less(const Value& a, const Value& b);
Value less_equal(const Value& a, const Value& b);
Value greater(const Value& a, const Value& b);
Value greater_equal(const Value& a, const Value& b);
Value logical_not(const Value& x);
Value logical_and(const Value& a, const Value& b);
Value logical_or(const Value& a, const Value& b);
Value is_finite(const Value& x);
Value select(const Value& condition, const Value& yes, const Value& no);  // bool, then two alike; broadcasts
Value cast(const Value& x, DType dtype);                                  // f32, f64: passes gradients
Value stop_gradient(const Value& x);

// ---- reductions
struct ReduceOptions {
  std::vector<std::int64_t> axes = {};  // negative ones count from the end; none given means all
  bool keep_dims = false;               // reduced axes stay with extent 1
  static void fields(auto& self, auto&& visit) {
    visit("axes", self.axes);
    visit("keep_dims", self.keep_dims);
  }
};
Value sum(const Value& x, const ReduceOptions& options = {});
// sum / n, with n elements along the axes; dx = dy / n. Refused: n = 0.
Value mean(const Value& x, const ReduceOptions& options = {});
// Over CompileOptions::ranks; x alone where there are none. It must not be made of constants only, which are
// computed when a program is compiled.
Value all_reduce(const Value& x);
Value max(const Value& x, const ReduceOptions& options = {});  // gradient to the first of equal winners
Value sum_to(const Value& x, const Shape& shape);              // undoes broadcasting: sums the stretched axes
struct AxisOptions {
  std::int64_t axis = -1;
  static void fields(auto& self, auto&& visit) { visit("axis", self.axis); }
};
Value argmax(const Value& x,
             const AxisOptions& options = {});  // i64, the axis removed; first of equal winners

// ---- shapes and places
Value reshape(const Value& x, const Shape& shape);
Value flatten(const Value& x);  // [N, ...] -> [N, product of the rest]
Value broadcast_to(const Value& x, const Shape& shape);
Value transpose(const Value& x, std::vector<std::int64_t> axes = {});  // none given reverses all axes
struct SliceOptions {
  // One per axis; 0 <= begin <= end <= extent, step >= 1; no steps mean 1.
  std::vector<std::int64_t> begin = {}, end = {}, step = {};
  static void fields(auto& self, auto&& visit) {
    visit("begin", self.begin);
    visit("end", self.end);
    visit("step", self.step);
  }
};
Value slice(const Value& x, const SliceOptions& options);
Value concat(const Values& parts, const AxisOptions& options);
struct PadOptions {
  // One per axis, none mean 0; between: elements put between neighbours.
  std::vector<std::int64_t> before = {}, after = {}, between = {};
  double value = 0.0;
  static void fields(auto& self, auto&& visit) {
    visit("before", self.before);
    visit("after", self.after);
    visit("between", self.between);
    visit("value", self.value);
  }
};
Value pad(const Value& x, const PadOptions& options);
Value gather(const Value& x, const Value& rows);  // x [R, ...], rows [...] i32/i64 -> [rows..., x's rest]
struct ScatterOptions {
  std::int64_t rows = 0;
  static void fields(auto& self, auto&& visit) { visit("rows", self.rows); }
};
Value scatter_add(const Value& x, const Value& rows, const ScatterOptions& options);  // adjoint of gather
struct OneHotOptions {
  std::int64_t classes = 0;
  DType dtype = DType::f32;
  static void fields(auto& self, auto&& visit) {
    visit("classes", self.classes);
    visit("dtype", self.dtype);
  }
};
Value one_hot(const Value& labels, const OneHotOptions& options);  // [...] -> [..., classes]

// ---- contractions
// Two inputs of f32, of f64, or of bf16. Of bf16, sums are made in f32 or better; images (conv2d,
// conv_transpose2d) are given as bf16 again, the rest as f32.
struct MatmulOptions {
  bool transpose_a = false, transpose_b = false;  // of the last two axes
  static void fields(auto& self, auto&& visit) {
    visit("transpose_a", self.transpose_a);
    visit("transpose_b", self.transpose_b);
  }
};
Value matmul(const Value& a, const Value& b, const MatmulOptions& options = {});  // batch axes broadcast

// ---- convolution and pooling of images x [N, C, H, W]; lists are (rows, columns)
enum class Layout : std::int64_t { channels_first, channels_last };  // [N, C, H, W], [N, H, W, C]
struct Conv2dOptions {
  std::vector<std::int64_t> stride = {1, 1}, pad_before = {0, 0}, pad_after = {0, 0}, dilation = {1, 1};
  std::int64_t groups = 1;
  std::vector<std::int64_t> size = {};     // conv_transpose2d: rows and columns of the result, by default the
                                           // fewest; conv2d_weight_grad: those of the kernel; conv2d: none
  Layout layout = Layout::channels_first;  // of x and y; weights are [O, C / groups, kh, kw] always
  static void fields(auto& self, auto&& visit) {
    visit("stride", self.stride);
    visit("pad_before", self.pad_before);
    visit("pad_after", self.pad_after);
    visit("dilation", self.dilation);
    visit("groups", self.groups);
    visit("size", self.size);
    visit("layout", self.layout);
  }
};
// x [N, C, H, W], weight [O, C / groups, kh, kw] -> [N, O, H', W'] (cross-correlation).
Value conv2d(const Value& x, const Value& weight, const Conv2dOptions& options = {});
// The gradient of conv2d with respect to x, and an op of its own: y [N, O, H', W'], the same weight ->
// [N, C, size...].
Value conv_transpose2d(const Value& y, const Value& weight, const Conv2dOptions& options = {});
// The gradient of conv2d with respect to its weight: x, dy -> [O, C / groups, size...].
Value conv2d_weight_grad(const Value& x, const Value& dy, const Conv2dOptions& options);
struct Conv1dOptions {
  std::int64_t stride = 1, pad_before = 0, pad_after = 0, dilation = 1, groups = 1;
};
// x [N, C, L], weight [O, C / groups, k] -> [N, O, L'].
Value conv1d(const Value& x, const Value& weight, const Conv1dOptions& options = {});
struct Pool2dOptions {
  std::vector<std::int64_t> kernel = {2, 2}, stride = {2, 2}, pad_before = {0, 0}, pad_after = {0, 0};
  bool count_padding = true;            // of averages: a window's padding counts as zeros
  std::vector<std::int64_t> size = {};  // the gradients: rows and columns of x; else none
  Layout layout = Layout::channels_first;
  static void fields(auto& self, auto&& visit) {
    visit("kernel", self.kernel);
    visit("stride", self.stride);
    visit("pad_before", self.pad_before);
    visit("pad_after", self.pad_after);
    visit("count_padding", self.count_padding);
    visit("size", self.size);
    visit("layout", self.layout);
  }
};
// Padding is 0 or more and less than the kernel; windows that do not fit whole are left out.
struct MaxPool2d {
  Value y, winners;  // winners, i32: the place of the largest in its window, row by row
};
MaxPool2d max_pool2d_winners(const Value& x, const Pool2dOptions& options = {});
Value max_pool2d(const Value& x,
                 const Pool2dOptions& options = {});  // gradient to the first of equal winners
// The values of x at the winners; and its adjoint, dy added up at the winners in an image of options.size.
Value max_pool2d_take(const Value& x, const Value& winners, const Pool2dOptions& options = {});
Value max_pool2d_grad(const Value& dy, const Value& winners, const Pool2dOptions& options);
Value avg_pool2d(const Value& x, const Pool2dOptions& options = {});
Value avg_pool2d_grad(const Value& dy, const Pool2dOptions& options);  // adjoint: an image of options.size
Value global_avg_pool2d(const Value& x);                               // -> [N, C]
// -> [N, C, size...]; window i of n covers floor(i H / n) ... ceil((i + 1) H / n) - 1.
Value adaptive_avg_pool2d(const Value& x, const std::vector<std::int64_t>& size);

// ---- normalization
// The normalized array, of the type of x, and the statistics of this batch [C].
struct BatchNorm {
  Value y, mean, variance;  // variance: biased, as the normalization uses it
};
struct BatchNormOptions {
  double epsilon = 1e-5;
  std::int64_t axis = 1;  // of the channels
  static void fields(auto& self, auto&& visit) {
    visit("epsilon", self.epsilon);
    visit("axis", self.axis);
  }
};
// y = (x - mean) / sqrt(variance + epsilon) * scale + shift, statistics over all axes but the channels';
// scale, shift, mean, variance [C].
BatchNorm batch_norm(const Value& x, const Value& scale, const Value& shift,
                     const BatchNormOptions& options = {});
// The statistics alone: mean and biased variance of each channel, over all axes but the channels', in f64.
struct Moments {
  Value mean, variance;
};
Moments moments(const Value& x, const AxisOptions& options = {.axis = 1});
// What batch_norm passes back for dy, mean and variance being given.
struct BatchNormGrad {
  Value dx, dscale, dshift;
};
BatchNormGrad batch_norm_grad(const Value& x, const Value& scale, const Value& mean, const Value& variance,
                              const Value& dy, const BatchNormOptions& options = {});
struct LayerNormOptions {
  std::int64_t axes = 1;  // how many trailing axes are normalized together
  double epsilon = 1e-5;
  static void fields(auto& self, auto&& visit) {
    visit("axes", self.axes);
    visit("epsilon", self.epsilon);
  }
};
// y = (x - mean) / sqrt(variance + epsilon), each example by itself; no scale, no shift.
Value layer_norm(const Value& x, const LayerNormOptions& options = {});
// What layer_norm passes back, from its y and inverse = 1 / sqrt(variance + epsilon), of the leading axes.
Value layer_norm_grad(const Value& y, const Value& inverse, const Value& dy);
struct GroupNormOptions {
  std::int64_t groups = 1;
  double epsilon = 1e-5;
};
// x [N, C, ...]: each group of neighbouring channels of an example by itself; no scale, no shift.
Value group_norm(const Value& x, const GroupNormOptions& options = {});

// ---- softmax and losses; losses are means over the batch unless reduction is none
Value softmax(const Value& x, const AxisOptions& options = {});
Value log_softmax(const Value& x, const AxisOptions& options = {});
enum class Reduction : std::int64_t { mean, none };
struct CrossEntropyOptions {
  double label_smoothing = 0.0;
  Reduction reduction = Reduction::mean;
};
// From logits [N, K] and class indices [N] (i32/i64) or probabilities [N, K]; none gives [N].
Value softmax_cross_entropy(const Value& logits, const Value& labels,
                            const CrossEntropyOptions& options = {});
struct LossOptions {
  Reduction reduction = Reduction::mean;
};
// From logits and targets in [0, 1] of one shape; the mean is over all elements.
Value sigmoid_cross_entropy(const Value& logits, const Value& targets, const LossOptions& options = {});
// Of y and target of one shape, whose mean is over all elements: (y - t)^2, gradient 2 (y - t).
Value mean_squared_error(const Value& y, const Value& target, const LossOptions& options = {});
// |y - t|, gradient sign(y - t), 0 at y = t.
Value mean_absolute_error(const Value& y, const Value& target, const LossOptions& options = {});
struct HuberOptions {
  double delta = 1.0;
  Reduction reduction = Reduction::mean;
};
// e^2 / 2 where |e| <= delta, else delta (|e| - delta / 2), with e = y - t: gradient e, cut to +-delta
// (Huber 1964).
Value huber(const Value& y, const Value& target, const HuberOptions& options = {});

// ---- random numbers: functions of counter [2] i64 = (seed, step) and of the stream
struct RandomOptions {
  Shape shape = {};
  DType dtype = DType::f32;
  std::int64_t stream = 0;       // different streams are independent
  double low = 0.0, high = 1.0;  // uniform: the range; normal: mean and deviation; bernoulli: high is P(1)
  static void fields(auto& self, auto&& visit) {
    visit("shape", self.shape);
    visit("dtype", self.dtype);
    visit("stream", self.stream);
    visit("low", self.low);
    visit("high", self.high);
  }
};
Value random_uniform(const Value& counter, const RandomOptions& options);
Value random_normal(const Value& counter, const RandomOptions& options);
Value random_bernoulli(const Value& counter, const RandomOptions& options);

// ---- operators; a number takes the element type of the other side
inline Value operator+(const Value& a, const Value& b) { return add(a, b); }
inline Value operator-(const Value& a, const Value& b) { return sub(a, b); }
inline Value operator*(const Value& a, const Value& b) { return mul(a, b); }
inline Value operator/(const Value& a, const Value& b) { return div(a, b); }
inline Value operator-(const Value& x) { return neg(x); }
Value operator+(const Value& a, double b);
Value operator-(const Value& a, double b);
Value operator*(const Value& a, double b);
Value operator/(const Value& a, double b);
Value operator+(double a, const Value& b);
Value operator-(double a, const Value& b);
Value operator*(double a, const Value& b);
Value operator/(double a, const Value& b);

// ---- the table of all built-in ops, sorted by name (for parsing, documentation and tests)
const std::vector<const OpDef*>& builtin_ops();

}  // namespace gradus
#pragma GCC visibility pop
