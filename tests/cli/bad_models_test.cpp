// Models and weights that do not fit: exit code 4; output that cannot be written: 6.
#include "cli/refusal.h"
#include "gradus/io.h"

namespace gradus {
namespace {

Refusal model(const std::string& name, const std::string& toml, std::vector<std::string> says) {
  return {name,
          {{"m.toml", toml}},
          {"train", "--data", "symmetry", "--model", "m.toml", "--out", "r"},
          4,
          std::move(says)};
}

Refusal weights(const std::string& name, const io::NamedTensors& tensors, std::vector<std::string> says) {
  const std::vector<std::byte> content = io::safetensors_bytes(tensors);
  return {name,
          {{"w.safetensors", {reinterpret_cast<const char*>(content.data()), content.size()}},
           {"m.toml", "layers = [{ dense = 2 }]\n"}},
          {"train", "--data", "symmetry", "--model", "m.toml", "--init-from", "w.safetensors", "--out", "r"},
          4,
          std::move(says)};
}

std::vector<Refusal> refusals() {
  const Tensor weight(DType::f32, Shape{2, 6}), bias(DType::f32, Shape{2});
  return {
      {"model_file_missing", {}, {"train", "--data", "symmetry", "--model", "none.toml"}, 4, {"none.toml"}},
      model("model_no_toml", "layers = [\n", {"m.toml:"}),
      model("model_without_layers", "input = [6]\n", {"m.toml", "layers"}),
      model("model_unknown_layer", "layers = [\"relu\",\n  \"rleu\"]\n",
            {"m.toml:2", "rleu", "Did you mean 'relu'?"}),
      model("model_unknown_option", "layers = [\n  { dense = { units = 2, bais = false } }]\n",
            {"m.toml:2", "bais", "Did you mean 'bias'?"}),
      model("model_wrong_type", "layers = [{ dense = \"two\" }]\n", {"m.toml:1", "two"}),
      model("model_negative_units", "layers = [{ dense = -2 }]\n", {"m.toml:1", "-2"}),
      model("model_huge_units", "layers = [{ dense = 4000000000000 }]\n", {"m.toml:1"}),
      model("model_of_other_input", "input = [7]\nlayers = [{ dense = 2 }]\n", {"m.toml", "7", "6"}),
      {"model_with_too_few_outputs",
       {{"m.toml", "layers = [{ dense = 1 }]\n"}},
       {"train", "--data", "symmetry", "--model", "m.toml", "--out", "r"},
       3,
       {"symmetry", "below 1", "has 1"}},

      {"weights_missing_file",
       {},
       {"train", "--data", "symmetry", "--init-from", "none.safetensors"},
       4,
       {"none.safetensors"}},
      {"weights_no_safetensors",
       {{"w.safetensors", "hello"}},
       {"train", "--data", "symmetry", "--init-from", "w.safetensors"},
       4,
       {"w.safetensors"}},
      weights("weights_missing", {{"layers.0.weight", weight}}, {"w.safetensors", "layers.0.bias"}),
      weights("weights_extra", {{"layers.0.weight", weight}, {"layers.0.bias", bias}, {"more", bias}},
              {"w.safetensors", "more"}),
      weights("weights_misshaped",
              {{"layers.0.weight", Tensor(DType::f32, Shape{2, 5})}, {"layers.0.bias", bias}},
              {"w.safetensors", "layers.0.weight", "[2, 5]", "[2, 6]"}),

      {"eval_no_run", {}, {"eval", "none"}, 4, {"none"}},
      {"eval_empty_folder", {{"d/a", ""}}, {"eval", "d"}, 4, {"d"}},
      {"predict_no_run", {{"a.csv", "a\n1\n"}}, {"predict", "none", "--input", "a.csv"}, 4, {"none"}},
      {"export_no_run", {}, {"export", "none", "--to", "m.safetensors"}, 4, {"none"}},
      {"export_no_run_to_onnx", {}, {"export", "none", "--to", "m.onnx"}, 4, {"none"}},
      {"gradcheck_empty_folder", {{"d/a", ""}}, {"gradcheck", "d"}, 4, {"d"}},

      {"out_is_a_file",
       {{"taken", ""}},
       {"train", "--data", "symmetry", "--epochs", "1", "--out", "taken"},
       6,
       {"taken"}},
      {"out_below_a_file",
       {{"taken", ""}},
       {"train", "--data", "symmetry", "--epochs", "1", "--quiet", "--out", "taken/run"},
       6,
       {"taken: a folder was needed"}},
      {"out_not_writable",
       {},
       {"train", "--data", "symmetry", "--epochs", "1", "--quiet", "--out", "/proc/run"},
       6,
       {"/proc/run"}},
      {"make_not_writable", {}, {"data", "make", "symmetry", "--out", "none/a.csv"}, 6, {"none/a.csv"}},
  };
}

class BadModels : public RefusalTest {};
TEST_P(BadModels, AreRefused) { check(); }
INSTANTIATE_TEST_SUITE_P(Cli, BadModels, ::testing::ValuesIn(refusals()), refusal_name);

}  // namespace
}  // namespace gradus
