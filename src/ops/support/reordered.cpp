#include "ops/support/reordered.h"

#include <algorithm>
#include <array>

#include "ops/support/rules.h"

namespace gradus {

std::int64_t reordered_axis(std::int64_t axis, std::span<const int> order) {
  if (axis < 0) axis += static_cast<std::int64_t>(order.size());
  return std::find(order.begin(), order.end(), axis) - order.begin();
}

std::vector<std::int64_t> reordered_list(const std::vector<std::int64_t>& list, std::span<const int> order) {
  std::vector<std::int64_t> result;
  for (const int axis : order) result.push_back(list[static_cast<std::size_t>(axis)]);
  return result;
}

std::optional<Layout> reordered_layout(Layout layout, std::span<const int> order) {
  static constexpr std::array to_last = {0, 2, 3, 1}, to_first = {0, 3, 1, 2};
  const bool first = layout == Layout::channels_first;
  const auto& wanted = first ? to_last : to_first;
  if (!std::equal(order.begin(), order.end(), wanted.begin(), wanted.end())) return std::nullopt;
  return first ? Layout::channels_last : Layout::channels_first;
}

bool orders_axes_of(const Node& node, std::span<const int> order) {
  return node.in[0].shape().rank() == static_cast<int>(order.size());
}

Reordered all_reordered(const Node& node, Attrs attrs) {
  return {std::move(attrs), std::vector<bool>(node.in.size(), true),
          std::vector<bool>(node.out.size(), true)};
}

std::optional<Reordered> reordered_reduction(const Node& node, std::span<const int> order) {
  if (!orders_axes_of(node, order)) return std::nullopt;
  ReduceOptions options = node.attr<ReduceOptions>();
  const std::vector<int> axes = normalized_axes(options.axes, node.in[0].shape());
  std::vector<int> kept;
  for (const int axis : order) {
    if (std::find(axes.begin(), axes.end(), axis) == axes.end()) kept.push_back(axis);
  }
  if (!options.keep_dims && !std::is_sorted(kept.begin(), kept.end())) return std::nullopt;
  for (std::int64_t& axis : options.axes) axis = reordered_axis(axis, order);
  Reordered result = all_reordered(node, options);
  result.out[0] = options.keep_dims;
  return result;
}

}  // namespace gradus
