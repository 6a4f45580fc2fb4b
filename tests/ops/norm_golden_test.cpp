// Pooling and normalization, and their gradients, against PyTorch's, in both precisions and executors.
#include <functional>

#include "gradus/grad.h"
#include "ops/golden.h"

namespace gradus {
namespace {

struct Case {
  std::string name;  // of the golden file
  std::vector<Shape> inputs;
  std::function<Value(const Values&)> op;
};

// An image op in channels-last order: its x is turned before, its y after.
std::function<Value(const Values&)> with_channels_last(std::function<Value(const Value&)> op) {
  return [=](const Values& in) { return transpose(op(transpose(in[0], {0, 2, 3, 1})), {0, 3, 1, 2}); };
}

std::function<Value(const Values&)> batch(const BatchNormOptions& options) {
  return [=](const Values& in) { return batch_norm(in[0], in[1], in[2], options).y; };
}

// Scale and shift of the trailing axes.
Value scaled(const Value& y, const Values& in) { return y * in[1] + in[2]; }

std::vector<Case> cases() {
  const Pool2dOptions padded = {
      .kernel = {3, 2}, .stride = {2, 1}, .pad_before = {1, 1}, .pad_after = {1, 1}};
  std::vector<Case> list;
  const auto add_pools = [&](const std::string& name, const Shape& x,
                             Value (*op)(const Value&, const Pool2dOptions&), Pool2dOptions options) {
    list.push_back({name, {x}, [=](const Values& in) { return op(in[0], options); }});
    options.layout = Layout::channels_last;
    list.push_back({name, {x}, with_channels_last([=](const Value& v) { return op(v, options); })});
  };
  Pool2dOptions uncounted = padded;
  uncounted.count_padding = false;
  add_pools("max_pool2d", {2, 3, 5, 4}, max_pool2d, {});
  add_pools("max_pool2d_padded", {2, 2, 6, 5}, max_pool2d, padded);
  add_pools("avg_pool2d", {2, 3, 5, 4}, avg_pool2d, {});
  add_pools("avg_pool2d_padded", {2, 2, 6, 5}, avg_pool2d, padded);
  add_pools("avg_pool2d_uncounted", {2, 2, 6, 5}, avg_pool2d, uncounted);
  const auto add_adaptive = [&](const std::string& name, const Shape& x, std::vector<std::int64_t> size) {
    list.push_back({name, {x}, [=](const Values& in) { return adaptive_avg_pool2d(in[0], size); }});
  };
  add_adaptive("adaptive_avg_pool2d", {2, 3, 7, 5}, {3, 4});
  add_adaptive("adaptive_avg_pool2d_even", {2, 3, 6, 4}, {3, 2});
  add_adaptive("adaptive_avg_pool2d_larger", {1, 2, 3, 2}, {5, 2});
  list.push_back({"batch_norm", {{4, 3, 3, 2}, {3}, {3}}, batch({.epsilon = 1e-3})});
  list.push_back({"batch_norm", {{4, 3, 3, 2}, {3}, {3}}, [](const Values& in) {
                    const Value x = transpose(in[0], {0, 2, 3, 1});
                    return transpose(batch({.epsilon = 1e-3, .axis = 3})({x, in[1], in[2]}), {0, 3, 1, 2});
                  }});
  list.push_back({"batch_norm_dense", {{8, 5}, {5}, {5}}, batch({})});
  list.push_back(
      {"layer_norm", {{4, 7}, {7}, {7}}, [](const Values& in) { return scaled(layer_norm(in[0]), in); }});
  list.push_back({"layer_norm_axes", {{3, 4, 5}, {4, 5}, {4, 5}}, [](const Values& in) {
                    return scaled(layer_norm(in[0], {.axes = 2, .epsilon = 1e-3}), in);
                  }});
  list.push_back({"group_norm", {{2, 6, 3, 2}, {6}, {6}}, [](const Values& in) {
                    const auto over = [](const Value& v) { return reshape(v, {6, 1, 1}); };
                    return scaled(group_norm(in[0], {.groups = 3}), {in[0], over(in[1]), over(in[2])});
                  }});
  return list;
}

class NormGolden : public testing::TestWithParam<Case> {};

TEST_P(NormGolden, HasPyTorchsNumbers) {
  const Case& c = GetParam();
  for (const DType dtype : {DType::f64, DType::f32}) {
    Graph graph;
    std::vector<Tensor> tensors;
    Values xs;
    for (std::size_t i = 0; i < c.inputs.size(); ++i) {
      tensors.push_back(golden::numbers(310 + static_cast<std::int64_t>(i), c.inputs[i], dtype));
      xs.push_back(input(graph, tensors[i].type(), "x"));
    }
    const Value y = c.op(xs);
    Values results = gradients(y, xs, {.upstream = constant(graph, golden::numbers(319, y.shape(), dtype))});
    results.insert(results.begin(), y);
    expect_golden(graph, results, tensors, c.name, dtype == DType::f64 ? 1e-13 : 1e-5);
  }
}

INSTANTIATE_TEST_SUITE_P(Ops, NormGolden, testing::ValuesIn(cases()),
                         [](const auto& each) { return each.param.name + "_" + std::to_string(each.index); });

}  // namespace
}  // namespace gradus
