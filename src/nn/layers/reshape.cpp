// reshape: an example's elements under another shape.
#include <algorithm>

#include "base/check.h"
#include "nn/layer_def.h"
#include "nn/onnx.h"

namespace gradus::nn {

Reshape::Reshape(std::vector<std::int64_t> shape) : Layer("reshape"), shape_(std::move(shape)) {
  require(std::count(shape_.begin(), shape_.end(), -1) <= 1, "reshape: only one extent can be -1.");
  for (const std::int64_t extent : shape_)
    require(extent >= -1, "reshape: extents are at least 0, or -1 for what is left, got {}.", extent);
}

namespace {

// `shape` for an example of a shape, with what is left for -1.
Shape filled(std::vector<std::int64_t> shape, const Shape& example, const std::string& title) {
  const auto open = std::find(shape.begin(), shape.end(), -1);
  if (open != shape.end()) {
    *open = 1;
    const std::int64_t fixed = Shape(shape).size(), elements = example.size();
    require(fixed > 0 && elements % fixed == 0,
            "{}: the {} elements of an example {} do not divide by {} for the extent -1.", title, elements,
            example.str(), fixed);
    *open = elements / fixed;
  }
  return Shape(shape);
}

}  // namespace

Value Reshape::build(const Value& x, const Pass&) const {
  require(x.shape().rank() >= 1, "{}: x needs a batch axis, it is a scalar.", title());
  std::vector<std::int64_t> shape = filled(shape_, x.shape().without(0), title()).list();
  shape.insert(shape.begin(), x.shape()[0]);
  return gradus::reshape(x, Shape(shape));
}

OnnxValue Reshape::onnx(OnnxWriter& to, const OnnxValue& x) const {
  return onnx_reshape(to, x, filled(shape_, x.example, title()));
}

extern const LayerDef reshape_layer = {
    .kind = "reshape",
    .doc = "[N, ...] to [N, shape...] with as many elements",
    .options = {{.name = "shape",
                 .type = OptionDef::Type::integers,
                 .doc = "extents without the batch; one may be -1: what is left",
                 .low = -1,
                 .high = kMaxUnits}},
    .main = "shape",
    .make = [](const LayerOptions& options, const Shape&, const Making&) -> LayerPtr {
      return std::make_shared<Reshape>(options.integers("shape"));
    }};

}  // namespace gradus::nn
