// Images read between their pixels.
#include <algorithm>
#include <cmath>

#include "io/onnx/convert/families.h"
#include "io/onnx/convert/support.h"

namespace gradus::io::onnx {
namespace {

// Places along one axis of an image, as the padding mode has them.
struct Line {
  std::int64_t extent = 0;
  bool aligned = false;  // the ends are pixels' middles, not their edges
  std::string padding;

  // From -1 ... 1 to pixels.
  Value place(const Value& share) const {
    const auto n = static_cast<double>(extent);
    return aligned ? (share + 1.0) * ((n - 1) / 2) : ((share + 1.0) * n - 1.0) * 0.5;
  }
  Value inside(const Value& place) const {
    const auto n = static_cast<double>(extent);
    if (padding == "zeros") return place;
    Value x = place;
    const double low = aligned ? 0 : -0.5, span = aligned ? n - 1 : n;
    if (padding == "reflection" && span > 0) {
      x = abs(x - low);
      const Value turns = floored(x * (1 / span)), rest = x - turns * span;
      const Value is_odd = greater(turns - floored(turns * 0.5) * 2.0, number(x, 0.5));
      x = select(is_odd, span - rest, rest) + low;
    }
    return clip(x, {.low = 0, .high = n - 1});
  }
  Value is_inside(const Value& place) const {
    return logical_and(greater_equal(place, number(place, 0)),
                       less_equal(place, number(place, static_cast<double>(extent - 1))));
  }
};

// x [N, C, H, W] at whole places [N, P] -> [N, P, C]; 0 outside.
Value pixels(const Value& x, const Line& rows, const Line& columns, const Value& y_at, const Value& x_at) {
  const Shape& s = x.shape();
  const std::int64_t batch = s[0], points = x_at.shape()[1];
  const Value is_there = logical_and(rows.is_inside(y_at), columns.is_inside(x_at));
  const auto whole = [&](const Value& at, std::int64_t extent) {
    return cast(clip(at, {.low = 0, .high = static_cast<double>(extent - 1)}), DType::i64);
  };
  const Value image = reshape(iota(x.graph(), batch) * list(x.graph(), {s[2] * s[3]}), {batch, 1});
  const Value place = image + whole(y_at, s[2]) * list(x.graph(), {s[3]}) + whole(x_at, s[3]);
  const Value table = reshape(transpose(x, {0, 2, 3, 1}), {batch * s[2] * s[3], s[1]});
  return select(reshape(is_there, {batch, points, 1}), gather(table, place), number(x, 0));
}

struct Tap {
  Value at, weight;
};

// Weights of the four neighbours of a share between two pixels (Keys 1981, a = -0.75).
Value cubic_weight(const Value& distance) {
  constexpr double a = -0.75;
  const Value d = abs(distance);
  const Value near = ((a + 2) * d - (a + 3)) * d * d + 1.0;
  const Value far = ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
  return select(less_equal(d, number(d, 1)), near, far);
}

std::vector<Tap> taps_of(const std::string& mode, const Line& line, const Value& share) {
  const Value place = line.place(share);
  if (mode == "nearest") return {{to_even(line.inside(place)), {}}};
  std::vector<Tap> taps;
  if (mode == "bilinear") {
    const Value at = line.inside(place), first = floored(at), rest = at - first;
    return {{first, 1.0 - rest}, {first + 1.0, rest}};
  }
  require(mode == "bicubic", "mode must be nearest, bilinear or bicubic, it is '{}'.", mode);
  const Value first = floored(place), rest = place - first;
  for (int i = -1; i <= 2; ++i) {
    taps.push_back(
        {line.inside(first + static_cast<double>(i)), cubic_weight(rest - static_cast<double>(i))});
  }
  return taps;
}

// x [N, C, H, W], grid [N, H', W', 2] of (column, row), each -1 to 1 -> [N, C, H', W'].
Values grid_sample(const Call& call) {
  const Value x = call.in(0), grid = call.in(1);
  const Shape s = x.shape(), g = grid.shape();
  require(s.rank() == 4 && g.rank() == 4 && g[3] == 2 && g[0] == s[0] && s[2] > 0 && s[3] > 0,
          "x [N, C, H, W] and a grid [N, H', W', 2] were needed, they are {} and {}.", x.type().str(),
          grid.type().str());
  const std::string padding = call.text("padding_mode", "zeros"), mode = call.text("mode", "bilinear");
  require(padding == "zeros" || padding == "border" || padding == "reflection",
          "padding_mode must be zeros, border or reflection, it is '{}'.", padding);
  const bool aligned = call.integer("align_corners", 0) != 0;
  const Line rows{s[2], aligned, padding}, columns{s[3], aligned, padding};
  const std::int64_t points = g[1] * g[2];
  const auto part = [&](std::int64_t i) { return reshape(cut(grid, 3, i, i + 1), {g[0], points}); };
  Value total;
  for (const Tap& row : taps_of(mode, rows, part(1))) {
    for (const Tap& column : taps_of(mode, columns, part(0))) {
      Value value = pixels(x, rows, columns, row.at, column.at);
      if (row.weight) value = value * reshape(row.weight * column.weight, {g[0], points, 1});
      total = total ? total + value : value;
    }
  }
  return {transpose(reshape(total, {g[0], g[1], g[2], s[1]}), {0, 3, 1, 2})};
}

// ---- regions

// Where a region's samples lie along one axis, as taps: for each sample of each cell two pixels and weights.
struct Samples {
  std::int64_t each = 1;  // of a cell
  std::vector<std::int64_t> first, second;
  std::vector<double> share;  // of the second; -1: outside, counts 0
};

Samples samples_of(double start, double size, std::int64_t cells, std::int64_t ratio, std::int64_t extent) {
  const double cell = size / static_cast<double>(cells);
  Samples s;
  s.each = ratio > 0 ? ratio : std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil(cell)));
  require(s.each * cells <= 1 << 16, "a region of {} pixels is too large.", size);
  for (std::int64_t i = 0; i < cells * s.each; ++i) {
    double at = start + cell * (static_cast<double>(i) + 0.5) / static_cast<double>(s.each);
    const bool is_outside = at < -1 || at > static_cast<double>(extent);
    at = std::clamp(at, 0.0, static_cast<double>(extent - 1));
    s.first.push_back(static_cast<std::int64_t>(at));
    s.second.push_back(std::min(s.first.back() + 1, extent - 1));
    s.share.push_back(is_outside ? -1 : at - static_cast<double>(s.first.back()));
  }
  return s;
}

// [pixels, samples]: what each pixel counts for the mean of a cell.
Value cell_weights(const Value& x, const Samples& s, std::int64_t extent) {
  const auto cells = static_cast<std::int64_t>(s.share.size()) / s.each;
  std::vector<double> table(static_cast<std::size_t>(extent * cells));
  for (std::size_t i = 0; i < s.share.size(); ++i) {
    if (s.share[i] < 0) continue;
    const std::int64_t cell = static_cast<std::int64_t>(i) / s.each;
    const auto add = [&](std::int64_t pixel, double weight) {
      table[static_cast<std::size_t>(pixel * cells + cell)] += weight / static_cast<double>(s.each);
    };
    add(s.first[i], 1 - s.share[i]);
    add(s.second[i], s.share[i]);
  }
  return floats(x, {extent, cells}, table);
}

// The mean of bilinear samples in each cell of each region (He et al. 2017): rows and columns one after the
// other. Regions are known before the run.
Values region_align(const Call& call) {
  const Value x = call.in(0);
  const Tensor regions = call.known(1), images = call.known(2);
  const Shape s = x.shape();
  require(s.rank() == 4 && regions.shape().rank() == 2 && regions.shape()[1] == 4 &&
              images.size() == regions.shape()[0],
          "x [N, C, H, W], regions [R, 4] and their images [R] were needed.");
  require(call.text("mode", "avg") == "avg", "mode must be avg.");
  const std::string coordinates =
      call.text("coordinate_transformation_mode", call.opset() < 16 ? "output_half_pixel" : "half_pixel");
  require(coordinates == "half_pixel" || coordinates == "output_half_pixel",
          "coordinate_transformation_mode '{}' is not supported.", coordinates);
  const bool half = coordinates == "half_pixel";
  const std::int64_t height = call.integer("output_height", 1), width = call.integer("output_width", 1),
                     ratio = call.integer("sampling_ratio", 0);
  require(height >= 1 && width >= 1 && height <= 4096 && width <= 4096 && ratio >= 0 && ratio <= 64,
          "{} x {} cells of {} samples are not supported.", height, width, ratio);
  const double scale = call.real("spatial_scale", 1);
  Values results;
  for (std::int64_t r = 0; r < regions.shape()[0]; ++r) {
    const auto edge = [&](std::int64_t i) { return regions.at(r * 4 + i) * scale - (half ? 0.5 : 0); };
    const auto size = [&](std::int64_t i) {
      const double length = edge(i + 2) - edge(i);
      return half ? length : std::max(length, 1.0);
    };
    const auto image = static_cast<std::int64_t>(images.at(r));
    require(image >= 0 && image < s[0], "region {} lies in image {} of {}.", r, image, s[0]);
    const Value pixel_rows = reshape(cut(x, 0, image, image + 1), {s[1], s[2], s[3]});
    const Value across = cell_weights(x, samples_of(edge(0), size(0), width, ratio, s[3]), s[3]);
    const Value down = cell_weights(x, samples_of(edge(1), size(1), height, ratio, s[2]), s[2]);
    const Value y = matmul(transpose(down), matmul(pixel_rows, across));
    results.push_back(reshape(y, {1, s[1], height, width}));
  }
  require(!results.empty(), "there is no region.");
  return {concat(results, {.axis = 0})};
}

}  // namespace

std::vector<Converter> sample_ops() { return {{"GridSample", grid_sample}, {"RoiAlign", region_align}}; }

}  // namespace gradus::io::onnx
