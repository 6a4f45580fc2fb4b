// Parts of an array, and what is put around it.
#include <algorithm>

#include "io/onnx/convert/families.h"
#include "io/onnx/convert/support.h"

namespace gradus::io::onnx {
namespace {

using List = std::vector<std::int64_t>;

// Python's rule: negative places count from the end, and what lies outside is cut off.
Value sliced(const Value& x, int axis, std::int64_t begin, std::int64_t end, std::int64_t step) {
  require(step != 0, "the step along axis {} is 0.", axis);
  const std::int64_t extent = x.shape()[axis];
  const std::int64_t low = step > 0 ? 0 : -1, high = step > 0 ? extent : extent - 1;
  const auto place = [&](std::int64_t at) { return std::clamp(at < 0 ? at + extent : at, low, high); };
  begin = place(begin);
  end = place(end);
  if (step > 0)
    return cut(x, axis, begin, std::max(begin, end), std::min(step, std::max<std::int64_t>(extent, 1)));
  List places;
  for (std::int64_t at = begin; at > end; at += std::max(step, -extent - 1)) places.push_back(at);
  return taken(x, list(x.graph(), places), axis);
}

// Since opset 10 starts, ends, axes and steps are inputs.
Values slice_of(const Call& call) {
  Value x = call.in(0);
  const bool is_old = call.opset() < 10;
  const List begin = is_old ? call.integers("starts") : call.integers(1);
  const List end = is_old ? call.integers("ends") : call.integers(2);
  List axes = is_old ? call.integers("axes") : call.has(3) ? call.integers(3) : List();
  if (axes.empty()) axes = counted_up(begin.size());
  const List step = !is_old && call.has(4) ? call.integers(4) : List(begin.size(), 1);
  require(begin.size() == end.size() && begin.size() == axes.size() && begin.size() == step.size(),
          "starts, ends, axes and steps must be equally many.");
  for (std::size_t i = 0; i < begin.size(); ++i) {
    x = sliced(x, axis_of(axes[i], x.shape().rank()), begin[i], end[i], step[i]);
  }
  return {x};
}

// The place in [0, extent) that stands for place `at` outside.
std::int64_t mirrored(std::int64_t at, std::int64_t extent) {
  if (extent == 1) return 0;
  const std::int64_t period = 2 * (extent - 1);
  const std::int64_t in_period = ((at % period) + period) % period;
  return in_period < extent ? in_period : period - in_period;
}

Value extended(const Value& x, int axis, std::int64_t before, std::int64_t after, const std::string& mode) {
  if (before == 0 && after == 0) return x;
  const std::int64_t extent = x.shape()[axis];
  require(extent > 0, "axis {} of x {} has nothing to repeat.", axis, x.type().str());
  require(before + after <= std::int64_t{1} << 28, "axis {} grows too long.", axis);
  List places;
  for (std::int64_t at = -before; at < extent + after; ++at) {
    places.push_back(mode == "reflect" ? mirrored(at, extent) : std::clamp<std::int64_t>(at, 0, extent - 1));
  }
  return taken(x, list(x.graph(), places), axis);
}

// Since opset 11 pads and the value are inputs. Negative pads cut off.
Values pad_of(const Call& call) {
  Value x = call.in(0);
  const bool is_old = call.opset() < 11;
  const int rank = x.shape().rank();
  const List pads = is_old ? call.integers(call.given("paddings") ? "paddings" : "pads") : call.integers(1);
  require(pads.size() == 2 * static_cast<std::size_t>(rank), "x {} needs {} pads, {} were given.",
          x.type().str(), 2 * rank, pads.size());
  const std::string mode = call.text("mode", "constant");
  require(mode == "constant" || mode == "reflect" || mode == "edge",
          "mode must be constant, reflect or edge, it is '{}'.", mode);
  double value = is_old ? call.real("value", 0) : 0;
  if (!is_old && call.has(2)) {
    const Tensor given = call.known(2);
    require(given.size() == 1, "the value to pad with must be one number, it is {}.", given.type().str());
    value = given.at(0);
  }
  for (int axis = 0; axis < rank; ++axis) {
    const std::int64_t before = pads[static_cast<std::size_t>(axis)],
                       after = pads[static_cast<std::size_t>(axis + rank)], extent = x.shape()[axis];
    const std::int64_t first = std::max<std::int64_t>(0, -before),
                       last = extent - std::max<std::int64_t>(0, -after);
    require(before >= -extent && after >= -extent && first <= last, "pads cut off more than axis {} of x {}.",
            axis, x.type().str());
    if (first > 0 || last < extent) x = cut(x, axis, first, last);
    const std::int64_t more_before = std::max<std::int64_t>(0, before),
                       more_after = std::max<std::int64_t>(0, after);
    x = mode == "constant" ? padded(x, axis, more_before, more_after, value)
                           : extended(x, axis, more_before, more_after, mode);
  }
  return {x};
}

}  // namespace

std::vector<Converter> slice_ops() { return {{"Pad", pad_of}, {"Slice", slice_of}}; }

}  // namespace gradus::io::onnx
