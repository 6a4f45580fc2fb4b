// Kernels that copy and draw numbers: the very bits of the reference.
#include "kernels/large.h"

namespace gradus {
namespace {

std::vector<LargeCase> cases() {
  const DType f = DType::f32, d = DType::f64, u = DType::u8;
  std::vector<LargeCase> list;
  const auto add_transpose = [&](const std::string& name, const Type& x, std::vector<std::int64_t> axes) {
    list.push_back(
        {"transpose_" + name, {x}, [=](const Values& v) { return transpose(v[0], axes); }, "fast.transpose"});
  };
  add_transpose("to_last", {f, {5, 33, 40, 31}}, {0, 2, 3, 1});
  add_transpose("to_first", {f, {5, 40, 31, 33}}, {0, 3, 1, 2});
  add_transpose("three_channels", {f, {40, 3, 32, 32}}, {0, 2, 3, 1});
  add_transpose("matrix", {f, {515, 301}}, {1, 0});
  add_transpose("f64", {d, {5, 33, 20, 31}}, {3, 1, 0, 2});
  add_transpose("bytes", {u, {33, 40, 310}}, {2, 0, 1});
  add_transpose("rows", {f, {20, 30, 4, 65}}, {1, 2, 0, 3});
  const auto cut = [](const Values& v) { return slice(v[0], {.begin = {1, 0, 5}, .end = {9, 33, 60}}); };
  const auto sparse = [](const Values& v) {
    return slice(v[0], {.begin = {0, 2, 1}, .end = {9, 33, 65}, .step = {2, 1, 3}});
  };
  const auto around = [](const Values& v) {
    return pad(v[0], {.before = {1, 0, 2}, .after = {0, 3, 1}, .between = {0, 1, 0}, .value = -3});
  };
  for (const DType dtype : {f, d, u}) {
    const std::string suffix(name(dtype));
    const Type x{dtype, {20, 70, 65}}, wider{dtype, {20, 70, 12}};
    list.push_back({"slice_" + suffix, {x}, cut, "fast.slice"});
    list.push_back({"slice_steps_" + suffix, {x}, sparse, "fast.slice"});
    if (dtype != u) list.push_back({"pad_" + suffix, {x}, around, "fast.pad"});
    list.push_back({"concat_" + suffix,
                    {x, wider, x},
                    [](const Values& v) {
                      return concat({v[0], v[1], v[2]}, {.axis = -1});
                    },
                    "fast.concat"});
  }
  return list;
}

class MovementKernels : public testing::TestWithParam<LargeCase> {};

TEST_P(MovementKernels, AgreeWithTheReferenceOnAnyThreads) { expect_agreement(GetParam()); }

INSTANTIATE_TEST_SUITE_P(Kernels, MovementKernels, testing::ValuesIn(cases()),
                         [](const auto& each) { return each.param.name; });

struct RandomCase {
  std::string name;
  Value (*op)(const Value&, const RandomOptions&);
  RandomOptions options;
};

class RandomKernels : public testing::TestWithParam<RandomCase> {};

TEST_P(RandomKernels, GiveTheBitsOfTheReferenceOnAnyThreads) {
  for (const std::int64_t n : {1, 2, 15, 16, 17, 33, 40001}) {
    for (const DType dtype : {DType::f32, DType::f64}) {
      RandomOptions options = GetParam().options;
      options.shape = {n};
      options.dtype = dtype;
      options.stream = 5;
      // Seeds and steps of more than 32 bits.
      const auto counter =
          Tensor::of<std::int64_t>({2}, {std::int64_t{0x123456789abcdef}, std::int64_t{0xabcdef012345}});
      Graph graph;
      const Value y = GetParam().op(input(graph, counter.type()), options);
      graph.output(y, "y");
      const Tensor expected =
          reference::run(graph, {y}, reference::feed_inputs(graph, std::vector<Tensor>{counter}))[0];
      for (const int threads : {1, 2, 3}) {
        const auto program = compile(graph, {.threads = threads});
        EXPECT_NE(describe(*program).find(GetParam().name), std::string::npos) << describe(*program);
        Session session(program, {.poison = true});
        session.feed(0, counter);
        session.run();
        EXPECT_TRUE(session.output(0).same_bits(expected)) << n << " numbers, " << threads << " threads";
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Kernels, RandomKernels,
    testing::Values(RandomCase{"simd.random_bernoulli", random_bernoulli, {.high = 0.3}},
                    RandomCase{"simd.random_bernoulli", random_bernoulli, {.high = 1}},
                    RandomCase{"simd.random_bernoulli", random_bernoulli, {.high = 0}},
                    RandomCase{"simd.random_uniform", random_uniform, {.low = -1.25, .high = 3.1}},
                    RandomCase{"simd.random_uniform", random_uniform, {.low = 16777215, .high = 16777216}},
                    RandomCase{"fast.random_normal", random_normal, {.low = 0.5, .high = 2}}));

}  // namespace
}  // namespace gradus
