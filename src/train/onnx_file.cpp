// Models as ONNX files.
#include "base/check.h"
#include "train/model_file.h"
#ifdef GRADUS_ONNX
#include "gradus/onnx_network.h"
#endif

namespace gradus::train {

#ifdef GRADUS_ONNX

namespace {

// The key under which files keep what a model is for.
constexpr const char* kPurpose = "gradus.model";

io::onnx::Scaling scaling_of(const std::vector<double>& mean, const std::vector<double>& std,
                             const Shape& shape) {
  return {Tensor::of<double>(shape, mean), Tensor::of<double>(shape, std)};
}

}  // namespace

std::vector<std::byte> onnx_bytes(const Model& model) {
  io::onnx::ExportOptions options{.metadata = {{kPurpose, purpose_toml(model)}}};
  if (model.standardizer)
    options.scaling = scaling_of(model.standardizer->mean, model.standardizer->std, model.network.input);
  if (model.normalizer) {
    const Shape channels{model.network.input[0], 1, 1};
    options.scaling = scaling_of(model.normalizer->mean, model.normalizer->std, channels);
  }
  return io::onnx::network_bytes(model.network, options);
}

#else

std::vector<std::byte> onnx_bytes(const Model&) {
  fail(Fault::usage,
       "ONNX files cannot be written by this build of Gradus. Build it where libonnx-dev is installed.");
}

#endif

}  // namespace gradus::train
