// Convolutions and pooling.
#include <algorithm>

#include "base/check.h"
#include "io/onnx/import/trail.h"
#include "nn/images.h"

namespace gradus::io::onnx {
namespace {

using Integers = std::vector<std::int64_t>;

// Where a node's windows lie, along each axis but batch and channels.
struct Windows {
  Integers kernel, stride, dilation, before, after;
  bool same = false;  // auto_pad says so
};

Windows windows_of(const Step& step, const Integers& kernel) {
  const Attributes& attributes = step.attributes;
  const std::size_t axes = kernel.size();
  Windows w{.kernel = attributes.integers("kernel_shape", kernel),
            .stride = attributes.integers("strides", Integers(axes, 1)),
            .dilation = attributes.integers("dilations", Integers(axes, 1)),
            .before = Integers(axes, 0),
            .after = Integers(axes, 0)};
  const Integers pads = attributes.integers("pads", Integers(2 * axes, 0));
  require(w.kernel.size() == axes && w.stride.size() == axes && w.dilation.size() == axes &&
              pads.size() == 2 * axes,
          "its kernel_shape, strides, dilations or pads are not for {} axes.", axes);
  for (const Integers* list : {&w.kernel, &w.stride, &w.dilation})
    for (const std::int64_t n : *list)
      require(n >= 1 && n <= static_cast<std::int64_t>(nn::kMaxUnits),
              "its kernel_shape, strides and dilations must be 1 to {}, {} is among them.",
              static_cast<std::int64_t>(nn::kMaxUnits), n);
  for (const std::int64_t n : pads)
    require(n >= 0 && n <= static_cast<std::int64_t>(nn::kMaxUnits),
            "its pads must be 0 to {}, {} is among them.", static_cast<std::int64_t>(nn::kMaxUnits), n);
  const auto half = pads.begin() + static_cast<std::ptrdiff_t>(axes);
  w.before.assign(pads.begin(), half);
  w.after.assign(half, pads.end());
  const std::string automatic = attributes.text("auto_pad", "NOTSET");
  require(automatic == "NOTSET" || automatic == "VALID" || automatic == "SAME_UPPER",
          "its auto_pad {} is not supported, only NOTSET, VALID and SAME_UPPER.", automatic);
  w.same = automatic == "SAME_UPPER";
  return w;
}

void add_list(nn::LayerSpec& spec, const char* name, const Integers& list, std::int64_t preset) {
  if (std::all_of(list.begin(), list.end(), [&](std::int64_t n) { return n == preset; })) return;
  const bool alike = std::all_of(list.begin(), list.end(), [&](std::int64_t n) { return n == list[0]; });
  spec.options.push_back({.name = name, .value = alike ? Integers{list[0]} : list});
}

void add_kernel(nn::LayerSpec& spec, const Integers& kernel) { add_list(spec, "kernel", kernel, 0); }

// Equal zeros on either side, or those of "same".
void add_padding(nn::LayerSpec& spec, const Windows& w, const Shape& example) {
  if (!w.same && w.before == w.after) return add_list(spec, "padding", w.before, 0);
  if (!w.same) {
    for (std::size_t axis = 0; axis < w.kernel.size(); ++axis) {
      const nn::Window window{w.kernel[axis], w.stride[axis], w.dilation[axis]};
      const nn::Zeros zeros =
          nn::zeros_around({.same = true}, window, example[static_cast<int>(axis) + 1], axis, "its windows");
      require(
          zeros.before == w.before[axis] && zeros.after == w.after[axis],
          "its pads before and behind differ, {} and {} along axis {}. Only equal ones are supported, and "
          "those that give ceil(extent / stride) outputs.",
          w.before[axis], w.after[axis], axis + 2);
    }
  }
  spec.options.push_back({.name = "padding", .value = std::string("same")});
}

Integers behind(const Shape& shape, int first) { return {shape.begin() + first, shape.end()}; }

// Weight and bias of a convolution; axis `in` of the weight has the channels of x, or of one group.
std::vector<Tensor> weights_of(const Step& step, const Shape& example, int in) {
  const int rank = example.rank() + 1;
  const std::int64_t groups = step.attributes.integer("group", 1);
  std::vector<Tensor> weights = {step.numbers(1, "weight")};
  require(weights[0].shape().rank() == rank, "its weight must have {} axes, it is {}.", rank,
          weights[0].shape().str());
  require(groups >= 1 && weights[0].shape()[in] == (in == 0 ? example[0] : example[0] / groups),
          "its weight {} does not fit values {} in {} groups.", weights[0].shape().str(), example.str(),
          groups);
  if (step.has(2)) weights.push_back(step.numbers(2, "bias"));
  return weights;
}

void add_rest(nn::LayerSpec& spec, const Windows& w, const Step& step, bool has_bias) {
  add_list(spec, "dilation", w.dilation, 1);
  const std::int64_t groups = step.attributes.integer("group", 1);
  if (groups != 1) spec.options.push_back({.name = "groups", .value = groups});
  if (!has_bias) spec.options.push_back({.name = "bias", .value = false});
}

std::optional<Piece> convolution(const Trail& at) {
  const std::optional<Step> step = at.only("Conv");
  const int axes = at.example.rank() - 1;
  if (!step || (axes != 1 && axes != 2)) return {};
  Piece piece{.spec = {.kind = axes == 1 ? "conv1d" : "conv2d"},
              .weights = weights_of(*step, at.example, 1),
              .value = {}};
  const Shape& weight = piece.weights[0].shape();
  const Windows w = windows_of(*step, behind(weight, 2));
  require(w.kernel == behind(weight, 2), "its kernel_shape is not that of its weight {}.", weight.str());
  piece.spec.options = {{.name = "filters", .value = weight[0]}};
  add_kernel(piece.spec, w.kernel);
  add_list(piece.spec, "stride", w.stride, 1);
  add_padding(piece.spec, w, at.example);
  add_rest(piece.spec, w, *step, piece.weights.size() > 1);
  piece.value = at.after(*step).value;
  return piece;
}

std::optional<Piece> transposed_convolution(const Trail& at) {
  const std::optional<Step> step = at.only("ConvTranspose");
  if (!step || at.example.rank() != 3) return {};
  Piece piece{.spec = {.kind = "conv_transpose2d"}, .weights = weights_of(*step, at.example, 0), .value = {}};
  const Shape& weight = piece.weights[0].shape();
  const Windows w = windows_of(*step, behind(weight, 2));
  require(w.kernel == behind(weight, 2), "its kernel_shape is not that of its weight {}.", weight.str());
  require(!w.same && !step->attributes.given("output_shape"),
          "its auto_pad or output_shape is not supported. Write pads and output_padding.");
  const Integers further = step->attributes.integers("output_padding", {0, 0});
  require(further.size() == 2, "its output_padding must be two numbers.");
  bool plain = w.before == w.after, same = true;
  for (std::size_t axis = 0; axis < 2; ++axis) {
    const nn::Window window{w.kernel[axis], w.stride[axis], w.dilation[axis]};
    plain = plain && further[axis] >= 0 && further[axis] < std::max(window.stride, window.dilation);
    const std::int64_t total = std::max<std::int64_t>(window.reach() - window.stride, 0);
    same = same && w.before[axis] == total / 2 && w.after[axis] == total - total / 2 &&
           further[axis] == std::max<std::int64_t>(window.stride - window.reach(), 0);
  }
  require(plain || same,
          "its pads before and behind differ, or its output_padding is too large. Only equal pads are "
          "supported, and those that give the stride times the size.");
  piece.spec.options = {{.name = "filters", .value = weight[1] * step->attributes.integer("group", 1)}};
  add_kernel(piece.spec, w.kernel);
  add_list(piece.spec, "stride", w.stride, 1);
  if (plain) {
    add_list(piece.spec, "padding", w.before, 0);
    add_list(piece.spec, "output_padding", further, 0);
  } else {
    piece.spec.options.push_back({.name = "padding", .value = std::string("same")});
  }
  add_rest(piece.spec, w, *step, piece.weights.size() > 1);
  piece.value = at.after(*step).value;
  return piece;
}

// Rounding up counts only where it gives another number of windows.
void refuse_ceiling(const Step& step, const Windows& w, const Shape& example) {
  if (step.attributes.integer("ceil_mode", 0) == 0 || w.same) return;
  for (std::size_t axis = 0; axis < w.kernel.size(); ++axis) {
    const std::int64_t rest =
        example[static_cast<int>(axis) + 1] + w.before[axis] + w.after[axis] - w.kernel[axis];
    require(rest % w.stride[axis] == 0,
            "its ceil_mode 1 gives windows that leave the image. Only 0 is supported.");
  }
}

nn::LayerSpec pooling(const Trail& at, const Step& step, const char* kind) {
  require(step.attributes.given("kernel_shape"), "its kernel_shape is missing.");
  const Windows w = windows_of(step, {0, 0});
  require(w.dilation == Integers({1, 1}), "its dilations are not supported.");
  refuse_ceiling(step, w, at.example);
  nn::LayerSpec spec{.kind = kind};
  add_kernel(spec, w.kernel);
  if (w.stride != w.kernel) add_list(spec, "stride", w.stride, 0);
  add_padding(spec, w, at.example);
  return spec;
}

std::optional<Piece> max_pool(const Trail& at) {
  const std::optional<Step> step = at.only("MaxPool");
  if (!step || at.example.rank() != 3) return {};
  step->attributes.ignore("storage_order");  // of the places of the largest, which no one reads
  return Piece{.spec = pooling(at, *step, "max_pool2d"), .weights = {}, .value = at.after(*step).value};
}

std::optional<Piece> average_pool(const Trail& at) {
  const std::optional<Step> step = at.only("AveragePool");
  if (!step || at.example.rank() != 3) return {};
  nn::LayerSpec spec = pooling(at, *step, "avg_pool2d");
  const bool pads = std::any_of(spec.options.begin(), spec.options.end(),
                                [](const nn::OptionSpec& option) { return option.name == "padding"; });
  if (step->attributes.integer("count_include_pad", 0) == 0 && pads)
    spec.options.push_back({.name = "count_padding", .value = false});
  return Piece{.spec = spec, .weights = {}, .value = at.after(*step).value};
}

// With what takes the axes of one element away: global_avg_pool2d, else adaptive_avg_pool2d.
std::optional<Piece> global_average(const Trail& at) {
  const std::optional<Step> step = at.only("GlobalAveragePool");
  if (!step || at.example.rank() != 3) return {};
  const Trail behind = at.after(*step);
  if (const auto flatten = behind.only("Flatten"); flatten && flatten->attributes.integer("axis", 1) == 1)
    return Piece{.spec = {.kind = "global_avg_pool2d"}, .weights = {}, .value = behind.after(*flatten).value};
  return Piece{.spec = {.kind = "adaptive_avg_pool2d", .options = {{.name = "size", .value = Integers{1}}}},
               .weights = {},
               .value = behind.value};
}

std::optional<Piece> mean(const Trail& at) {
  const std::optional<Step> step = at.only("ReduceMean");
  if (!step || at.example.rank() != 3) return {};
  Integers axes = step->attributes.integers("axes");
  if (step->has(1)) axes = step->integers(1, "axes");
  for (std::int64_t& axis : axes) axis = axis < 0 ? axis + 4 : axis;
  std::sort(axes.begin(), axes.end());
  require(axes == Integers({2, 3}), "its means are over other axes than rows and columns.");
  step->attributes.ignore("noop_with_empty_axes");
  if (step->attributes.integer("keepdims", 1) == 0)
    return Piece{.spec = {.kind = "global_avg_pool2d"}, .weights = {}, .value = at.after(*step).value};
  return Piece{.spec = {.kind = "adaptive_avg_pool2d", .options = {{.name = "size", .value = Integers{1}}}},
               .weights = {},
               .value = at.after(*step).value};
}

}  // namespace

std::vector<Recogniser> window_recognisers() {
  return {{"Conv", convolution},         {"ConvTranspose", transposed_convolution}, {"MaxPool", max_pool},
          {"AveragePool", average_pool}, {"GlobalAveragePool", global_average},     {"ReduceMean", mean}};
}

}  // namespace gradus::io::onnx
