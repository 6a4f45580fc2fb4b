// batch_norm, layer_norm, also as a chain of single operations, and group_norm.
#include "base/check.h"
#include "io/onnx/import/trail.h"
#include "nn/layer_def.h"

namespace gradus::io::onnx {
namespace {

void add_number(nn::LayerSpec& spec, const char* name, double number, double preset) {
  if (number != preset) spec.options.push_back({.name = name, .value = number});
}

Tensor filled(const Shape& shape, float number) {
  Tensor tensor(DType::f32, shape);
  tensor.fill(number);
  return tensor;
}

std::optional<Piece> batch_norm(const Trail& at) {
  const std::optional<Step> step = at.only("BatchNormalization");
  if (!step || at.example.rank() < 1) return {};
  const Attributes& attributes = step->attributes;
  require(attributes.integer("training_mode", 0) == 0 && attributes.integer("spatial", 1) == 1,
          "its training_mode must be 0 and its spatial 1.");
  Piece piece{.spec = {.kind = "batch_norm"}, .weights = {}, .value = {}};
  const char* names[] = {"scale", "bias", "mean", "variance"};
  for (std::size_t i = 0; i < 4; ++i) {
    piece.weights.push_back(step->numbers(i + 1, names[i]));
    require(piece.weights.back().shape() == Shape{at.example[0]}, "its {} must be [{}], it is {}.", names[i],
            at.example[0], piece.weights.back().shape().str());
  }
  add_number(piece.spec, "momentum", as_written(1 - as_written(attributes.real("momentum", 0.9))), 0.1);
  add_number(piece.spec, "epsilon", as_written(attributes.real("epsilon", 1e-5)), 1e-5);
  piece.value = at.after(*step).value;
  return piece;
}

// layer_norm over as many last axes as its weight has.
nn::LayerSpec layer_norm_spec(const Trail& at, const Tensor& weight, double epsilon) {
  const std::int64_t axes = weight.shape().rank();
  nn::LayerSpec spec{.kind = "layer_norm"};
  if (axes != (at.example.rank() == 3 ? 3 : 1)) spec.options.push_back({.name = "axes", .value = axes});
  add_number(spec, "epsilon", as_written(epsilon), 1e-5);
  return spec;
}

std::optional<Piece> layer_norm(const Trail& at) {
  const std::optional<Step> step = at.only("LayerNormalization");
  if (!step) return {};
  const std::int64_t rank = at.example.rank() + 1;
  std::int64_t axis = step->attributes.integer("axis", -1);
  axis = axis < 0 ? axis + rank : axis;
  step->attributes.ignore("stash_type");
  const Tensor weight = step->numbers(1, "scale");
  require(axis >= 1 && axis < rank && weight.shape().rank() == rank - axis,
          "its scale {} must have the axes it normalizes over, those from {} on, without the batch.",
          weight.shape().str(), axis);
  for (int i = 1; i <= weight.shape().rank(); ++i)
    require(weight.shape()[-i] == at.example[-i], "its scale is {}, the values are {}.", weight.shape().str(),
            at.example.str());
  const Tensor bias = step->has(2) ? step->numbers(2, "bias") : filled(weight.shape(), 0);
  return Piece{.spec = layer_norm_spec(at, weight, step->attributes.real("epsilon", 1e-5)),
               .weights = {weight, bias},
               .value = at.after(*step).value};
}

std::optional<Step> mean_over(const Trail& at, std::vector<std::int64_t>& axes) {
  std::optional<Step> step = at.among("ReduceMean");
  if (!step || step->attributes.integer("keepdims", 1) != 1) return {};
  axes = step->attributes.integers("axes");
  if (step->constant(1) != nullptr) axes = step->integers(1, "axes");
  step->attributes.ignore("noop_with_empty_axes");
  return step;
}

// (x - mean) / sqrt(mean((x - mean)^2) + epsilon) weight + bias, as torch writes it before opset 17.
std::optional<Piece> layer_norm_in_steps(const Trail& at) {
  std::vector<std::int64_t> axes, again;
  const std::optional<Step> mean = mean_over(at, axes), minus = at.among("Sub");
  if (at.readers().size() != 2 || !mean || !minus || minus->node().inputs[0] != at.value) return {};
  const Trail centred = at.after(*minus);
  const std::optional<Step> square = centred.among("Pow"), over = centred.among("Div");
  if (minus->node().inputs[1] != mean->node().outputs[0] || !square || !over) return {};
  if (square->constant(1) == nullptr || !is_number(*square->constant(1), 2)) return {};
  const Trail squared = centred.after(*square);
  const std::optional<Step> variance = mean_over(squared, again);
  if (!variance || again != axes) return {};
  const auto epsilon = squared.after(*variance).only_with_constant("Add");
  if (!epsilon || epsilon->constant.size() != 1) return {};
  const Trail summed = squared.after(epsilon->step);
  const std::optional<Step> root = summed.only("Sqrt");
  if (!root || over->node().inputs[1] != root->node().outputs[0]) return {};
  const auto scale = centred.after(*over).only_with_constant("Mul");
  if (!scale) return {};
  const auto shift = centred.after(scale->step).only_with_constant("Add");
  if (!shift || shift->constant.shape() != scale->constant.shape()) return {};
  const int count = scale->constant.shape().rank();
  for (std::size_t i = 0; i < axes.size(); ++i)  // the last ones, in order
    if (axes[i] != static_cast<std::int64_t>(i) - count &&
        axes[i] != static_cast<std::int64_t>(i) + at.example.rank() + 1 - count)
      return {};
  if (static_cast<int>(axes.size()) != count || count > at.example.rank()) return {};
  for (int i = 1; i <= count; ++i)
    if (scale->constant.shape()[-i] != at.example[-i]) return {};
  return Piece{.spec = layer_norm_spec(at, scale->constant, epsilon->constant.at(0)),
               .weights = {scale->constant.cast(DType::f32), shift->constant.cast(DType::f32)},
               .value = centred.after(shift->step).value};
}

// Numbers [C, 1, ...] for examples [C, ...].
std::optional<Tensor> per_channel(const Tensor& tensor, const Shape& example) {
  if (tensor.size() != example[0] || tensor.shape().rank() < example.rank() ||
      tensor.shape()[-example.rank()] != example[0])
    return {};
  return tensor.cast(DType::f32).reshaped({example[0]});
}

bool all_are(const Tensor& tensor, double number) {
  for (std::int64_t i = 0; i < tensor.size(); ++i)
    if (tensor.at(i) != number) return false;
  return true;
}

// Whether a Reshape gives the shape that `at` has.
bool goes_back(const Step& step, const Trail& at) {
  if (!step.has(1) || step.attributes.integer("allowzero", 0) != 0) return false;
  const std::string* of = at.net->shape_of(step.node().inputs[1]);
  if (of != nullptr && *of == at.value) return true;
  if (step.constant(1) == nullptr) return false;
  std::vector<std::int64_t> shape = step.integers(1, "shape");
  if (shape.size() != static_cast<std::size_t>(at.example.rank()) + 1) return false;
  shape.erase(shape.begin());
  return shape == at.example.list();
}

// Groups as channels, normalized each on its own, then weight and bias of the real channels.
std::optional<Piece> group_norm(const Trail& at) {
  const std::optional<Step> group = at.only("Reshape");
  if (!group || group->constant(1) == nullptr || at.example.rank() < 1) return {};
  if (group->attributes.integer("allowzero", 0) != 0) return {};
  const std::optional<Step> normed = at.after(*group).only("InstanceNormalization");
  if (!normed) return {};
  const double epsilon = as_written(normed->attributes.real("epsilon", 1e-5));
  const Trail inside = at.after(*group).after(*normed);
  const std::vector<std::int64_t> shape = group->integers(1, "shape");
  const Tensor ones = normed->numbers(1, "scale"), zeros = normed->numbers(2, "bias");
  const std::optional<Step> back = inside.only("Reshape");
  if (!back || !goes_back(*back, at)) return {};
  if (shape.size() != 3 || shape[1] != ones.size() || shape[1] < 1 || at.example[0] % shape[1] != 0 ||
      !all_are(ones, 1) || !all_are(zeros, 0))
    return {};
  const auto scale = inside.after(*back).only_with_constant("Mul");
  if (!scale) return {};
  const auto shift = inside.after(scale->step).only_with_constant("Add");
  if (!shift) return {};
  const auto weight = per_channel(scale->constant, at.example),
             bias = per_channel(shift->constant, at.example);
  if (!weight || !bias) return {};
  Piece piece{.spec = {.kind = "group_norm", .options = {{.name = "groups", .value = shape[1]}}},
              .weights = {*weight, *bias},
              .value = inside.after(shift->step).value};
  add_number(piece.spec, "epsilon", epsilon, 1e-5);
  return piece;
}

}  // namespace

std::vector<Recogniser> normalization_recognisers() {
  return {{"BatchNormalization", batch_norm},
          {"LayerNormalization", layer_norm},
          {"ReduceMean", layer_norm_in_steps},
          {"Reshape", group_norm}};
}

}  // namespace gradus::io::onnx
