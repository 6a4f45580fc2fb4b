#include "nn/images.h"

#include <cmath>

#include "base/check.h"

namespace gradus::nn {

namespace {

// The shape a flat or two-axis example might have had as an image.
std::string reshape_hint(const Shape& input, int axes) {
  if (axes == 2) {
    if (input.rank() == 1) return fmt::format("Put {{ reshape = [1, {}] }} before it.", input[0]);
    return "Put { reshape = [C, L] } before it.";
  }
  if (input.rank() == 2) return fmt::format("Put {{ reshape = [1, {}, {}] }} before it.", input[0], input[1]);
  const auto side = static_cast<std::int64_t>(std::lround(std::sqrt(static_cast<double>(input.size()))));
  if (input.rank() == 1 && side * side == input.size())
    return fmt::format("Put {{ reshape = [1, {}, {}] }} before it.", side, side);
  return "Put { reshape = [C, H, W] } before it.";
}

std::string_view axes_name(int axes) { return axes == 3 ? "images [C, H, W]" : "sequences [C, L]"; }

}  // namespace

void require_channels_first(const Shape& input, int axes) {
  require(input.rank() == axes, "it takes {}, its input is {}. {}", axes_name(axes), input.str(),
          reshape_hint(input, axes));
}

void require_images(const Layer& layer, const Value& x, int axes, std::int64_t channels) {
  const std::string_view needed = axes == 3 ? "[N, C, H, W]" : "[N, C, L]";
  require(x.shape().rank() == axes + 1, "{}: x must be {}, it is {}.", layer.title(), needed,
          x.shape().str());
  require(channels == 0 || x.shape()[1] == channels, "{}: x must have {} channels along axis 1, it is {}.",
          layer.title(), channels, x.shape().str());
}

void require_channels(const Layer& layer, const Value& x, std::int64_t channels) {
  require(x.shape().rank() >= 2 && x.shape()[1] == channels, "{}: x must be [N, {}, ...], it is {}.",
          layer.title(), channels, x.shape().str());
}

void require_convolution(std::string_view kind, std::int64_t in, std::int64_t out, std::int64_t groups,
                         DType dtype) {
  require(in >= 1 && out >= 1 && groups >= 1,
          "{}: channels and groups must be at least 1, got {}, {} and {}.", kind, in, out, groups);
  require(in % groups == 0 && out % groups == 0,
          "{}: groups must divide the channels of input and output: {} groups, {} and {} channels.", kind,
          groups, in, out);
  require(is_float(dtype), "{}: dtype must be f32 or f64, got {}.", kind, gradus::name(dtype));
}

void require_norm(std::string_view kind, double epsilon, DType dtype) {
  require(std::isfinite(epsilon) && epsilon >= 0, "{}: epsilon must be at least 0, got {}.", kind, epsilon);
  require(is_float(dtype), "{}: dtype must be f32 or f64, got {}.", kind, gradus::name(dtype));
}

std::vector<std::int64_t> per_axis(const std::vector<std::int64_t>& list, std::size_t count, std::int64_t low,
                                   std::string_view what) {
  for (const std::int64_t number : list)
    require(number >= low, "{} must be at least {}, got {}.", what, low, number);
  if (list.size() == 1) return std::vector<std::int64_t>(count, list[0]);
  require(list.size() == count, "{} takes {}, got {}.", what,
          count == 1 ? "one number" : fmt::format("one number or {}", count), list.size());
  return list;
}

Padding checked_padding(Padding padding, std::size_t count, std::string_view kind) {
  if (padding.zeros.empty()) padding.zeros = {0};
  padding.zeros = per_axis(padding.zeros, count, 0, fmt::format("{}: padding", kind));
  return padding;
}

Zeros zeros_around(const Padding& padding, const Window& window, std::int64_t extent, std::size_t axis,
                   const std::string& title) {
  Zeros zeros;
  if (padding.same) {
    const std::int64_t outputs = (extent + window.stride - 1) / window.stride;
    const std::int64_t total =
        std::max<std::int64_t>((outputs - 1) * window.stride + window.reach() - extent, 0);
    zeros = {total / 2, total - total / 2};
  } else {
    zeros = {padding.zeros[axis], padding.zeros[axis]};
  }
  require(
      extent + zeros.before + zeros.after >= window.reach(),
      "{}: its window reaches over {} elements, x has {} and {} of padding along that axis. Use a smaller "
      "kernel, padding = \"same\", or fewer steps that shrink the image before it.",
      title, window.reach(), extent, zeros.before + zeros.after);
  return zeros;
}

Value per_channel(const Value& vector, int rank) {
  std::vector<std::int64_t> extents(static_cast<std::size_t>(rank), 1);
  extents[1] = vector.shape()[0];
  return rank == 1 ? vector : reshape(vector, Shape(extents));
}

Value with_bias(const Value& y, const Variable& bias) {
  return bias.defined() ? y + per_channel(read(y.graph(), bias), y.shape().rank()) : y;
}

PoolLayerOptions checked_pool(PoolLayerOptions o, std::string_view kind) {
  o.kernel = per_axis(o.kernel, 2, 1, fmt::format("{}: kernel", kind));
  if (o.stride.empty()) o.stride = o.kernel;
  o.stride = per_axis(o.stride, 2, 1, fmt::format("{}: stride", kind));
  o.padding = checked_padding(o.padding, 2, kind);
  return o;
}

Pool2dOptions pool_op(const Layer& layer, const PoolLayerOptions& o, const Value& x) {
  require_images(layer, x, 3);
  Pool2dOptions op{.kernel = o.kernel, .stride = o.stride, .count_padding = o.count_padding};
  for (std::size_t axis = 0; axis < 2; ++axis) {
    const Zeros zeros = zeros_around(o.padding, {o.kernel[axis], o.stride[axis]},
                                     x.shape()[static_cast<int>(axis) + 2], axis, layer.title());
    op.pad_before[axis] = zeros.before;
    op.pad_after[axis] = zeros.after;
  }
  return op;
}

OptionDef filters_option() {
  return {.name = "filters",
          .type = OptionDef::Type::integer,
          .doc = "number of output channels",
          .low = 1,
          .high = kMaxUnits};
}

OptionDef kernel_option(std::string doc) {
  return {.name = "kernel",
          .type = OptionDef::Type::integers,
          .doc = std::move(doc),
          .low = 1,
          .high = kMaxUnits};
}

OptionDef stride_option(std::string doc) {
  return {.name = "stride",
          .type = OptionDef::Type::integers,
          .doc = std::move(doc),
          .preset = std::vector<std::int64_t>{1},
          .low = 1,
          .high = kMaxUnits};
}

OptionDef pool_stride_option() {
  OptionDef option = stride_option("rows and columns between windows; by default the kernel's");
  option.preset.reset();
  option.optional = true;
  return option;
}

OptionDef padding_option() {
  return {.name = "padding",
          .type = OptionDef::Type::padding,
          .doc =
              "zeros around the input: \"valid\" (none), \"same\" (the output has ceil(extent / stride)), or "
              "numbers for each side",
          .preset = std::string("valid"),
          .low = 0,
          .high = kMaxUnits};
}

OptionDef dilation_option() {
  return {.name = "dilation",
          .type = OptionDef::Type::integers,
          .doc = "distance of the kernel's taps",
          .preset = std::vector<std::int64_t>{1},
          .low = 1,
          .high = kMaxUnits};
}

OptionDef groups_option() {
  return {.name = "groups",
          .type = OptionDef::Type::integer,
          .doc = "channels are split into groups that do not see each other; as many as channels: depthwise",
          .preset = std::int64_t{1},
          .low = 1,
          .high = kMaxUnits};
}

OptionDef epsilon_option() {
  return {.name = "epsilon",
          .type = OptionDef::Type::number,
          .doc = "added to the variance",
          .preset = 1e-5,
          .low = 0};
}

OptionDef rate_option(std::string doc) {
  return {.name = "rate",
          .type = OptionDef::Type::number,
          .doc = std::move(doc),
          .preset = 0.5,
          .low = 0,
          .high = 1};
}

Padding padding_of(const LayerOptions& options) {
  if (options.is_text("padding")) return {.same = options.text("padding") == "same"};
  return {.zeros = options.integers("padding")};
}

PoolLayerOptions pool_of(const LayerOptions& options, const Shape& input) {
  require_channels_first(input, 3);
  return {.kernel = options.extents("kernel", 2),
          .stride = options.has("stride") ? options.extents("stride", 2) : std::vector<std::int64_t>(),
          .padding = padding_of(options)};
}

}  // namespace gradus::nn
