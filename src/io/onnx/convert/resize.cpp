// Images scaled: along each axis a result is a weighted sum of places, with weights known before the run.
#include <algorithm>
#include <cmath>

#include "io/onnx/convert/families.h"
#include "io/onnx/convert/support.h"

namespace gradus::io::onnx {
namespace {

struct Options {
  std::string coordinates, mode, nearest;
  double cubic = -0.75, outside = 0;
  bool exclude_outside = false;
};

struct Axis {
  std::int64_t in = 0, out = 0;
  double scale = 1, from = 0, to = 1;  // from, to: the part that is cropped out, as shares
  double length = 0;                   // in times scale, of which out is the whole part
};

// Where in x the result's place lies.
double source_of(const Options& o, const Axis& a, std::int64_t place) {
  const auto at = static_cast<double>(place), in = static_cast<double>(a.in),
             out = static_cast<double>(a.out);
  if (o.coordinates == "asymmetric") return at / a.scale;
  if (o.coordinates == "align_corners") return a.out > 1 ? at * (in - 1) / (a.length - 1) : 0;
  if (o.coordinates == "tf_half_pixel_for_nn") return (at + 0.5) / a.scale;
  if (o.coordinates == "pytorch_half_pixel" && a.out <= 1) return 0;
  if (o.coordinates == "tf_crop_and_resize") {
    return a.out > 1 ? a.from * (in - 1) + at * (a.to - a.from) * (in - 1) / (out - 1)
                     : 0.5 * (a.from + a.to) * (in - 1);
  }
  require(o.coordinates == "half_pixel" || o.coordinates == "pytorch_half_pixel",
          "coordinate_transformation_mode '{}' is not supported.", o.coordinates);
  return (at + 0.5) / a.scale - 0.5;
}

double nearest_place(const Options& o, double at) {
  if (o.nearest == "floor") return std::floor(at);
  if (o.nearest == "ceil") return std::ceil(at);
  if (o.nearest == "round_prefer_ceil") return std::floor(at + 0.5);
  require(o.nearest == "round_prefer_floor", "nearest_mode '{}' is not supported.", o.nearest);
  return std::ceil(at - 0.5);
}

// Keys 1981, with a free parameter a.
double cubic_weight(double distance, double a) {
  const double d = std::abs(distance);
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}

// The taps of one place: neighbours of `at` from `first` on, with their weights.
struct Taps {
  std::int64_t first = 0;
  std::vector<double> weights;
};

Taps taps_of(const Options& o, double at) {
  const double floor = std::floor(at), share = at - floor;
  const auto place = static_cast<std::int64_t>(floor);
  if (o.mode == "nearest") return {static_cast<std::int64_t>(nearest_place(o, at)), {1}};
  if (o.mode == "linear") return {place, {1 - share, share}};
  require(o.mode == "cubic", "mode must be nearest, linear or cubic, it is '{}'.", o.mode);
  Taps taps{place - 1, {}};
  for (int i = -1; i <= 2; ++i) taps.weights.push_back(cubic_weight(share - i, o.cubic));
  return taps;
}

// [in, out]: what each place of x counts for each of the result. Taps outside stand for the nearest place, or
// for nothing, and the others for more.
Value weights_of(const Value& x, const Options& o, const Axis& a) {
  std::vector<double> table(static_cast<std::size_t>(a.in * a.out));
  for (std::int64_t place = 0; place < a.out; ++place) {
    const double at = std::clamp(source_of(o, a, place), -4.0, static_cast<double>(a.in) + 4);
    Taps taps = taps_of(o, at);
    double total = 0;
    for (std::size_t i = 0; i < taps.weights.size(); ++i) {
      const std::int64_t from = taps.first + static_cast<std::int64_t>(i);
      if (o.exclude_outside && (from < 0 || from >= a.in)) taps.weights[i] = 0;
      total += taps.weights[i];
    }
    for (std::size_t i = 0; i < taps.weights.size(); ++i) {
      const std::int64_t from =
          std::clamp<std::int64_t>(taps.first + static_cast<std::int64_t>(i), 0, a.in - 1);
      table[static_cast<std::size_t>(from * a.out + place)] +=
          o.exclude_outside ? taps.weights[i] / total : taps.weights[i];
    }
  }
  return floats(x, {a.in, a.out}, table);
}

Value picked(const Value& x, const Options& o, const Axis& a, int axis) {
  std::vector<std::int64_t> places;
  for (std::int64_t place = 0; place < a.out; ++place) {
    const double at = std::clamp(source_of(o, a, place), -4.0, static_cast<double>(a.in) + 4);
    places.push_back(std::clamp<std::int64_t>(taps_of(o, at).first, 0, a.in - 1));
  }
  return taken(x, list(x.graph(), places), axis);
}

Value along_axis(const Value& x, const Options& o, const Axis& a, int axis) {
  const int last = x.shape().rank() - 1;
  if (o.mode == "nearest") return picked(x, o, a, axis);
  const Value turned = moved(x, axis, last);
  const Value rows = reshape(turned, {product(turned.shape(), 0, last), a.in});
  const Value y = matmul(rows, weights_of(x, o, a));
  return moved(reshape(y, turned.shape().with(last, a.out)), last, axis);
}

// What lies outside of x is a number of its own.
Value with_outside(const Value& y, const Options& o, const Axis& a, int axis) {
  Tensor is_outside(DType::boolean, Shape{a.out});
  for (std::int64_t place = 0; place < a.out; ++place) {
    const double at = source_of(o, a, place);
    is_outside.set(place, at < 0 || at > static_cast<double>(a.in - 1));
  }
  return select(along(constant(y.graph(), is_outside), axis, y.shape().rank()), number(y, o.outside), y);
}

Value resized(Value x, const Options& o, const std::vector<Axis>& axes) {
  const bool crops = o.coordinates == "tf_crop_and_resize";
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const Axis& a = axes[i];
    const bool is_whole = !crops || (a.from == 0 && a.to == 1);
    if (a.in == a.out && a.scale == 1 && is_whole) continue;
    require(a.in > 0 && a.in <= 1 << 20 && a.out >= 0 && a.out <= 1 << 20,
            "axis {} grows from {} to {} places.", i, a.in, a.out);
    x = along_axis(x, o, a, static_cast<int>(i));
    if (crops) x = with_outside(x, o, a, static_cast<int>(i));
  }
  return x;
}

std::vector<double> numbers(const Call& call, std::size_t at) {
  const Tensor tensor = call.known(at);
  std::vector<double> list;
  for (std::int64_t i = 0; i < tensor.size(); ++i) list.push_back(tensor.at(i));
  return list;
}

std::vector<Axis> axes_of_resize(const Call& call, const Shape& x, std::size_t scales_at,
                                 std::size_t sizes_at) {
  const bool by_size = call.has(sizes_at) && call.in(sizes_at).shape().size() > 0;
  const std::vector<double> given = numbers(call, by_size ? sizes_at : scales_at);
  require(given.size() == static_cast<std::size_t>(x.rank()), "x {} needs {} sizes or scales, {} were given.",
          x.str(), x.rank(), given.size());
  std::vector<Axis> axes;
  for (std::size_t i = 0; i < given.size(); ++i) {
    Axis a{.in = x[static_cast<int>(i)]};
    require(given[i] > 0 && given[i] <= 1 << 20, "axis {} is scaled to {}.", i, given[i]);
    const auto in = static_cast<double>(a.in);
    a.scale = by_size ? given[i] / in : given[i];
    require(by_size || in * a.scale <= 1 << 20, "axis {} grows too long.", i);
    a.length = by_size ? given[i] : in * a.scale;
    a.out = static_cast<std::int64_t>(a.length);
    axes.push_back(a);
  }
  return axes;
}

// Opset 10 knows scales only, and takes the place below.
Values resize(const Call& call) {
  const Value x = call.in(0);
  const bool is_old = call.opset() < 11;
  Options o{.coordinates = call.text("coordinate_transformation_mode", is_old ? "asymmetric" : "half_pixel"),
            .mode = call.text("mode", "nearest"),
            .nearest = call.text("nearest_mode", is_old ? "floor" : "round_prefer_floor"),
            .cubic = call.real("cubic_coeff_a", -0.75),
            .outside = call.real("extrapolation_value", 0),
            .exclude_outside = call.integer("exclude_outside", 0) != 0};
  std::vector<Axis> axes = axes_of_resize(call, x.shape(), is_old ? 1 : 2, 3);
  if (o.coordinates == "tf_crop_and_resize") {
    const std::vector<double> roi = numbers(call, 1);
    require(roi.size() == 2 * axes.size(), "roi needs {} numbers, it has {}.", 2 * axes.size(), roi.size());
    for (std::size_t i = 0; i < axes.size(); ++i) {
      axes[i].from = roi[i];
      axes[i].to = roi[i + axes.size()];
    }
  }
  return {resized(x, o, axes)};
}

Values upsample(const Call& call) {
  const Value x = call.in(0);
  const Options o{.coordinates = "asymmetric", .mode = call.text("mode", "nearest"), .nearest = "floor"};
  return {resized(x, o, axes_of_resize(call, x.shape(), 1, 2))};
}

}  // namespace

std::vector<Converter> resize_ops() { return {{"Resize", resize}, {"Upsample", upsample}}; }

}  // namespace gradus::io::onnx
