#include <gtest/gtest.h>

#include "gradus/ops.h"
#include "support/evaluate.h"
#include "support/expect_error.h"

namespace gradus {
namespace {

using reference::feed_inputs;
using reference::run;
using reference::Writes;

Tensor pair_of(double a, double b) { return Tensor::of<float>({2}, {float(a), float(b)}); }

TEST(ReferenceRun, GivesAnyValueOfTheGraph) {
  Graph graph;
  const Value x = input(graph, {DType::f32, {2}}, "x");
  const Value h = x + 1.0, y = h * h;
  const auto results = run(graph, {y, h, x, y}, feed_inputs(graph, std::vector{pair_of(1, 2)}));
  ASSERT_EQ(results.size(), 4u);
  EXPECT_EQ(numbers(results[0]), (std::vector<double>{4, 9}));
  EXPECT_EQ(numbers(results[1]), (std::vector<double>{2, 3}));
  EXPECT_EQ(numbers(results[2]), (std::vector<double>{1, 2}));
  EXPECT_TRUE(results[3].same_bits(results[0]));
}

TEST(ReferenceRun, ComputesOnlyWhatIsNeeded) {
  Graph graph;
  const Value x = input(graph, {DType::f32, {2}}, "x"), unfed = input(graph, {DType::f32, {2}}, "unfed");
  const Value y = neg(x);
  const Value other = y + unfed;
  const std::vector<reference::Feed> feeds = {{x, pair_of(1, 2)}};
  EXPECT_EQ(numbers(run(graph, {y}, feeds)[0]), (std::vector<double>{-1, -2}));
  expect_error([&] { run(graph, {other}, feeds); }, Fault::data,
               "run: input 'unfed' (f32[2]) is needed and was not given.");
}

TEST(ReferenceRun, TakesFedValuesInsteadOfComputingThem) {
  Graph graph;
  const Value x = input(graph, {DType::f32, {2}}, "x");
  const Value h = exp(x), y = h + 1.0;
  const std::vector<reference::Feed> feeds = {{h, pair_of(10, 20)}};
  EXPECT_EQ(numbers(run(graph, {y}, feeds)[0]), (std::vector<double>{11, 21}));
}

TEST(ReferenceRun, ReadsSeeVariablesBeforeTheStep) {
  Graph graph;
  const Variable a("a", {DType::f32, {2}}), b("b", {DType::f32, {2}});
  a.set(pair_of(1, 2));
  b.set(pair_of(3, 4));
  assign(a, read(graph, b));  // swaps them
  assign(b, read(graph, a));
  const Value total = read(graph, a) + 0.0;
  EXPECT_EQ(numbers(run(graph, {total}, {})[0]), (std::vector<double>{1, 2}));
  EXPECT_EQ(numbers(a.value()), (std::vector<double>{1, 2}));  // not asked to write
  EXPECT_EQ(numbers(run(graph, {total}, {}, Writes::carry_out)[0]), (std::vector<double>{1, 2}));
  EXPECT_EQ(numbers(a.value()), (std::vector<double>{3, 4}));
  EXPECT_EQ(numbers(b.value()), (std::vector<double>{1, 2}));
}

TEST(ReferenceRun, AFailedStepWritesNothing) {
  Graph graph;
  const Variable a("a", {DType::f32, {2}});
  const Value rows = input(graph, {DType::i64, {2}}, "rows");
  assign(a, read(graph, a) + 1.0);
  assign(a, gather(read(graph, a), rows));
  EXPECT_THROW(run(graph, {}, feed_inputs(graph, std::vector{Tensor::of<std::int64_t>({2}, {0, 2})}),
                   Writes::carry_out),
               Error);
  EXPECT_EQ(numbers(a.value()), (std::vector<double>{0, 0}));
}

TEST(ReferenceRun, RefusesTensorsThatDoNotFit) {
  Graph graph;
  const Value x = input(graph, {DType::f32, {2, 3}}, "x");
  const Value y = x + 1.0;
  const auto feed = [&](const Tensor& tensor) { run(graph, {y}, feed_inputs(graph, std::vector{tensor})); };
  expect_error(
      [&] {
        feed(Tensor(DType::f32, {2, 4}));
      },
      Fault::data, "run: input 'x' is f32[2, 3], f32[2, 4] was given.");
  expect_error(
      [&] {
        feed(Tensor(DType::f64, {2, 3}));
      },
      Fault::data, "run: input 'x' is f32[2, 3], f64[2, 3] was given.");
  expect_error([&] { feed(Tensor()); }, Fault::data, "run: input 'x' is f32[2, 3], no tensor was given.");
  expect_error([&] { feed_inputs(graph, std::vector<Tensor>()); }, Fault::data,
               "run: the graph has 1 inputs, 0 tensors were given.");
}

}  // namespace
}  // namespace gradus
