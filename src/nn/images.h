// What the layers on images share: windows and their padding, options of the model file, checks.
#pragma once

#include "gradus/layers.h"
#include "nn/layer_def.h"

namespace gradus::nn {

// ---- Checks. Messages of constructors open with the kind.

// The input of one example must be [C, H, W] (axes = 3) or [C, L] (axes = 2); says what to put before it.
void require_channels_first(const Shape& input, int axes);
// The same for x with its batch axis, when a layer is called: [N, C, H, W] or [N, C, L], with `channels` of
// them if given.
void require_images(const Layer& layer, const Value& x, int axes, std::int64_t channels = 0);

// x [N, C, ...] with C channels.
void require_channels(const Layer& layer, const Value& x, std::int64_t channels);
// Channels and groups of at least 1 that fit each other.
void require_convolution(std::string_view kind, std::int64_t in, std::int64_t out, std::int64_t groups,
                         DType dtype);
void require_norm(std::string_view kind, double epsilon, DType dtype);
// `list` with one number of at least `low` for each of `count` axes: a single one stands for all.
std::vector<std::int64_t> per_axis(const std::vector<std::int64_t>& list, std::size_t count, std::int64_t low,
                                   std::string_view what);
Padding checked_padding(Padding padding, std::size_t count, std::string_view kind);

// ---- Windows

// Zeros before and after x along one axis.
struct Zeros {
  std::int64_t before = 0, after = 0;
};
struct Window {
  std::int64_t kernel = 1, stride = 1, dilation = 1;
  std::int64_t reach() const { return dilation * (kernel - 1) + 1; }
};
// Of a window that moves along x. Refuses one that does not fit into x and its zeros.
Zeros zeros_around(const Padding& padding, const Window& window, std::int64_t extent, std::size_t axis,
                   const std::string& title);

// [C] as [1, C, 1, ...] of `rank` axes.
Value per_channel(const Value& vector, int rank);
// y plus the bias [C] along axis 1, if there is one.
Value with_bias(const Value& y, const Variable& bias);

// Pooling: options with a number for each axis, and the op for an x.
PoolLayerOptions checked_pool(PoolLayerOptions options, std::string_view kind);
Pool2dOptions pool_op(const Layer& layer, const PoolLayerOptions& options, const Value& x);

// ---- Options of the model file.
OptionDef filters_option();
OptionDef kernel_option(std::string doc);
OptionDef stride_option(std::string doc);
OptionDef pool_stride_option();
OptionDef padding_option();
OptionDef dilation_option();
OptionDef groups_option();
OptionDef epsilon_option();
OptionDef rate_option(std::string doc);
Padding padding_of(const LayerOptions& options);
PoolLayerOptions pool_of(const LayerOptions& options, const Shape& input);

}  // namespace gradus::nn
