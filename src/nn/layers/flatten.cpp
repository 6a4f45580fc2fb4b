// flatten: all axes but the batch become one.
#include "nn/layer_def.h"
#include "nn/onnx.h"

namespace gradus::nn {

OnnxValue Flatten::onnx(OnnxWriter& to, const OnnxValue& x) const {
  return to.add({.op = "Flatten", .inputs = {x.name}, .attributes = {{"axis", std::int64_t{1}}}},
                Shape{x.example.size()});
}

extern const LayerDef flatten_layer = {
    .kind = "flatten", .doc = "[N, ...] to [N, product of the rest]", .make = make_plain<Flatten>};

}  // namespace gradus::nn
