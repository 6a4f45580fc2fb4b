// Networks with each kind of layer, and those of the zoo, for the tests of ONNX files.
#pragma once

#include <string>
#include <vector>

#include "gradus/compile.h"
#include "gradus/nn.h"
#include "gradus/ops.h"
#include "support/evaluate.h"

namespace gradus::io::onnx::test {

struct Case {
  std::string name;
  nn::ModelSpec spec;
};

inline Case from_text(const std::string& name, const std::string& toml) {
  return {name, nn::parse_model(toml, name)};
}

inline std::vector<Case> layer_cases() {
  const std::string image = "input = [4, 9, 7]\n", flat = "input = [6]\n", sequence = "input = [4, 11]\n";
  const auto layers = [](const std::string& input, const std::string& text) {
    return input + "layers = [" + text + "]\n";
  };
  return {
      from_text("adaptive_even", layers("input = [3, 8, 6]\n", "{ adaptive_avg_pool2d = [4, 2] }")),
      from_text("adaptive_odd", layers(image, "{ adaptive_avg_pool2d = [4, 3] }")),
      from_text("avg_pool2d", layers(image,
                                     "{ avg_pool2d = { kernel = 3, stride = 2, padding = \"same\" } }, "
                                     "{ avg_pool2d = { kernel = 2, padding = 1, count_padding = false } }")),
      from_text(
          "batch_norm",
          layers(image, "{ batch_norm = { momentum = 0.2, epsilon = 0.001 } }, \"flatten\", \"batch_norm\"")),
      from_text("conv1d",
                layers(sequence,
                       "{ conv1d = { filters = 6, kernel = 3, stride = 2, padding = \"same\" } }, "
                       "{ conv1d = { filters = 4, kernel = 2, groups = 2, bias = false, dilation = 2 } }")),
      from_text("conv2d", layers(image,
                                 "{ conv2d = { filters = 8, kernel = [3, 2], padding = \"same\" } }, "
                                 "{ conv2d = { filters = 6, kernel = 3, stride = [2, 1], padding = [1, 2], "
                                 "groups = 2, bias = false } }, "
                                 "{ conv2d = { filters = 3, kernel = 2, dilation = 2 } }")),
      from_text("conv_transpose2d",
                layers(image,
                       "{ conv_transpose2d = { filters = 6, kernel = 3, stride = 2, padding = 1, "
                       "output_padding = 1, groups = 2 } }, "
                       "{ conv_transpose2d = { filters = 3, kernel = 4, stride = 3, padding = \"same\", bias "
                       "= false } }, "
                       "{ conv_transpose2d = { filters = 3, kernel = 1, stride = 2, padding = \"same\" } }")),
      from_text("dense", layers(flat, "{ dense = 5 }, { dense = { units = 4, bias = false } }")),
      from_text("dense_block",
                layers(image,
                       "{ dense_block = { layers = 3, growth = 2 } }, "
                       "{ dense_block = { layers = 2, growth = 3, bottleneck = true, dropout = 0.2 } }")),
      from_text("dense_block_branch",
                layers(image, "{ dense_block = { layers = 2, growth = 2, join = \"branch\" } }")),
      from_text("dense_block_product", layers(image, "{ dense_block = { layers = 2, join = \"product\" } }")),
      from_text("dropout", layers(flat, "{ dropout = 0.25 }, { dense = 3 }, \"dropout\"")),
      from_text("elu", layers(flat, "{ elu = 0.5 }, \"elu\"")),
      from_text("flatten", layers(image, "\"flatten\"")),
      from_text("gelu", layers(flat, "\"gelu\"")),
      from_text("global_avg_pool2d", layers(image, "\"global_avg_pool2d\"")),
      from_text(
          "group_norm",
          layers(image, "{ group_norm = 2 }, \"flatten\", { group_norm = { groups = 4, epsilon = 0.01 } }")),
      from_text("identity", layers(flat, "\"identity\"")),
      from_text(
          "layer_norm",
          layers(image, "{ layer_norm = { axes = 3, epsilon = 0.01 } }, { layer_norm = { axes = 1 } }")),
      from_text("leaky_relu", layers(flat, "\"leaky_relu\", { leaky_relu = 0.2 }")),
      from_text("max_pool2d",
                layers(image,
                       "{ max_pool2d = { kernel = 3, stride = 1, padding = 1 } }, "
                       "{ max_pool2d = { kernel = [2, 3], padding = \"same\" } }, { max_pool2d = 2 }")),
      from_text("noise", layers(image, "{ gaussian_noise = 0.3 }, { spatial_dropout = 0.3 }")),
      from_text(
          "parallel",
          layers(image,
                 "{ parallel = [\"identity\", { conv2d = { filters = 3, kernel = 1 } }, [\"relu\", { conv2d "
                 "= { filters = 2, kernel = 3, padding = 1 } }]] }, "
                 "{ parallel = { branches = [{ conv2d = { filters = 4, kernel = 1 } }, [\"sigmoid\", { "
                 "conv2d = { filters = 4, kernel = 1 } }]], join = \"add\" } }, "
                 "{ parallel = { branches = [\"tanh\", \"sigmoid\", \"identity\"], join = \"product\" } }")),
      from_text("relu", layers(flat, "{ dense = 4 }, \"relu\"")),
      from_text("reshape", layers(image, "{ reshape = [2, -1, 9] }, { reshape = [252] }")),
      from_text("residual",
                layers(image,
                       "{ residual = [\"relu\", { conv2d = { filters = 4, kernel = 3, padding = 1 } }] }, "
                       "{ residual = { layers = [{ conv2d = { filters = 6, kernel = 3, stride = 2, padding = "
                       "1 } }, \"batch_norm\"], activation = \"relu\" } }, "
                       "{ residual = { layers = [{ conv2d = { filters = 8, kernel = 3, stride = 2, padding = "
                       "\"same\" } }], shortcut = \"projection_norm\" } }, "
                       "{ residual = { layers = [{ conv2d = { filters = 8, kernel = 3, padding = \"same\" } "
                       "}], shortcut = \"projection\", bias = false } }, "
                       "\"flatten\", { residual = [{ dense = 7 }, \"tanh\", { dense = 5 }] }")),
      from_text("residual_zero_pad",
                layers(image,
                       "{ residual = { layers = [{ conv2d = { filters = 6, kernel = 3, stride = 2, padding = "
                       "1 } }, \"batch_norm\"], shortcut = \"zero_pad\", activation = \"relu\" } }, "
                       "{ residual = { layers = [{ conv2d = { filters = 9, kernel = 3, padding = 1 } }], "
                       "shortcut = \"zero_pad\" } }")),
      from_text(
          "residual_empty",
          layers(flat, "{ residual = [] }, { residual = [{ residual = [{ dense = 6 }] }, \"sigmoid\"] }")),
      from_text("selu", layers(flat, "\"selu\"")),
      from_text("sequential", layers(flat, "[{ dense = 4 }, [\"tanh\"]], { dense = 2 }, []")),
      from_text("sigmoid", layers(flat, "\"sigmoid\"")),
      from_text("silu", layers(flat, "\"silu\"")),
      from_text("softmax", layers(image, "{ softmax = 1 }, \"softmax\"")),
      from_text("softplus", layers(flat, "{ softplus = 2.5 }, \"softplus\"")),
      from_text("tanh", layers(flat, "\"tanh\"")),
      from_text("transition", layers(image, "{ transition = 0.5 }")),
  };
}

inline std::vector<Case> zoo_cases() {
  std::vector<Case> cases;
  for (const nn::NamedModel& model : nn::named_models())
    cases.push_back({model.name, nn::named_model(model.name, model.input, model.outputs)});
  return cases;
}

// With statistics and normalization parameters that are not those of a fresh network.
inline nn::Network built(const nn::ModelSpec& spec) {
  nn::Network network = nn::build(spec, *spec.input, {.seed = 3});
  std::uint64_t number = 0;
  for (const Variable& variable : network.variables()) {
    ++number;
    if (variable.type().shape.rank() > 1) continue;
    const Tensor noise = random_tensor(variable.type(), number, 0.1);
    for (std::int64_t i = 0; i < noise.size(); ++i)
      noise.set(i, variable.value().at(i) == 1 ? 1 + noise.at(i) : variable.value().at(i) + noise.at(i));
    variable.set(noise);
  }
  return network;
}

inline Tensor examples(const nn::Network& network, std::int64_t count) {
  std::vector<std::int64_t> extents = network.input.list();
  extents.insert(extents.begin(), count);
  return random_tensor({DType::f32, Shape(extents)}, 77);
}

inline Tensor output_of(const nn::Network& network, const Tensor& x) {
  Graph graph;
  graph.output(network(input(graph, x.type(), "x"), {.training = false}), "y");
  Session session(compile(graph, {.threads = 1}));
  session.feed(0, x);
  session.run();
  return session.output(0).clone();
}

inline std::vector<Case> all_cases() {
  std::vector<Case> cases = layer_cases();
  for (Case& one : zoo_cases()) cases.push_back(std::move(one));
  return cases;
}

}  // namespace gradus::io::onnx::test
