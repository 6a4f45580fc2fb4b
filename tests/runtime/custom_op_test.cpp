// A user's own op, with its own gradient rule, through both executors, the checker and the parser.
#include <gtest/gtest.h>

#include <cmath>

#include "gradus/check.h"
#include "gradus/compile.h"
#include "gradus/grad.h"
#include "gradus/op_def.h"
#include "gradus/ops.h"
#include "graph/parse.h"
#include "graph/print.h"
#include "kernels/reference/run.h"

namespace gradus {
namespace {

// y = x + scale sin(x)^2, per element ("snake": Liu et al. 2020).
struct SnakeOptions {
  double scale = 1;
  static void fields(auto& self, auto&& visit) { visit("scale", self.scale); }
};

Types infer(const SnakeOptions& op, std::span<const Type> in) {
  if (op.scale <= 0) throw Error("scale must be positive.");
  return in[0];
}

Values vjp(const Node& n, const Value&, const Value& dy) {
  const Value& x = n.in[0];
  return {dy * (1.0 + n.attr<SnakeOptions>().scale * 2.0 * sin(x) * cos(x))};
}

template <class T>
void run(const SnakeOptions& op, const Tensor& x, const Tensor& y) {
  const auto from = x.values<const T>();
  const auto to = y.values<T>();
  for (std::size_t i = 0; i < from.size(); ++i) {
    const T s = std::sin(from[i]);
    to[i] = from[i] + static_cast<T>(op.scale) * s * s;
  }
}

void reference(const SnakeOptions& op, std::span<const Tensor> in, std::span<const Tensor> out) {
  if (in[0].dtype() == DType::f32)
    run<float>(op, in[0], out[0]);
  else
    run<double>(op, in[0], out[0]);
}

const OpDef snake_op = define<SnakeOptions>({.name = "snake",
                                             .inputs = {"x"},
                                             .kind = OpDef::elementwise,
                                             .infer = infer,
                                             .vjp = vjp,
                                             .reference = reference,
                                             .doc = {.formula = "y = x + scale sin(x)^2",
                                                     .shapes = "y has the shape of x",
                                                     .gradient = "dx = (1 + scale sin 2x) dy",
                                                     .source = "Liu et al. 2020"}});

Value snake(const Value& x, double scale) { return x.graph().add(snake_op, SnakeOptions{scale}, {x}); }

TEST(CustomOp, RunsAndDifferentiates) {
  Graph graph;
  const Value x = input(graph, {DType::f64, {3}}, "x");
  const Value y = snake(x, 0.5);
  graph.output(y, "y");
  const Tensor numbers = Tensor::of<double>({3}, {-1.0, 0.3, 2.0});
  EXPECT_TRUE(check_gradients(y, {x}, std::vector<Tensor>{numbers}).passed());
  EXPECT_TRUE(check_second_order(y, {x}, std::vector<Tensor>{numbers}).passed());
  Session session(compile(graph));
  session.feed(0, numbers);
  session.run();
  for (std::int64_t i = 0; i < 3; ++i) {
    EXPECT_DOUBLE_EQ(session.output(0).at(i), numbers.at(i) + 0.5 * std::pow(std::sin(numbers.at(i)), 2));
  }
}

TEST(CustomOp, IsParsedAmongTheOthers) {
  Graph graph;
  graph.output(snake(input(graph, {DType::f64, {3}}, "x"), 2.0), "y");
  std::vector<const OpDef*> ops = builtin_ops();
  ops.push_back(&snake_op);
  EXPECT_EQ(print(parse(print(graph), ops)), print(graph));
}

TEST(CustomOp, RefusesThroughItsOwnRule) {
  Graph graph;
  const Value x = input(graph, {DType::f64, {3}}, "x");
  const Graph::Scope scope(graph, "layers.0");
  try {
    snake(x, -1);
    FAIL() << "a negative scale was taken";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "snake in layers.0: scale must be positive.");
  }
}

}  // namespace
}  // namespace gradus
