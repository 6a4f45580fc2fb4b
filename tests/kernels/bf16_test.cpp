// Kernels that read or write bf16, against the reference.
#include <limits>

#include "compiler/compile.h"
#include "kernels/backends.h"
#include "kernels/kernels.h"
#include "kernels/large.h"

namespace gradus {
namespace {

constexpr DType kF32 = DType::f32;

Value rounded(const Value& x) { return cast(x, DType::bf16); }

std::vector<LargeCase> cases() {
  std::vector<LargeCase> list;
  for (const std::int64_t n : {1, 7, 33, 100003}) {
    list.push_back({"casts_" + std::to_string(n),
                    {{kF32, {n}}},
                    [](const Values& v) { return cast(rounded(v[0]), kF32); },
                    "simd.cast"});
    list.push_back({"fused_casts_" + std::to_string(n),
                    {{kF32, {n}}},
                    [](const Values& v) { return relu(cast(rounded(v[0] + v[0]), kF32)) * v[0]; },
                    n == 1 ? "" : "simd.fused",
                    true,
                    {}});
  }
  for (const Shape& shape : {Shape{4096, 16}, Shape{513, 37}, Shape{100, 3}, Shape{2, 300}})
    list.push_back({"moments_" + std::to_string(shape[0]),
                    {{kF32, shape}},
                    [](const Values& v) {
                      const Moments m = moments(rounded(v[0]), {.axis = -1});
                      return m.mean + m.variance;
                    },
                    "simd.moments"});
  list.push_back({"moments_first",
                  {{kF32, {20, 5, 33, 7}}},
                  [](const Values& v) { return moments(rounded(v[0]), {.axis = 1}).variance; },
                  "simd.moments"});

  const auto add_products = [&](const std::string& name, std::int64_t m, std::int64_t k, std::int64_t n) {
    for (const MatmulOptions options : {MatmulOptions{}, {true, false}, {false, true}}) {
      const Shape a = options.transpose_a ? Shape{k, m} : Shape{m, k};
      const Shape b = options.transpose_b ? Shape{n, k} : Shape{k, n};
      list.push_back({"matmul_" + name +
                          (options.transpose_a   ? "_ta"
                           : options.transpose_b ? "_tb"
                                                 : ""),
                      {{kF32, a}, {kF32, b}},
                      [=](const Values& v) { return matmul(rounded(v[0]), rounded(v[1]), options); },
                      "matmul",
                      false});
    }
  };
  add_products("small", 5, 7, 3);
  add_products("large", 150, 200, 180);
  add_products("empty", 3, 0, 4);

  const auto add_convs = [&](const std::string& name, const Shape& x, const Shape& weight,
                             Conv2dOptions options) {
    options.layout = Layout::channels_last;
    const std::int64_t h = (x[1] + options.pad_before[0] + options.pad_after[0] - weight[2]) /
                               options.stride[0] +
                           1,
                       w = (x[2] + options.pad_before[1] + options.pad_after[1] - weight[3]) /
                               options.stride[1] +
                           1;
    const Shape y{x[0], h, w, weight[0]};
    Conv2dOptions back = options, of_weight = options;
    back.size = {x[1], x[2]};
    of_weight.size = {weight[2], weight[3]};
    list.push_back(
        {"conv_" + name,
         {{kF32, x}, {kF32, weight}},
         [=](const Values& v) { return cast(conv2d(rounded(v[0]), rounded(v[1]), options), kF32); },
         "conv2d",
         false});
    list.push_back(
        {"conv_transpose_" + name,
         {{kF32, y}, {kF32, weight}},
         [=](const Values& v) { return cast(conv_transpose2d(rounded(v[0]), rounded(v[1]), back), kF32); },
         "conv_transpose2d",
         false});
    list.push_back(
        {"conv_weight_grad_" + name,
         {{kF32, x}, {kF32, y}},
         [=](const Values& v) { return conv2d_weight_grad(rounded(v[0]), rounded(v[1]), of_weight); },
         "conv2d_weight_grad",
         false});
  };
  add_convs("same", {3, 12, 13, 16}, {32, 16, 3, 3}, {.pad_before = {1, 1}, .pad_after = {1, 1}});
  add_convs("narrow", {2, 11, 12, 3}, {5, 3, 3, 3}, {.stride = {2, 2}, .pad_before = {1, 1}});
  add_convs("one_channel", {4, 14, 14, 1}, {8, 1, 5, 5}, {});
  add_convs("depthwise", {3, 12, 13, 16}, {16, 1, 3, 3},
            {.pad_before = {1, 1}, .pad_after = {1, 1}, .groups = 16});
  return list;
}

class Bf16Products : public ::testing::TestWithParam<LargeCase> {};

// Sums that round to neighbours of a bf16 differ by its last bit; moments are summed in f32 first.
TEST_P(Bf16Products, AgreeWithTheReference) {
  const std::string& name = GetParam().name;
  expect_agreement(GetParam(), name.starts_with("conv") ? 0x1p-8 : name.starts_with("moments") ? 1e-5 : 0);
}

INSTANTIATE_TEST_SUITE_P(Cases, Bf16Products, ::testing::ValuesIn(cases()),
                         [](const auto& test) { return test.param.name; });

#ifdef GRADUS_WITH_ONEDNN
// Where the processor lacks the instructions, oneDNN's own code is not what is run otherwise.
TEST(Bf16Kernels, OfOneDnnAgreeWithTheReference) {
  KernelSet onednn, plain = reference_kernels();
  add_onednn_kernels(onednn, true);
  add_reference_kernels(onednn);
  int served = 0;
  for (const LargeCase& c : cases()) {
    if (!c.name.starts_with("conv") && !c.name.starts_with("matmul_large")) continue;
    Graph graph;
    Values inputs;
    for (const Type& type : c.in) inputs.push_back(input(graph, type));
    graph.output(c.build(inputs), "y");
    const auto run = [&](const KernelSet& kernels) {
      const auto program = compile_graph(graph, {.kernels = &kernels, .threads = 2});
      served += program->str().find("onednn.") != std::string::npos;
      Session session(program);
      for (std::size_t i = 0; i < inputs.size(); ++i)
        session.feed(i, random_tensor(c.in[i], static_cast<std::uint32_t>(i)));
      session.run();
      return session.output(0).clone();
    };
    const Tensor expected = run(plain), y = run(onednn);
    double largest = 0;
    for (std::int64_t i = 0; i < expected.size(); ++i) largest = std::max(largest, std::abs(expected.at(i)));
    for (std::int64_t i = 0; i < expected.size(); ++i)
      ASSERT_NEAR(y.at(i), expected.at(i), 0x1p-8 * largest) << c.name << ", element " << i;
  }
  // Below AVX-512 it has plain code only, which is refused.
  if (onednn_backend().instructions.starts_with("AVX512")) {
    EXPECT_GE(served, 10);
  }
}
#endif

TEST(Bf16Kernels, RoundAsTheReferenceDoes) {
  const float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  // Ties go to even: 1 + 2^-8 down to 1, 1 + 3 2^-8 up to 1 + 2^-6; the largest f32 to infinity.
  const Tensor x = Tensor::of<float>({11}, {0, -0.0f, 1, 1 + 0x1p-8f, 1 + 0x1.8p-7f, -1 - 0x1.02p-8f, inf,
                                            -inf, std::numeric_limits<float>::max(), 0x1p-120f, nan});
  const std::vector<float> expected = {0, -0.0f, 1, 1, 1 + 0x1p-6f, -1 - 0x1p-7f, inf, -inf, inf, 0x1p-120f};
  for (const auto kernels : {CompileOptions::fast, CompileOptions::reference}) {
    Graph graph;
    graph.output(cast(rounded(input(graph, x.type())), kF32), "y");
    Session session(compile(graph, {.threads = 1, .kernels = kernels}));
    session.feed(0, x);
    session.run();
    const auto y = session.output(0).values<const float>();
    for (std::size_t i = 0; i < expected.size(); ++i) {
      EXPECT_EQ(y[i], expected[i]) << i;
      EXPECT_EQ(std::signbit(y[i]), std::signbit(expected[i])) << i;
    }
    EXPECT_TRUE(std::isnan(y[10]));
  }
}

}  // namespace
}  // namespace gradus
