// Exported networks in ONNX's checker and in ONNX Runtime.
#include <gtest/gtest.h>
#include <onnx/checker.h>
#include <onnx/shape_inference/implementation.h>
#include <sys/wait.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "gradus/onnx_network.h"
#include "networks.h"
#include "nn/layer_def.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace gradus::io::onnx::test {
namespace {

::onnx::ModelProto message_of(const std::vector<std::byte>& bytes) {
  ::onnx::ModelProto model;
  EXPECT_TRUE(model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  return model;
}

// Error: the shapes of values are not those that ONNX derives from the nodes.
void derive_shapes(::onnx::ModelProto model) {
  ::onnx::shape_inference::InferShapes(model, ::onnx::OpSchemaRegistry::Instance(), {true, 1, true});
}

TEST(OnnxExport, EveryKindOfLayerIsAmongTheCases) {
  std::string texts;
  for (const Case& one : layer_cases()) texts += nn::to_toml(one.spec);
  for (const nn::LayerDef* def : nn::layer_defs())
    EXPECT_NE(texts.find(def->kind), std::string::npos) << def->kind;
}

TEST(OnnxExport, FilesAreValidAndSayTheRightShapes) {
  for (const Case& one : all_cases()) {
    SCOPED_TRACE(one.name);
    ::onnx::ModelProto model = message_of(network_bytes(nn::build(one.spec, *one.spec.input)));
    EXPECT_NO_THROW(::onnx::checker::check_model(model));
    EXPECT_NO_THROW(derive_shapes(model));
    if (model.graph().value_info().empty()) continue;
    auto& info = *model.mutable_graph()->mutable_value_info(0);
    info.mutable_type()->mutable_tensor_type()->mutable_shape()->mutable_dim(1)->set_dim_value(999);
    EXPECT_ANY_THROW(derive_shapes(model));
  }
}

struct Own : nn::Layer {
  Own() : Layer("own") {}
  Value build(const Value& x, const nn::Pass&) const override { return square(x); }
};

TEST(OnnxExport, ALayerWithoutAFormIsNamed) {
  const nn::Network network{
      .spec = {}, .input = {3}, .output = {3}, .layers = nn::Sequential(nn::Relu(), Own())};
  expect_error(
      [&] { network_bytes(network); }, Fault::model,
      "layers.1 (own): this layer has no form in ONNX. Override Layer::onnx(), or leave the layer out.");
}

TEST(OnnxExport, EqualNetworksGiveEqualBytes) {
  for (const Case& one : layer_cases())
    EXPECT_EQ(network_bytes(built(one.spec)), network_bytes(built(one.spec))) << one.name;
}

// Each in a batch of three, and once more alone.
TEST(OnnxExport, OnnxRuntimeGivesTheSameOutputs) {
  const TemporaryFolder folder;
  nlohmann::json cases = nlohmann::json::array();
  const auto save = [&](const std::string& name, const nn::Network& network, const Tensor& x, const Tensor& y,
                        const ExportOptions& options) {
    write_file(folder / (name + ".onnx"), network_bytes(network, options));
    write_file(folder / (name + ".input"), std::span(x.data(), x.byte_size()));
    write_file(folder / (name + ".output"), std::span(y.data(), y.byte_size()));
    cases.push_back({{"name", name}, {"input", x.shape().list()}, {"output", y.shape().list()}});
  };
  for (const Case& one : all_cases()) {
    const nn::Network network = built(one.spec);
    for (const std::int64_t count : {3, 1}) {
      const Tensor x = examples(network, count);
      save(count == 1 ? one.name + "_alone" : one.name, network, x, output_of(network, x), {});
    }
  }
  // Far from 0 and narrow, where one subtraction in f32 would round too much.
  const nn::Network flat = built(from_text("scaled", "input = [3]\nlayers = [{ dense = 2 }]\n").spec);
  const Scaling scaling{Tensor::of<double>({3}, {1990.3, -0.2, 2e6}), Tensor::of<double>({3}, {0.7, 1, 1.5})};
  const Tensor raw = Tensor::of<float>({2, 3}, {1990, -1, 2000001, 1991.5F, 2, 1999998});
  Tensor x(DType::f32, {2, 3});
  for (std::int64_t i = 0; i < 6; ++i) x.set(i, (raw.at(i) - scaling.mean.at(i % 3)) / scaling.std.at(i % 3));
  save("scaled", flat, raw, output_of(flat, x), {.scaling = scaling});
  const std::string text = cases.dump();
  write_file(folder / "cases.json", std::as_bytes(std::span(text)));
  const std::string command = std::string(GRADUS_NODE) + " '" GRADUS_ONNX_RUNTIME "/compare.mjs' '" +
                              folder.path().string() + "' 2>&1";
  const int status = std::system(command.c_str());
  ASSERT_TRUE(WIFEXITED(status));
  if (WEXITSTATUS(status) == 77 || WEXITSTATUS(status) == 127)
    GTEST_SKIP() << "ONNX Runtime or node is not installed (npm ci --ignore-scripts in tests/onnx)";
  EXPECT_EQ(WEXITSTATUS(status), 0) << "see the lines above";
}

}  // namespace
}  // namespace gradus::io::onnx::test
