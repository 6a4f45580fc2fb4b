// Models as ONNX files.
#include <fmt/format.h>

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

std::vector<double> list_of(const Tensor& tensor) {
  const auto values = tensor.values<const double>();
  return {values.begin(), values.end()};
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

Model import_onnx(const std::filesystem::path& file) {
  const io::onnx::Imported imported = io::onnx::to_network(io::onnx::read(file));
  std::string text = nn::to_toml(imported.spec);
  if (imported.scaling) {
    const bool per_channel = imported.spec.input->rank() == 3 && imported.scaling->mean.shape()[1] == 1 &&
                             imported.scaling->mean.shape()[2] == 1;
    text +=
        per_channel
            ? scaling_toml(data::Normalizer{list_of(imported.scaling->mean), list_of(imported.scaling->std)})
            : scaling_toml(
                  data::Standardizer{list_of(imported.scaling->mean), list_of(imported.scaling->std)});
  }
  const auto purpose = imported.metadata.find(kPurpose);
  if (purpose != imported.metadata.end()) text += purpose->second;
  Model model = parse_model_toml(text, file.string());
  if (purpose == imported.metadata.end() && model.network.output.rank() > 0)
    model.classes = model.network.output[-1];
  io::onnx::set_weights(model.network, imported);
  return model;
}

#else

Model import_onnx(const std::filesystem::path&) {
  fail(Fault::usage,
       "ONNX files cannot be read by this build of Gradus. Build it where libonnx-dev is installed.");
}

std::vector<std::byte> onnx_bytes(const Model&) {
  fail(Fault::usage,
       "ONNX files cannot be written by this build of Gradus. Build it where libonnx-dev is installed.");
}

#endif

}  // namespace gradus::train
