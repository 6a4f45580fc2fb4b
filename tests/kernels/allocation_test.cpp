// A run of image ops, forward and backward, takes no memory: every `operator new` of this program is counted.
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "gradus/compile.h"
#include "gradus/grad.h"
#include "gradus/ops.h"
#include "support/allocations.h"

namespace gradus {
namespace {

// Gradients of the sum of squares of f(x) with respect to x, then runs without an allocation.
void expect_none(const std::string& name, const Type& type, const std::function<Value(const Value&)>& f) {
  for (const int threads : {1, 2}) {
    Graph graph;
    const Value x = input(graph, type, "x"), y = f(x);
    graph.output(y, "y");
    graph.output(gradients(sum(y * y), {x})[0], "dx");
    Session session(compile(graph, {.threads = threads}));
    for (std::int64_t i = 0; i < session.input(0).size(); ++i)
      session.input(0).set(i, static_cast<double>(i * 7919 % 1000) / 1000);
    session.run();
    const std::int64_t before = allocations;
    for (int i = 0; i < 5; ++i) session.run();
    EXPECT_EQ(allocations - before, 0) << name << ", " << threads << " threads";
  }
}

TEST(Allocations, PoolingAndNormalizationTakeNone) {
  const Type image{DType::f32, {8, 20, 21, 19}}, first{DType::f32, {8, 19, 20, 21}},
      rows{DType::f32, {300, 200}};
  const Pool2dOptions pool{.kernel = {3, 3}, .pad_before = {1, 1}, .layout = Layout::channels_last};
  expect_none("max_pool2d", image, [=](const Value& x) { return max_pool2d(x, pool); });
  expect_none("avg_pool2d", image, [=](const Value& x) { return avg_pool2d(x, pool); });
  expect_none("global_avg_pool2d", first, [](const Value& x) { return global_avg_pool2d(x); });
  const auto batch = [](std::int64_t axis) {
    return [=](const Value& x) {
      const Value c = full(x.graph(), {x.dtype(), {x.shape()[static_cast<int>(axis)]}}, 0.5);
      return batch_norm(x, c, c, {.axis = axis}).y;
    };
  };
  expect_none("batch_norm", image, batch(3));
  expect_none("batch_norm, channels first", first, batch(1));
  expect_none("batch_norm of rows", rows, batch(1));
  expect_none("layer_norm", rows, [](const Value& x) { return layer_norm(x); });
  expect_none("group_norm", first, [](const Value& x) { return group_norm(x, {.groups = 19}); });
}

TEST(Allocations, CopiesDrawsAndSumsTakeNone) {
  const Type image{DType::f32, {8, 20, 21, 19}}, rows{DType::f32, {300, 200}};
  expect_none("transpose", image, [](const Value& x) { return transpose(x, {0, 3, 1, 2}); });
  expect_none("concat", image, [](const Value& x) { return concat({x, x}, {.axis = 3}); });
  expect_none("slice", image, [](const Value& x) {
    return slice(x, {.begin = {0, 1, 0, 2}, .end = {8, 20, 20, 19}, .step = {1, 2, 1, 1}});
  });
  expect_none("sum", image, [](const Value& x) { return sum(x, {.axes = {0, 2}}); });
  expect_none("gather", rows, [](const Value& x) {
    return gather(x, constant(x.graph(), Tensor::of<std::int32_t>({3}, {7, 299, 7})));
  });
  const auto drawn = [](Value (*op)(const Value&, const RandomOptions&)) {
    return [=](const Value& x) {
      const Value counter = input(x.graph(), {DType::i64, {2}}, "counter");  // a constant would be folded
      return x * op(counter, {.shape = x.shape(), .high = 0.5});
    };
  };
  expect_none("random_bernoulli", rows, drawn(random_bernoulli));
  expect_none("random_uniform", rows, drawn(random_uniform));
  expect_none("random_normal", rows, drawn(random_normal));
}

}  // namespace
}  // namespace gradus
