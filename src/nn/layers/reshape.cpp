// reshape: an example's elements under another shape.
#include <algorithm>

#include "base/check.h"
#include "nn/layer_def.h"

namespace gradus::nn {

Reshape::Reshape(std::vector<std::int64_t> shape) : Layer("reshape"), shape_(std::move(shape)) {
  require(std::count(shape_.begin(), shape_.end(), -1) <= 1, "reshape: only one extent can be -1.");
  for (const std::int64_t extent : shape_)
    require(extent >= -1, "reshape: extents are at least 0, or -1 for what is left, got {}.", extent);
}

Value Reshape::build(const Value& x, const Pass&) const {
  require(x.shape().rank() >= 1, "{}: x needs a batch axis, it is a scalar.", title());
  std::vector<std::int64_t> shape = shape_;
  const auto open = std::find(shape.begin(), shape.end(), -1);
  if (open != shape.end()) {
    *open = 1;
    const std::int64_t fixed = Shape(shape).size(), elements = x.shape().without(0).size();
    require(fixed > 0 && elements % fixed == 0,
            "{}: the {} elements of an example of x {} do not divide by {} for the extent -1.", title(),
            elements, x.shape().str(), fixed);
    *open = elements / fixed;
  }
  shape.insert(shape.begin(), x.shape()[0]);
  return gradus::reshape(x, Shape(shape));
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
