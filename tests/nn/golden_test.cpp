// One SGD step of small deep networks against PyTorch's: loss, gradients, running statistics, and what
// evaluation gives afterwards; on both executors and in both precisions.
#include "support/golden.h"

#include <algorithm>
#include <cmath>

#include "gradus/compile.h"
#include "gradus/grad.h"
#include "nn/support.h"
#include "support/evaluate.h"

namespace gradus::nn {
namespace {

struct Case {
  std::string name;    // of the golden file
  std::string layers;  // without what all begin or end with
};

std::string conv(int filters, const std::string& more = "") {
  return "{ conv2d = { filters = " + std::to_string(filters) + ", kernel = 3, padding = 1, bias = false" +
         more + " } }";
}

std::string dense_network(const std::string& options) {
  return conv(4) + ", { dense_block = { layers = 2, growth = 3, " + options +
         " } }, \"batch_norm\", \"relu\", \"global_avg_pool2d\"";
}

std::vector<Case> cases() {
  return {
      {"conv",
       R"({ conv2d = { filters = 4, kernel = 3, padding = 1 } }, "relu", { max_pool2d = 2 },
          { conv2d = { filters = 6, kernel = 3, padding = 1, stride = 2, groups = 2 } }, "relu", "flatten")"},
      {"batch_norm", conv(4) + R"(, "batch_norm", "relu", { avg_pool2d = 3 }, "flatten",
          { dense = { units = 5, bias = false } }, "batch_norm", "relu")"},
      {"residual", conv(4) + R"(, "batch_norm", "relu", { residual = { activation = "relu", layers = [)" +
                       conv(4) + R"(, "batch_norm", "relu", )" + conv(4) + R"(, "batch_norm"] } },
          { residual = { activation = "relu", shortcut = "projection_norm", layers = [)" +
                       conv(6, ", stride = 2") + R"(, "batch_norm"] } },
          { residual = ["batch_norm", "relu", )" +
                       conv(5) + R"(] },
          { residual = { shortcut = "zero_pad", layers = ["batch_norm", "relu", )" +
                       conv(7, ", stride = 2") + R"(] } }, "global_avg_pool2d")"},
      {"dense_concatenate", dense_network("join = \"concatenate\"")},
      {"dense_product", dense_network("join = \"product\"")},
      {"dense_branch", dense_network("join = \"branch\"")},
      {"dense_bottleneck", conv(4) + R"(, { dense_block = { layers = 2, growth = 3, bottleneck = true } },
          { transition = 0.5 }, "global_avg_pool2d")"},
  };
}

enum class Executor { reference, compiled };

std::vector<Tensor> run(Graph& graph, const Values& wanted, const std::vector<Tensor>& inputs,
                        Executor executor) {
  if (executor == Executor::reference)
    return reference::run(graph, wanted, reference::feed_inputs(graph, inputs), reference::Writes::carry_out);
  for (const Value& value : wanted) graph.output(value, "");
  Session session(compile(graph));
  for (std::size_t i = 0; i < inputs.size(); ++i) session.feed(i, inputs[i]);
  session.run();
  std::vector<Tensor> copies;
  for (const Tensor& output : session.outputs()) {
    copies.emplace_back(output.type());
    copies.back().copy_from(output);
  }
  return copies;
}

void expect_step(const Case& c, Executor executor, DType dtype) {
  const Network network =
      test::from("layers = [" + c.layers + ", { dense = 3 }]", {2, 6, 6}, {.dtype = dtype});
  const std::vector<Variable> parameters = network.parameters();
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const Variable& p = parameters[i];
    const Tensor value = golden::numbers(400 + static_cast<std::int64_t>(i), p.type().shape, dtype);
    const bool scale = p.type().shape.rank() == 1 && p.name().ends_with(".weight");
    for (std::int64_t k = 0; scale && k < value.size(); ++k) value.set(k, value.at(k) + 1);
    p.set(value);
  }
  const Tensor batch = golden::numbers(320, {8, 2, 6, 6}, dtype, 4);

  Graph graph;
  const Value x = input(graph, batch.type()), labels = input(graph, {DType::i64, {8}});
  Values wanted = {softmax_cross_entropy(network(x), labels)};
  const Values gradient = gradients(wanted[0], parameters);
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    wanted.push_back(gradient[i]);
    assign(parameters[i], read(graph, parameters[i]) - gradient[i] * 0.1);
  }
  std::vector<Tensor> got = run(graph, wanted, {batch, golden::classes(0)}, executor);
  for (const Variable& variable : network.variables())
    if (variable.role() == Role::statistic) got.push_back(variable.value());
  Graph evaluation;
  const Value y = network(input(evaluation, batch.type()), {.training = false});
  got.push_back(run(evaluation, {y}, {batch}, executor)[0]);

  const std::vector<double> expected = golden::read("network_" + c.name);
  const double tolerance = dtype == DType::f64 ? 1e-11 : 1e-4;
  std::size_t at = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    const auto size = static_cast<std::size_t>(got[i].size());
    ASSERT_LE(at + size, expected.size()) << c.name;
    double largest = 0;
    for (std::size_t k = 0; k < size; ++k) largest = std::max(largest, std::abs(expected[at + k]));
    EXPECT_GT(largest, 1e-4) << c.name << ", tensor " << i;
    for (std::size_t k = 0; k < size; ++k)
      ASSERT_NEAR(got[i].at(static_cast<std::int64_t>(k)), expected[at + k], tolerance * largest)
          << c.name << ", tensor " << i
          << (i > 0 && i <= parameters.size() ? " " + parameters[i - 1].name() : "");
    at += size;
  }
  EXPECT_EQ(at, expected.size()) << c.name;
}

class NetworkGolden : public testing::TestWithParam<std::tuple<std::size_t, Executor, DType>> {};

TEST_P(NetworkGolden, AStepIsTorchs) {
  const auto& [index, executor, dtype] = GetParam();
  expect_step(cases()[index], executor, dtype);
}

std::string case_name(const testing::TestParamInfo<NetworkGolden::ParamType>& parameter) {
  const auto& [index, executor, dtype] = parameter.param;
  return cases()[index].name + (executor == Executor::reference ? "_reference_" : "_compiled_") +
         std::string(name(dtype));
}

INSTANTIATE_TEST_SUITE_P(All, NetworkGolden,
                         testing::Combine(testing::Range<std::size_t>(0, cases().size()),
                                          testing::Values(Executor::reference, Executor::compiled),
                                          testing::Values(DType::f32, DType::f64)),
                         case_name);

}  // namespace
}  // namespace gradus::nn
