// For OpDef::reordered: the options of an op whose inputs come with their axes in another order. Axis i of
// an input was axis order[i] before.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "gradus/op_def.h"
#include "gradus/ops.h"

namespace gradus {

// Where axis `axis` of `order.size()` is now; negative ones count from the end.
std::int64_t reordered_axis(std::int64_t axis, std::span<const int> order);
// A list with one number for each axis.
std::vector<std::int64_t> reordered_list(const std::vector<std::int64_t>& list, std::span<const int> order);
// The layout of images with their axes so; none if the order is not that of a layout.
std::optional<Layout> reordered_layout(Layout layout, std::span<const int> order);

// Whether the order is one of all axes of the node's first input.
bool orders_axes_of(const Node& node, std::span<const int> order);
// All inputs and outputs of the node have the new order.
Reordered all_reordered(const Node& node, Attrs attrs);
// For sum and its kind, by their axes: none where the axes that stay would change places in a result of lower
// rank.
std::optional<Reordered> reordered_reduction(const Node& node, std::span<const int> order);

// For ops whose options have an `axis`, and for those that have a `layout`.
template <class Options>
std::optional<Reordered> reordered_by_axis(const Node& node, std::span<const int> order) {
  if (!orders_axes_of(node, order)) return std::nullopt;
  Options options = node.attr<Options>();
  options.axis = reordered_axis(options.axis, order);
  return all_reordered(node, options);
}
template <class Options>
std::optional<Reordered> reordered_by_layout(const Node& node, std::span<const int> order) {
  Options options = node.attr<Options>();
  const std::optional<Layout> layout = reordered_layout(options.layout, order);
  if (!layout) return std::nullopt;
  options.layout = *layout;
  return all_reordered(node, options);
}

}  // namespace gradus
