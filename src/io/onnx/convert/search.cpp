// Ops whose results have as many places as the data say: they are found before the run, from known inputs.
#include <algorithm>
#include <map>
#include <numeric>

#include "io/onnx/convert/families.h"
#include "io/onnx/convert/support.h"

namespace gradus::io::onnx {
namespace {

using List = std::vector<std::int64_t>;

Value integers(Graph& graph, const Shape& shape, const List& numbers) {
  return constant(graph, Tensor::of<std::int64_t>(shape, numbers));
}

// [rank, found]: where x is not 0.
Values non_zero(const Call& call) {
  const Tensor x = call.known(0);
  const int rank = std::max(x.shape().rank(), 1);
  std::vector<List> places(static_cast<std::size_t>(rank));
  for (std::int64_t i = 0; i < x.size(); ++i) {
    if (x.at(i) == 0) continue;
    std::int64_t rest = i;
    for (int axis = rank - 1; axis >= 0; --axis) {
      const std::int64_t extent = x.shape().rank() == 0 ? 1 : x.shape()[axis];
      places[static_cast<std::size_t>(axis)].push_back(rest % extent);
      rest /= extent;
    }
  }
  const auto found = static_cast<std::int64_t>(places[0].size());
  List all;
  for (const List& of_axis : places) all.insert(all.end(), of_axis.begin(), of_axis.end());
  return {integers(call.graph(), {rank, found}, all)};
}

Values compressed(const Call& call) {
  Value x = call.in(0);
  const Tensor condition = call.known(1);
  if (!call.given("axis")) x = reshape(x, {x.shape().size()});
  const int axis = axis_of(call.integer("axis", 0), x.shape().rank());
  List places;
  for (std::int64_t i = 0; i < std::min(condition.size(), x.shape()[axis]); ++i) {
    if (condition.at(i) != 0) places.push_back(i);
  }
  return {taken(x, list(call.graph(), places), axis)};
}

// The distinct slices along an axis, or elements: where each stands first, which one each is, how often it
// is.
Values distinct(const Call& call) {
  Value x = call.in(0);
  if (!call.given("axis")) x = reshape(x, {x.shape().size()});
  const int axis = axis_of(call.integer("axis", 0), x.shape().rank());
  const bool sorted = call.integer("sorted", 1) != 0;
  const std::int64_t n = x.shape()[axis];
  const Tensor rows = call.known(reshape(moved(x, axis, 0), {n, n == 0 ? 0 : x.shape().size() / n}));
  const std::int64_t width = rows.shape()[1];
  std::map<std::vector<double>, std::int64_t> met;  // in order: where it stands first
  List first, which(static_cast<std::size_t>(n));
  std::vector<std::vector<double>> keys;
  for (std::int64_t i = 0; i < n; ++i) {
    std::vector<double> key;
    for (std::int64_t j = 0; j < width; ++j) key.push_back(rows.at(i * width + j));
    if (met.try_emplace(key, i).second) first.push_back(i);
    keys.push_back(std::move(key));
  }
  if (sorted) {
    first.clear();
    for (const auto& [key, place] : met) first.push_back(place);
  }
  std::map<std::int64_t, std::int64_t> number_of;
  for (std::size_t i = 0; i < first.size(); ++i) number_of[first[i]] = static_cast<std::int64_t>(i);
  List count(first.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    which[i] = number_of.at(met.at(keys[i]));
    ++count[static_cast<std::size_t>(which[i])];
  }
  Graph& graph = call.graph();
  return {taken(x, list(graph, first), axis), list(graph, first), list(graph, which), list(graph, count)};
}

struct Box {
  double top, left, bottom, right;
  double area() const { return (bottom - top) * (right - left); }
};

Box box_of(const Tensor& boxes, std::int64_t number, bool by_center) {
  double c[4];
  for (int i = 0; i < 4; ++i) c[i] = boxes.at(number * 4 + i);
  if (by_center) return {c[1] - c[3] / 2, c[0] - c[2] / 2, c[1] + c[3] / 2, c[0] + c[2] / 2};
  return {std::min(c[0], c[2]), std::min(c[1], c[3]), std::max(c[0], c[2]), std::max(c[1], c[3])};
}

double overlap(const Box& a, const Box& b) {
  const double height = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
  const double width = std::min(a.right, b.right) - std::max(a.left, b.left);
  if (height <= 0 || width <= 0) return 0;
  return height * width / (a.area() + b.area() - height * width);
}

// Of each class of each image: boxes by falling score, without those that overlap a chosen one too much.
Values chosen_boxes(const Call& call) {
  const Tensor boxes = call.known(0), scores = call.known(1);
  const auto option = [&](std::size_t i, double preset) {
    if (!call.has(i)) return preset;
    const Tensor given = call.known(i);
    require(given.size() == 1, "input {} must be one number, it is {}.", i, given.type().str());
    return given.at(0);
  };
  const double most = option(2, 0), threshold = option(3, 0);
  const bool by_score = call.has(4);
  const double least = option(4, 0);
  const bool by_center = call.integer("center_point_box", 0) != 0;
  require(boxes.shape().rank() == 3 && scores.shape().rank() == 3 && boxes.shape()[2] == 4 &&
              boxes.shape()[0] == scores.shape()[0] && boxes.shape()[1] == scores.shape()[2],
          "boxes [N, B, 4] and scores [N, C, B] were needed, they are {} and {}.", boxes.type().str(),
          scores.type().str());
  const std::int64_t images = scores.shape()[0], classes = scores.shape()[1], n = scores.shape()[2];
  List found;
  for (std::int64_t image = 0; image < images; ++image) {
    for (std::int64_t c = 0; c < classes; ++c) {
      const auto score = [&](std::int64_t i) { return scores.at((image * classes + c) * n + i); };
      List order = counted_up(static_cast<std::size_t>(n));
      std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return score(a) > score(b); });
      std::vector<Box> kept;
      for (const std::int64_t i : order) {
        if (static_cast<double>(kept.size()) >= most) break;
        const Box box = box_of(boxes, image * n + i, by_center);
        const bool is_hidden = std::any_of(kept.begin(), kept.end(),
                                           [&](const Box& other) { return overlap(box, other) > threshold; });
        if (is_hidden || (by_score && score(i) <= least)) continue;
        kept.push_back(box);
        found.insert(found.end(), {image, c, i});
      }
    }
  }
  return {integers(call.graph(), {static_cast<std::int64_t>(found.size() / 3), 3}, found)};
}

}  // namespace

std::vector<Converter> search_ops() {
  return {{"Compress", compressed},
          {"NonMaxSuppression", chosen_boxes},
          {"NonZero", non_zero},
          {"Unique", distinct}};
}

}  // namespace gradus::io::onnx
