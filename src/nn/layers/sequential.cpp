// sequential: layers one after the other, the network itself and lists inside it.
#include "base/check.h"
#include "nn/layer_def.h"
#include "nn/onnx.h"

namespace gradus::nn {

Sequential::Sequential(std::vector<LayerPtr> layers, std::optional<std::uint64_t> seed)
    : Layer("sequential") {
  adopt_chain(std::move(layers));
  place("layers");
  if (seed) initialize(*seed);
}

LayerPtr Sequential::hold(Layer* layer) { return LayerPtr(layer); }

Value Sequential::build(const Value& x, const Pass& pass) const { return build_chain(x, pass); }
OnnxValue Sequential::onnx(OnnxWriter& to, const OnnxValue& x) const { return onnx_chain(to, x); }

extern const LayerDef sequential_layer = {
    .kind = "sequential",
    .doc = "layers one after the other",
    .options = {{.name = "layers", .type = OptionDef::Type::layers, .doc = "the list of layers"}},
    .main = "layers",
    .make = [](const LayerOptions& options, const Shape& input, const Making& making) -> LayerPtr {
      return std::make_shared<Sequential>(make_chain(options.layers("layers"), input, making).layers,
                                          std::nullopt);
    }};

}  // namespace gradus::nn
