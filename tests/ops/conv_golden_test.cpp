// Convolutions and their gradients against PyTorch's, in both layouts, precisions and executors.
#include <functional>

#include "gradus/grad.h"
#include "ops/golden.h"

namespace gradus {
namespace {

struct Case {
  std::string name;  // of the golden file
  Shape x, weight;   // channels first
  std::function<Value(const Value& x, const Value& weight, const Conv2dOptions&)> op;
  Conv2dOptions options = {};
};

Value one_axis(const Value& x, const Value& weight, const Conv2dOptions& options) {
  return conv1d(x, weight,
                {.stride = options.stride[1],
                 .pad_before = options.pad_before[1],
                 .pad_after = options.pad_after[1],
                 .dilation = options.dilation[1]});
}

std::vector<Case> cases() {
  return {{"plain", {2, 3, 5, 6}, {4, 3, 3, 2}, conv2d},
          {"strided",
           {2, 2, 7, 6},
           {3, 2, 3, 3},
           conv2d,
           {.stride = {2, 1}, .pad_before = {1, 2}, .pad_after = {1, 2}}},
          {"dilated",
           {1, 2, 7, 8},
           {2, 2, 3, 2},
           conv2d,
           {.pad_before = {0, 1}, .pad_after = {0, 1}, .dilation = {2, 3}}},
          {"groups",
           {2, 4, 4, 5},
           {6, 2, 3, 3},
           conv2d,
           {.pad_before = {1, 1}, .pad_after = {1, 1}, .groups = 2}},
          {"depthwise",
           {1, 5, 6, 6},
           {10, 1, 3, 3},
           conv2d,
           {.stride = {2, 2}, .pad_before = {1, 1}, .pad_after = {1, 1}, .groups = 5}},
          {"transpose",  // output_padding 1 is one more than the smallest size
           {2, 3, 4, 3},
           {3, 2, 3, 3},
           conv_transpose2d,
           {.stride = {2, 2}, .pad_before = {1, 1}, .pad_after = {1, 1}, .size = {8, 6}}},
          {"transpose_groups", {1, 4, 3, 4}, {4, 3, 2, 3}, conv_transpose2d, {.stride = {1, 2}, .groups = 2}},
          {"one_axis",
           {2, 3, 9},
           {4, 3, 3},
           one_axis,
           {.stride = {1, 2}, .pad_before = {0, 2}, .pad_after = {0, 2}, .dilation = {1, 2}}}};
}

// y, dx and dweight of a case in channels-first order.
struct Network {
  Graph graph;
  std::vector<Tensor> inputs;
  Values results;

  Network(const Case& c, DType dtype, Layout layout) {
    inputs = {golden::numbers(300, c.x, dtype), golden::numbers(301, c.weight, dtype)};
    const Value x = input(graph, inputs[0].type(), "x"), weight = input(graph, inputs[1].type(), "weight");
    const bool last = layout == Layout::channels_last;
    Conv2dOptions options = c.options;
    options.layout = layout;
    Value y = c.op(last ? transpose(x, {0, 2, 3, 1}) : x, weight, options);
    if (last) y = transpose(y, {0, 3, 1, 2});
    const Value upstream = constant(graph, golden::numbers(302, y.shape(), dtype));
    results = gradients(y, {x, weight}, {.upstream = upstream});
    results.insert(results.begin(), y);
  }
};

class ConvGolden : public testing::TestWithParam<Case> {};

TEST_P(ConvGolden, HasPyTorchsNumbers) {
  const Case& c = GetParam();
  for (const Layout layout : {Layout::channels_first, Layout::channels_last}) {
    if (c.x.rank() == 3 && layout == Layout::channels_last) continue;
    for (const DType dtype : {DType::f64, DType::f32}) {
      const double tolerance = dtype == DType::f64 ? 1e-13 : 2e-6;
      Network network(c, dtype, layout);
      expect_golden(network.graph, network.results, network.inputs, "conv_" + c.name, tolerance);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Ops, ConvGolden, testing::ValuesIn(cases()),
                         [](const auto& each) { return each.param.name; });

}  // namespace
}  // namespace gradus
