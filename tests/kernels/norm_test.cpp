// Pooling and normalization kernels at sizes where they cut their data, and with unkind numbers.
#include <cmath>
#include <limits>

#include "kernels/large.h"

namespace gradus {
namespace {

std::vector<LargeCase> cases() {
  const DType f = DType::f32, d = DType::f64;
  std::vector<LargeCase> list;

  const auto add_pools = [&](const std::string& name, const Type& x, Pool2dOptions options) {
    options.layout = Layout::channels_last;
    Pool2dOptions back = options, uncounted = options;
    back.size = {x.shape[1], x.shape[2]};
    uncounted.count_padding = false;
    Pool2dOptions uncounted_back = back;
    uncounted_back.count_padding = false;
    const auto winners = [=](const Value& v) { return max_pool2d_winners(v, options).winners; };
    list.push_back(
        {"max_" + name, {x}, [=](const Values& v) { return max_pool2d(v[0], options); }, "simd.max_pool2d"});
    list.push_back(
        {"winners_" + name, {x}, [=](const Values& v) { return winners(v[0]); }, "simd.max_pool2d"});
    list.push_back({"max_grad_" + name,
                    {x},
                    [=](const Values& v) {
                      const MaxPool2d pooled = max_pool2d_winners(v[0], options);
                      return max_pool2d_grad(pooled.y, pooled.winners, back);
                    },
                    "simd.max_pool2d_grad"});
    list.push_back({"take_" + name,
                    {x, x},
                    [=](const Values& v) { return max_pool2d_take(v[1], winners(v[0]), options); },
                    "simd.max_pool2d_take"});
    list.push_back({"average_" + name,
                    {x},
                    [=](const Values& v) { return avg_pool2d(v[0], uncounted); },
                    "simd.avg_pool2d"});
    list.push_back(
        {"average_grad_" + name,
         {x},
         [=](const Values& v) { return avg_pool2d_grad(avg_pool2d(v[0], options), uncounted_back); },
         "simd.avg_pool2d_grad"});
  };
  const Pool2dOptions overlapping{
      .kernel = {3, 3}, .stride = {2, 2}, .pad_before = {1, 1}, .pad_after = {1, 1}};
  const Pool2dOptions sparse{.kernel = {2, 3}, .stride = {3, 4}};
  add_pools("pairs", {f, {5, 28, 29, 33}}, {});
  add_pools("overlapping", {f, {3, 30, 31, 20}}, overlapping);
  add_pools("sparse", {f, {4, 40, 39, 16}}, sparse);
  add_pools("one_channel", {f, {9, 64, 65, 1}}, overlapping);
  add_pools("f64", {d, {3, 30, 31, 13}}, overlapping);

  const auto add_batch = [&](const std::string& name, const Type& x, const BatchNormOptions& options) {
    const Type c{x.dtype, {x.shape[static_cast<int>(options.axis)]}};
    list.push_back({"batch_" + name,
                    {x, c, c},
                    [=](const Values& v) { return batch_norm(v[0], v[1], v[2], options).y; },
                    "simd.batch_norm"});
    list.push_back({"batch_mean_" + name,
                    {x, c},
                    [=](const Values& v) { return batch_norm(v[0], v[1], v[1], options).mean; },
                    "simd.batch_norm"});
    list.push_back({"batch_variance_" + name,
                    {x, c},
                    [=](const Values& v) { return batch_norm(v[0], v[1], v[1], options).variance; },
                    "simd.batch_norm"});
    const auto grad = [=](const Values& v) {
      return batch_norm_grad(v[0], v[1], v[2], square(v[2]) + 0.1, v[3], options);
    };
    const std::vector<Type> in = {x, c, c, x};
    list.push_back(
        {"batch_dx_" + name, in, [=](const Values& v) { return grad(v).dx; }, "simd.batch_norm_grad"});
    list.push_back({"batch_dscale_" + name, in, [=](const Values& v) { return grad(v).dscale; },
                    "simd.batch_norm_grad"});
    list.push_back({"batch_dshift_" + name, in, [=](const Values& v) { return grad(v).dshift; },
                    "simd.batch_norm_grad"});
  };
  add_batch("images", {f, {5, 31, 30, 16}}, {.axis = 3});
  add_batch("one_channel", {f, {70001, 1}}, {});
  add_batch("three_channels", {f, {7, 101, 31, 3}}, {.axis = 3});
  add_batch("twelve_channels", {f, {5, 33, 37, 12}}, {.axis = 3});
  add_batch("many_channels", {f, {3, 7, 9, 333}}, {.axis = 3});
  add_batch("wide", {f, {100, 1030}}, {});
  add_batch("few_rows", {f, {3, 20011}}, {});
  add_batch("channels_first", {f, {4, 13, 31, 33}}, {});
  add_batch("f64", {d, {5, 31, 30, 16}}, {.axis = 3});
  add_batch("f64_channels_first", {d, {5, 12, 31, 30}}, {});

  for (const Type& x : {Type{f, {301, 257}}, Type{f, {11, 4001}}, Type{d, {300, 130}}}) {
    const std::string name = std::to_string(x.shape[0]);
    list.push_back(
        {"layer_" + name, {x}, [](const Values& v) { return layer_norm(v[0]); }, "simd.layer_norm"});
    list.push_back({"layer_grad_" + name,
                    {x, {x.dtype, {x.shape[0]}}, x},
                    [](const Values& v) { return layer_norm_grad(v[0], v[1], v[2]); },
                    "simd.layer_norm_grad"});
  }
  return list;
}

class NormKernels : public testing::TestWithParam<LargeCase> {};

TEST_P(NormKernels, AgreeWithTheReferenceOnAnyThreads) { expect_agreement(GetParam()); }

INSTANTIATE_TEST_SUITE_P(Kernels, NormKernels, testing::ValuesIn(cases()),
                         [](const auto& each) { return each.param.name; });

// A mean far from 0 costs no more digits than it takes to write the numbers down: x here is exact in f32.
TEST(BatchNorm, KeepsItsDigitsUnderAnOffset) {
  for (const std::int64_t axis : {1, 3}) {
    Graph graph;
    const Shape shape = axis == 1 ? Shape{8, 2, 50, 50} : Shape{8, 50, 50, 2};
    const Value x = input(graph, {DType::f32, shape}, "x"), c = input(graph, {DType::f32, {2}}, "c");
    const BatchNorm norm = batch_norm(x, c, c, {.axis = axis});
    graph.output(norm.y, "y");
    graph.output(norm.mean, "mean");
    graph.output(norm.variance, "variance");
    Session session(compile(graph));
    const Tensor far(DType::f32, shape);
    for (std::int64_t i = 0; i < far.size(); ++i)
      far.set(i, 100000 + static_cast<double>((i * 7919) % 64) / 32);
    session.feed(0, far);
    session.input(1).fill(1);
    session.run();
    const auto exact =
        reference::run(graph, {norm.y, norm.mean, norm.variance},
                       reference::feed_inputs(graph, std::vector<Tensor>{far, session.input(1)}));
    for (std::int64_t i = 0; i < far.size(); ++i) ASSERT_NEAR(session.output(0).at(i), exact[0].at(i), 1e-5);
    for (std::int64_t i = 0; i < 2; ++i) {
      EXPECT_EQ(session.output(1).at(i), exact[1].at(i));
      EXPECT_NEAR(session.output(2).at(i), exact[2].at(i), 1e-6 * exact[2].at(i));
    }
  }
}

// NaN wins its window, the first of equals too, and infinities are numbers like others.
TEST(MaxPool2d, TreatsSpecialNumbersAsTheReferenceDoes) {
  const float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  for (const std::int64_t channels : {1, 19}) {  // a part of a vector; a whole one and a part
    Graph graph;
    const Tensor x(DType::f32, {1, 2, 12, channels});
    const float row[2][12] = {{nan, 1, 1, nan, -inf, -inf, 2, 2, inf, inf, 0.0f, -0.0f},
                              {1, 1, nan, nan, -inf, -inf, 2, 3, 1, nan, -0.0f, 0.0f}};
    for (std::int64_t i = 0; i < x.size(); ++i) x.set(i, row[i / (12 * channels)][i / channels % 12]);
    const MaxPool2d pooled = max_pool2d_winners(input(graph, x.type()), {.layout = Layout::channels_last});
    graph.output(pooled.y, "y");
    graph.output(pooled.winners, "winners");
    Session session(compile(graph));
    session.feed(0, x);
    session.run();
    const auto expected = reference::run(graph, {pooled.y, pooled.winners},
                                         reference::feed_inputs(graph, std::vector<Tensor>{x}));
    EXPECT_TRUE(session.output(1).same_bits(expected[1]));
    for (std::int64_t i = 0; i < expected[0].size(); ++i) {
      const double a = session.output(0).at(i), b = expected[0].at(i);
      EXPECT_TRUE(a == b || (std::isnan(a) && std::isnan(b))) << a << " for " << b;
    }
    const std::vector<double> windows = {0, 1, 0, 3, 3, 0};  // row by row: 0 1 / 2 3
    for (std::size_t i = 0; i < windows.size(); ++i)
      EXPECT_EQ(expected[1].at(static_cast<std::int64_t>(i) * channels), windows[i]) << "window " << i;
  }
}

}  // namespace
}  // namespace gradus
