#include "io/onnx/convert/windows.h"

#include <algorithm>

#include "base/check.h"

namespace gradus::io::onnx {
namespace {

// Far more than an axis that fits in memory.
constexpr std::int64_t kMost = std::int64_t{1} << 31;

}  // namespace

std::vector<std::int64_t> each_axis(const Call& call, std::string_view name, std::size_t axes,
                                    std::int64_t preset) {
  const std::vector<std::int64_t> list = call.integers(name, std::vector<std::int64_t>(axes, preset));
  require(list.size() == axes, "its attribute '{}' has {} numbers, {} were needed.", name, list.size(), axes);
  for (const std::int64_t number : list) {
    require(number >= 0 && number < kMost, "its attribute '{}' holds {}.", name, number);
  }
  return list;
}

std::vector<Window> windows_of(const Call& call, const Shape& x, const std::vector<std::int64_t>& sizes) {
  const std::size_t axes = sizes.size();
  require(axes >= 1 && static_cast<std::size_t>(x.rank()) == axes + 2,
          "a kernel of {} axes does not fit x {}.", axes, x.str());
  const auto strides = each_axis(call, "strides", axes, 1), dilations = each_axis(call, "dilations", axes, 1);
  const auto pads = each_axis(call, "pads", 2 * axes, 0);
  const std::string mode = call.text("auto_pad", "NOTSET");
  require(mode == "NOTSET" || mode == "VALID" || mode == "SAME_UPPER" || mode == "SAME_LOWER",
          "auto_pad must be NOTSET, VALID, SAME_UPPER or SAME_LOWER, it is '{}'.", mode);
  std::vector<Window> windows;
  for (std::size_t i = 0; i < axes; ++i) {
    Window w{.size = sizes[i], .stride = strides[i], .dilation = dilations[i]};
    require(w.size >= 1 && w.size < kMost && w.stride >= 1 && w.dilation >= 1,
            "kernel, stride and dilation must be 1 or more.");
    if (mode == "NOTSET") {
      w.before = pads[i];
      w.after = pads[i + axes];
    } else if (mode != "VALID") {
      const std::int64_t extent = x[static_cast<int>(i) + 2], out = (extent + w.stride - 1) / w.stride;
      const std::int64_t all = std::max<std::int64_t>(0, (out - 1) * w.stride + w.reach() - extent);
      w.before = mode == "SAME_UPPER" ? all / 2 : all - all / 2;
      w.after = all - w.before;
    }
    windows.push_back(w);
  }
  return windows;
}

}  // namespace gradus::io::onnx
