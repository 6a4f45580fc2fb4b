#include "ops/support/pool.h"

#include <limits>

namespace gradus {

namespace {

// Where rows and columns are among the axes.
int rows_axis(Layout layout) { return layout == Layout::channels_first ? 2 : 1; }

void require_image(const Pool2dOptions& op, const Type& type, std::string_view input) {
  require_float(type, input);
  const bool last = op.layout == Layout::channels_last;
  require(type.shape.rank() == 4, "{} must be {}, it is {}. reshape() it.", input,
          last ? "[N, H, W, C]" : "[N, C, H, W]", type.str());
}

Shape with_extents(const Shape& image, Layout layout, std::int64_t rows, std::int64_t columns) {
  const int axis = rows_axis(layout);
  return image.with(axis, rows).with(axis + 1, columns);
}

Shape pooled_shape(const Pool2dOptions& op, const Shape& x) {
  for (const auto* list : {&op.kernel, &op.stride, &op.pad_before, &op.pad_after}) {
    require(list->size() == 2,
            "kernel {}, stride {}, pad_before {} and pad_after {} need two numbers each, for rows and "
            "columns.",
            list_str(op.kernel), list_str(op.stride), list_str(op.pad_before), list_str(op.pad_after));
  }
  std::int64_t extents[2];
  for (std::size_t i = 0; i < 2; ++i) {
    const std::int64_t kernel = op.kernel[i], before = op.pad_before[i], after = op.pad_after[i];
    const std::int64_t extent = x[rows_axis(op.layout) + static_cast<int>(i)];
    require(kernel >= 1 && kernel <= std::numeric_limits<std::int16_t>::max() && op.stride[i] >= 1,
            "kernel {} and stride {} must be at least 1, and the kernel at most 32767.", list_str(op.kernel),
            list_str(op.stride));
    require(before >= 0 && after >= 0 && before < kernel && after < kernel,
            "pad_before {} and pad_after {} must be 0 or more and less than the kernel {}: every window must "
            "meet the image.",
            list_str(op.pad_before), list_str(op.pad_after), list_str(op.kernel));
    require(extent >= 1 && kernel <= extent + before + after,
            "the window {} does not fit into x {}, which has {} {} with its padding.", list_str(op.kernel),
            x.str(), extent == 0 ? 0 : extent + before + after, i == 0 ? "rows" : "columns");
    extents[i] = (extent + before + after - kernel) / op.stride[i] + 1;
  }
  return with_extents(x, op.layout, extents[0], extents[1]);
}

}  // namespace

Type pooled(const Pool2dOptions& op, const Type& x) {
  require_image(op, x, "x");
  require(op.size.empty(), "size {} belongs to the gradient; it must be empty.", list_str(op.size));
  return Type{x.dtype, pooled_shape(op, x.shape)};
}

Type unpooled(const Pool2dOptions& op, const Type& dy) {
  require_image(op, dy, "dy");
  require(op.size.size() == 2 && op.size[0] >= 1 && op.size[1] >= 1,
          "size {} must be the rows and columns of x.", list_str(op.size));
  const Shape x = with_extents(dy.shape, op.layout, op.size[0], op.size[1]);
  const Shape windows = pooled_shape(op, x);
  require(windows == dy.shape, "dy {} does not belong to x {}, whose windows are {}.", dy.shape.str(),
          x.str(), windows.str());
  return Type{dy.dtype, x};
}

void require_winners(const Type& winners, const Shape& windows) {
  require_integer(winners, "winners");
  require(winners.shape == windows, "winners {} must be {}: one place for each window.", winners.shape.str(),
          windows.str());
}

Pool2dOptions with_size(Pool2dOptions op, const Shape& image) {
  const int axis = rows_axis(op.layout);
  op.size = {image[axis], image[axis + 1]};
  return op;
}

Pool2dOptions without_size(Pool2dOptions op) {
  op.size.clear();
  return op;
}

std::vector<PoolCase> pool_cases() {
  struct Geometry {
    Pool2dOptions options;
    Shape image;  // channels first
  };
  const std::vector<Geometry> geometries = {
      {{}, {2, 3, 4, 6}},
      {{}, {1, 16, 5, 3}},  // a row and a column left over
      {{.kernel = {3, 3}, .stride = {2, 2}, .pad_before = {1, 1}, .pad_after = {1, 1}}, {1, 2, 6, 5}},
      {{.kernel = {3, 3}, .stride = {1, 1}, .pad_before = {1, 1}, .pad_after = {1, 1}}, {2, 1, 3, 4}},
      {{.kernel = {3, 3}, .stride = {1, 1}, .pad_before = {2, 0}, .pad_after = {0, 2}}, {1, 3, 2, 2}},
      {{.kernel = {1, 1}, .stride = {3, 2}}, {1, 5, 7, 4}},
      {{.kernel = {2, 1}, .stride = {3, 4}}, {1, 20, 6, 6}},
      {{.kernel = {1, 3}, .stride = {1, 2}, .pad_after = {0, 1}}, {3, 1, 1, 5}},
      {{.kernel = {4, 5}, .stride = {1, 1}}, {2, 4, 4, 5}},  // the whole image
      {{.kernel = {1, 1}, .stride = {1, 1}}, {1, 1, 1, 1}},
      {{.kernel = {3, 2}, .stride = {2, 1}, .pad_before = {2, 1}, .pad_after = {2, 1}}, {1, 2, 1, 1}},
      {{}, {0, 3, 4, 4}},
      {{}, {2, 0, 2, 2}}};
  std::vector<PoolCase> cases;
  for (const Geometry& g : geometries) {
    cases.push_back({g.options, g.image, pooled_shape(g.options, g.image)});
    PoolCase last = cases.back();
    last.options.layout = Layout::channels_last;
    for (Shape* shape : {&last.image, &last.windows})
      *shape = Shape{(*shape)[0], (*shape)[2], (*shape)[3], (*shape)[1]};
    cases.push_back(last);
  }
  return cases;
}

std::vector<PoolCase> average_cases() {
  std::vector<PoolCase> cases;
  for (PoolCase c : pool_cases()) {
    cases.push_back(c);
    c.options.count_padding = false;
    if (c.options.pad_before != std::vector<std::int64_t>{0, 0}) cases.push_back(c);
  }
  return cases;
}

PoolGeometry::PoolGeometry(const Pool2dOptions& op, const Shape& image, const Shape& windows)
    : kernel_h(op.kernel[0]),
      kernel_w(op.kernel[1]),
      stride_h(op.stride[0]),
      stride_w(op.stride[1]),
      pad_h(op.pad_before[0]),
      pad_w(op.pad_before[1]),
      channels_last(op.layout == Layout::channels_last) {
  const int rows = rows_axis(op.layout);
  n = image[0];
  c = image[channels_last ? 3 : 1];
  h = image[rows];
  w = image[rows + 1];
  out_h = windows[rows];
  out_w = windows[rows + 1];
}

}  // namespace gradus
