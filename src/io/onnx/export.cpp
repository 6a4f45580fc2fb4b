// A network as an ONNX file: its layers say their nodes.
#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "base/check.h"
#include "gradus/onnx_network.h"
#include "io/onnx/write.h"

namespace gradus::io::onnx {
namespace {

constexpr std::int64_t kIrVersion = 8, kOpset = 17;

// What rounding the means to f32 leaves, where it counts beside the deviations; else undefined.
Tensor remainder_of(const Scaling& scaling) {
  constexpr double kNegligible = 2e-7;
  Tensor rest(DType::f64, scaling.mean.shape());
  bool counts = false;
  for (std::int64_t i = 0; i < rest.size(); ++i) {
    const double mean = scaling.mean.at(i);
    rest.set(i, mean - static_cast<double>(static_cast<float>(mean)));
    counts = counts || std::abs(rest.at(i) / scaling.std.at(i)) > kNegligible;
  }
  return counts ? rest : Tensor();
}

nn::OnnxValue scaled(GraphWriter& to, nn::OnnxValue x, const Scaling& scaling) {
  const std::string before = to.enter("scaling");
  const auto apply = [&](const char* op, const char* label, const Tensor& value) {
    x = to.add({.op = op, .inputs = {x.name, to.constant(label, value)}}, x.example);
  };
  apply("Sub", "mean", scaling.mean);
  if (const Tensor rest = remainder_of(scaling); rest.defined()) apply("Sub", "mean_remainder", rest);
  apply("Div", "std", scaling.std);
  to.enter(before);
  return x;
}

}  // namespace

std::vector<std::byte> network_bytes(const nn::Network& network, const ExportOptions& options) {
  ::onnx::ModelProto model;
  model.set_ir_version(kIrVersion);
  model.set_producer_name("gradus");
  model.set_producer_version(GRADUS_VERSION);
  auto& opset = *model.add_opset_import();
  opset.set_domain("");
  opset.set_version(kOpset);
  for (const auto& [key, value] : options.metadata) {
    auto& entry = *model.add_metadata_props();
    entry.set_key(key);
    entry.set_value(value);
  }
  model.mutable_graph()->set_name("network");

  GraphWriter to(*model.mutable_graph());
  nn::OnnxValue x = to.input("input", network.input);
  if (options.scaling) x = scaled(to, x, *options.scaling);
  to.output("output", network.layers.write_onnx(to, x));

  const std::size_t size = model.ByteSizeLong();
  require(Fault::model, size <= static_cast<std::size_t>(std::numeric_limits<int>::max()),
          "{}: as an ONNX file it would have {} bytes; 2 GiB are the limit. Export it as .safetensors.",
          network.spec.where, size);
  std::vector<std::byte> bytes(size);
  GRADUS_CHECK(model.SerializeToArray(bytes.data(), static_cast<int>(size)));
  return bytes;
}

}  // namespace gradus::io::onnx
