// Kernels at sizes where they change their ways: threads, packed blocks, oneDNN. The op table's samples are
// too small for that.
#include "kernels/large.h"

#include <cmath>
#include <limits>

namespace gradus {
namespace {

std::vector<LargeCase> cases() {
  const DType f = DType::f32, d = DType::f64;
  const auto product = [](bool ta, bool tb) {
    return [=](const Values& v) { return matmul(v[0], v[1], {.transpose_a = ta, .transpose_b = tb}); };
  };
  const Conv2dOptions same{.pad_before = {1, 1}, .pad_after = {1, 1}, .layout = Layout::channels_last};
  const Conv2dOptions strided{
      .stride = {2, 2}, .pad_before = {1, 1}, .pad_after = {1, 1}, .layout = Layout::channels_last};
  Conv2dOptions depthwise = same, grouped = same;
  depthwise.groups = 40;
  grouped.groups = 2;
  const auto weight_grad = [](Conv2dOptions options) {
    options.size = {3, 3};
    return [=](const Values& v) { return conv2d_weight_grad(v[0], v[1], options); };
  };
  return {
      {"add", {{f, {70001}}, {f, {70001}}}, [](const Values& v) { return v[0] + v[1]; }, "simd.add"},
      {"add_row", {{f, {300, 257}}, {f, {257}}}, [](const Values& v) { return v[0] + v[1]; }, "simd.add"},
      {"add_short_row",
       {{f, {7, 31, 33, 19}}, {f, {19}}},
       [](const Values& v) { return v[0] + v[1]; },
       "simd.add"},
      {"short_row_less_one",
       {{f, {16}}, {f, {5, 700, 16}}, {f, {}}},
       [](const Values& v) { return select(less(v[0], v[1]), v[2], v[0]); },
       "simd.select"},
      {"select_by_short_row",
       {{f, {3}}, {f, {21001, 3}}, {f, {3}}},
       [](const Values& v) { return select(less(v[0], v[2]), v[1], v[2]); },
       "simd.select"},
      {"mul_column",
       {{f, {300, 257}}, {f, {300, 1}}},
       [](const Values& v) { return v[0] * v[1]; },
       "simd.mul"},
      {"sub_outer",
       {{f, {1, 70, 1, 33}}, {f, {40, 1, 5, 1}}},
       [](const Values& v) { return v[0] - v[1]; },
       "simd.sub"},
      {"relu", {{f, {33, 4001}}}, [](const Values& v) { return relu(v[0]); }, "simd.relu"},
      {"tanh_f64", {{DType::f64, {50003}}}, [](const Values& v) { return tanh(v[0]); }, "simd.tanh"},
      {"less", {{f, {50001}}, {f, {}}}, [](const Values& v) { return less(v[0], v[1]); }, "simd.less"},
      {"sum_all", {{f, {300, 1001}}}, [](const Values& v) { return sum(v[0]); }, "simd.sum"},
      {"sum_rows", {{f, {1001, 300}}}, [](const Values& v) { return sum(v[0], {.axes = {0}}); }, "simd.sum"},
      {"sum_columns",
       {{f, {1001, 300}}},
       [](const Values& v) { return sum(v[0], {.axes = {1}}); },
       "simd.sum"},
      {"max_middle",
       {{f, {50, 70, 40}}},
       [](const Values& v) { return max(v[0], {.axes = {1}}); },
       "simd.max"},
      {"softmax", {{f, {700, 37}}}, [](const Values& v) { return softmax(v[0]); }, "simd.softmax"},
      {"log_softmax",
       {{f, {70, 777}}},
       [](const Values& v) { return log_softmax(v[0]); },
       "simd.log_softmax"},
      {"cross_entropy",
       {{f, {900, 10}}, {DType::i64, {900}}},
       [](const Values& v) { return softmax_cross_entropy(v[0], v[1], {.reduction = Reduction::none}); },
       "simd.softmax_cross_entropy"},
      {"matmul", {{f, {200, 700}}, {f, {700, 99}}}, product(false, false), "simd.matmul"},
      {"matmul_tb", {{f, {131, 600}}, {f, {77, 600}}}, product(false, true), "simd.matmul"},
      {"matmul_ta", {{f, {300, 131}}, {f, {300, 333}}}, product(true, false), "simd.matmul"},
      {"matmul_tt", {{f, {270, 50}}, {f, {333, 270}}}, product(true, true), "simd.matmul"},
      {"matmul_tall", {{f, {999, 300}}, {f, {300, 10}}}, product(false, false), "simd.matmul"},
      {"matmul_flat", {{f, {5000, 10}}, {f, {5000, 100}}}, product(true, false), "simd.matmul"},
      {"matmul_f64",
       {{DType::f64, {130, 300}}, {DType::f64, {70, 300}}},
       product(false, true),
       "simd.matmul"},
      {"matmul_batch", {{f, {5, 1, 40, 60}}, {f, {3, 60, 70}}}, product(false, false), "simd.matmul"},
      {"conv2d_f64",
       {{d, {3, 14, 15, 32}}, {d, {40, 32, 3, 3}}},
       [=](const Values& v) { return conv2d(v[0], v[1], strided); },
       "simd.conv2d"},
      {"conv2d_f64_1x1",
       {{d, {3, 14, 15, 33}}, {d, {40, 33, 1, 1}}},
       [](const Values& v) { return conv2d(v[0], v[1], {.layout = Layout::channels_last}); },
       "simd.conv2d"},
      {"conv2d_f64_groups",
       {{d, {2, 9, 9, 40}}, {d, {80, 20, 3, 3}}},
       [=](const Values& v) { return conv2d(v[0], v[1], grouped); },
       "simd.conv2d"},
      {"conv2d_f64_depthwise",
       {{d, {4, 14, 14, 40}}, {d, {40, 1, 3, 3}}},
       [=](const Values& v) { return conv2d(v[0], v[1], depthwise); },
       "simd.depthwise"},
      {"conv_transpose2d_f64_depthwise",
       {{d, {4, 14, 14, 40}}, {d, {40, 1, 3, 3}}},
       [=](const Values& v) { return conv_transpose2d(v[0], v[1], depthwise); },
       "simd.depthwise"},
      {"conv2d_weight_grad_f64_depthwise",
       {{d, {4, 14, 14, 40}}, {d, {4, 14, 14, 40}}},
       weight_grad(depthwise),
       "simd.depthwise"},
      {"conv_transpose2d_f64",
       {{d, {3, 7, 8, 40}}, {d, {40, 32, 3, 3}}},
       [=](const Values& v) { return conv_transpose2d(v[0], v[1], strided); },
       "simd.conv_transpose2d"},
      {"conv_transpose2d_f64_groups",
       {{d, {2, 9, 9, 80}}, {d, {80, 20, 3, 3}}},
       [=](const Values& v) { return conv_transpose2d(v[0], v[1], grouped); },
       "simd.conv_transpose2d"},
      {"conv2d_weight_grad_f64",
       {{d, {3, 14, 15, 32}}, {d, {3, 7, 8, 40}}},
       weight_grad(strided),
       "simd.conv2d_weight_grad"},
      {"conv2d_weight_grad_f64_groups",
       {{d, {2, 9, 9, 40}}, {d, {2, 9, 9, 80}}},
       weight_grad(grouped),
       "simd.conv2d_weight_grad"},
#ifdef GRADUS_WITH_ONEDNN
      {"onednn_conv2d",
       {{f, {4, 14, 15, 32}}, {f, {48, 32, 3, 3}}},
       [=](const Values& v) { return conv2d(v[0], v[1], strided); },
       "onednn.conv2d",
       false},
      {"onednn_conv2d_one_channel",
       {{f, {4, 28, 28, 1}}, {f, {32, 1, 3, 3}}},
       [=](const Values& v) { return conv2d(v[0], v[1], same); },
       "onednn.conv2d",
       false},
      {"onednn_conv2d_depthwise",
       {{f, {4, 14, 14, 40}}, {f, {40, 1, 3, 3}}},
       [=](const Values& v) { return conv2d(v[0], v[1], depthwise); },
       "onednn.conv2d",
       false},
      {"onednn_conv_transpose2d",
       {{f, {4, 7, 8, 48}}, {f, {48, 32, 3, 3}}},
       [=](const Values& v) { return conv_transpose2d(v[0], v[1], strided); },
       "onednn.conv_transpose2d",
       false},
      {"onednn_conv2d_weight_grad",
       {{f, {4, 14, 15, 32}}, {f, {4, 7, 8, 48}}},
       weight_grad(strided),
       "onednn.conv2d_weight_grad",
       false},
      {"onednn", {{f, {400, 400}}, {f, {400, 400}}}, product(false, false), "onednn.matmul", false},
      {"onednn_tt", {{f, {400, 300}}, {f, {500, 400}}}, product(true, true), "onednn.matmul", false},
      {"onednn_batch",
       {{f, {8, 200, 180}}, {f, {1, 160, 180}}},
       product(false, true),
       "onednn.matmul",
       false},
#endif
  };
}

// Products around the edges of tiles, panels and blocks of every instruction set, from all four sides.
std::vector<LargeCase> products_at_edges() {
  struct Extents {
    std::int64_t m, k, n;
  };
  std::vector<LargeCase> cases;
  for (const DType dtype : {DType::f32, DType::f64}) {
    for (const Extents e : {Extents{13, 1, 33},
                            {25, 2, 31},
                            {11, 3, 17},
                            {23, 199, 32},
                            {36, 200, 15},
                            {12, 201, 65},
                            {14, 403, 4},
                            {128, 98, 64},
                            {150, 100, 49},
                            {49, 130, 161},
                            {40, 0, 40}}) {
      for (const bool ta : {false, true}) {
        for (const bool tb : {false, true}) {
          const Shape a = ta ? Shape{e.k, e.m} : Shape{e.m, e.k}, b = tb ? Shape{e.n, e.k} : Shape{e.k, e.n};
          cases.push_back(
              {"matmul_" + std::string(name(dtype)) + "_" + std::to_string(e.m) + "x" + std::to_string(e.k) +
                   "x" + std::to_string(e.n) + (ta ? "_ta" : "") + (tb ? "_tb" : ""),
               {{dtype, a}, {dtype, b}},
               [=](const Values& v) { return matmul(v[0], v[1], {.transpose_a = ta, .transpose_b = tb}); },
               "simd.matmul"});
        }
      }
    }
  }
  return cases;
}

class Large : public testing::TestWithParam<LargeCase> {};

TEST_P(Large, AgreesWithTheReferenceOnAnyThreads) { expect_agreement(GetParam()); }

INSTANTIATE_TEST_SUITE_P(Kernels, Large, testing::ValuesIn(cases()),
                         [](const auto& each) { return each.param.name; });
INSTANTIATE_TEST_SUITE_P(Products, Large, testing::ValuesIn(products_at_edges()),
                         [](const auto& each) { return each.param.name; });

// The same numbers, infinities, NaN and signs of zero as the plain kernels.
TEST(SpecialNumbers, AreThoseOfTheReference) {
  const float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  const Tensor x =
      Tensor::of<float>({18}, {0.0f, -0.0f, 1.0f, -1.0f, inf, -inf, nan, 88.7215f, 88.73f, -87.5f, -104.5f,
                               1e10f, -1e10f, 2e-38f, 3e38f, 39000.5f, -1e-8f, 1e-8f});
  const std::vector<std::pair<std::string, std::function<Value(const Value&)>>> functions = {
      {"exp", [](const Value& v) { return exp(v); }},
      {"log", [](const Value& v) { return log(v); }},
      {"log1p", [](const Value& v) { return log1p(v); }},
      {"sqrt", [](const Value& v) { return sqrt(v); }},
      {"abs", [](const Value& v) { return abs(v); }},
      {"sign", [](const Value& v) { return sign(v); }},
      {"sin", [](const Value& v) { return sin(v); }},
      {"cos", [](const Value& v) { return cos(v); }},
      {"sigmoid", [](const Value& v) { return sigmoid(v); }},
      {"tanh", [](const Value& v) { return tanh(v); }},
      {"relu", [](const Value& v) { return relu(v); }},
      {"leaky_relu", [](const Value& v) { return leaky_relu(v); }},
      {"softplus", [](const Value& v) { return softplus(v); }},
      {"clip", [](const Value& v) { return clip(v, {.low = -2, .high = 3}); }},
      {"maximum", [](const Value& v) { return maximum(v, scalar(v.graph(), 0.5)); }},
      {"minimum", [](const Value& v) { return minimum(v, scalar(v.graph(), 0.5)); }},
      {"less", [](const Value& v) { return less(v, scalar(v.graph(), 0.5)); }},
      {"not_equal", [](const Value& v) { return not_equal(v, v); }},
  };
  for (const auto& [name, function] : functions) {
    Graph graph;
    const Value y = function(input(graph, x.type(), "x"));
    graph.output(y, "y");
    const Tensor expected =
        reference::run(graph, {y}, reference::feed_inputs(graph, std::vector<Tensor>{x}))[0];
    Session session(compile(graph));
    session.feed(0, x);
    session.run();
    for (std::int64_t i = 0; i < x.size(); ++i) {
      const double a = session.output(0).at(i), b = expected.at(i);
      const bool same =
          a == b ? std::signbit(a) == std::signbit(b)
                 : (std::isnan(a) && std::isnan(b)) || std::abs(a - b) <= 1e-5 * std::abs(b) + 1e-37;
      EXPECT_TRUE(same) << name << "(" << x.at(i) << ") is " << a << ", the reference has " << b;
    }
  }
}

// Numbers too small to have all their digits count as 0 while a program runs.
TEST(SpecialNumbers, TheSmallestCountAsZero) {
  Graph graph;
  const Value x = input(graph, {DType::f32, {1}}, "x");
  graph.output(x * 1e10, "y");
  graph.output(square(x), "z");
  Session session(compile(graph));
  session.input(0).fill(1e-40);
  session.run();
  EXPECT_EQ(session.output(0).at(0), 0);
  session.input(0).fill(1e-20);
  session.run();
  EXPECT_EQ(session.output(1).at(0), 0);
  volatile float tiny = 1e-40F;
  EXPECT_NE(tiny * 1e10F, 0);  // the caller's arithmetic is as it was
}

// Logits far from 0 and confident models: the digits of the logarithm are not lost in the shift.
TEST(Softmax, KeepsItsDigitsUnderAnOffset) {
  Graph graph;
  const Value x = input(graph, {DType::f32, {2, 2}}, "x"), labels = input(graph, {DType::i64, {2}}, "labels");
  graph.output(log_softmax(x), "log");
  graph.output(softmax_cross_entropy(x, labels, {.reduction = Reduction::none}), "loss");
  Session session(compile(graph));
  session.feed(0, Tensor::of<float>({2, 2}, {1e7f, 1e7f, 100.0f, 88.0f}));
  session.feed(1, Tensor::of<std::int64_t>({2}, {1, 0}));
  session.run();
  EXPECT_FLOAT_EQ(static_cast<float>(session.output(0).at(0)), -std::log(2.0f));
  EXPECT_FLOAT_EQ(static_cast<float>(session.output(1).at(0)), std::log(2.0f));
  EXPECT_NEAR(session.output(1).at(1), std::log1p(std::exp(-12.0)), 1e-11);
}

TEST(Sum, ALongColumnStaysExact) {
  Graph graph;
  graph.output(sum(input(graph, {DType::f32, {1000000, 2}}, "x"), {.axes = {0}}), "y");
  Session session(compile(graph));
  session.input(0).fill(0.1);
  session.run();
  EXPECT_NEAR(session.output(0).at(0), 100000, 5);
}

}  // namespace
}  // namespace gradus
