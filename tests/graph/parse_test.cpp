#include "graph/parse.h"

#include <gtest/gtest.h>

#include <limits>

#include "gradus/grad.h"
#include "gradus/op_def.h"
#include "gradus/ops.h"
#include "graph/print.h"
#include "graph/verify.h"
#include "support/expect_error.h"

namespace gradus {
namespace {

Graph read_back(const std::string& text) { return parse(text, builtin_ops()); }

// Two outputs, to see how values of such a node are named.
const OpDef& halves_op() {
  static const OpDef op =
      define<NoOptions>({.name = "halves",
                         .inputs = {"x"},
                         .kind = OpDef::movement,
                         .infer = [](const NoOptions&, std::span<const Type> in) -> Types {
                           const Type half{in[0].dtype, Shape{in[0].shape.size() / 2}};
                           return std::vector<Type>{half, half};
                         },
                         .vjp = not_differentiable,
                         .reference = nullptr,
                         .doc = {}});
  return op;
}

TEST(Parse, EverySampleOfEveryOpComesBackTheSame) {
  for (const OpDef* op : builtin_ops()) {
    if (!op->samples) continue;
    SCOPED_TRACE(op->name);
    Graph graph;
    for (const Sample& sample : op->samples()) {
      Values inputs;
      for (const SampleInput& in : sample.in) {
        const DType dtype = in.kind == SampleInput::real    ? DType::f32
                            : in.kind == SampleInput::index ? DType::i64
                                                            : DType::boolean;
        inputs.push_back(input(graph, {dtype, in.shape}));
      }
      graph.add_all(*op, sample.attrs, inputs);
    }
    const std::string text = print(graph);
    const Graph again = read_back(text);
    verify(again);
    EXPECT_EQ(print(again), text);
    for (std::size_t i = 0; i < graph.nodes().size(); ++i) {
      EXPECT_TRUE(graph.nodes()[i].attrs == again.nodes()[i].attrs) << "node " << i;
    }
  }
}

TEST(Parse, ATrainingStepComesBackTheSame) {
  Graph graph;
  const Variable w("w", {DType::f32, {4, 3}}), moment("w", {DType::f32, {4, 3}}, Role::optimizer);
  const Value x = input(graph, {DType::f32, {5, 3}}, "x"), labels = input(graph, {DType::i64, {5}}, "labels");
  Value loss;
  {
    const Graph::Scope scope(graph, "layers.0");
    loss = softmax_cross_entropy(gelu(matmul(x, read(graph, w), {.transpose_b = true})), labels);
  }
  const Value dw = gradients(loss, std::vector{w}, {})[0];
  const Value m = assign(moment, 0.9 * read(graph, moment) + dw);
  assign(w, read(graph, w) - 0.1 * m);
  graph.output(loss, "the \"loss\"");

  const std::string text = print(graph);
  const Graph again = read_back(text);
  verify(again);
  EXPECT_EQ(print(again), text);
  ASSERT_EQ(again.variables().size(), 2u);
  EXPECT_EQ(again.variables()[0].role(), Role::parameter);
  EXPECT_EQ(again.variables()[1].role(), Role::optimizer);
  EXPECT_EQ(again.inputs().size(), 2u);
}

TEST(Parse, Constants) {
  Graph graph;
  const double infinity = std::numeric_limits<double>::infinity(),
               nan = std::numeric_limits<double>::quiet_NaN();
  constant(graph, Tensor::of<double>({5}, {0.1, -0.0, infinity, -infinity, nan}));
  constant(graph, Tensor::of<float>({2}, {0.1f, std::numeric_limits<float>::denorm_min()}));
  constant(graph, Tensor::of<bool>({2}, {true, false}));
  constant(graph, Tensor::of<std::uint8_t>({2}, {0, 255}));
  constant(graph, Tensor::of<std::int32_t>({0}, {}));
  const Graph again = read_back(print(graph));
  for (std::size_t i = 0; i < graph.nodes().size(); ++i) {
    EXPECT_TRUE(graph.nodes()[i].attrs == again.nodes()[i].attrs) << "node " << i;
  }
}

TEST(Parse, SeveralOutputs) {
  Graph graph;
  const Values halves = graph.add_all(halves_op(), NoOptions{}, {input(graph, {DType::f32, {4}})});
  graph.output(add(halves[1], halves[0]), "y");
  const std::string text = print(graph);
  EXPECT_NE(text.find("%1: f32[2], f32[2] = halves(%0)\n%2: f32[2] = add(%1.1, %1)\n"), std::string::npos)
      << text;
  std::vector<const OpDef*> ops = builtin_ops();
  ops.push_back(&halves_op());
  EXPECT_EQ(print(parse(text, ops)), text);
}

TEST(Parse, SkipsCommentsBlankLinesAndSpaces) {
  const Graph graph = read_back("# a graph\n\n  %0 :f32[ 2,3 ]=input( ){ shape = shape[2, 3] }\r\n# end");
  EXPECT_EQ(print(graph), "%0: f32[2, 3] = input() {name=\"\", dtype=f32, shape=shape[2, 3]}\n");
}

struct Fault {
  const char* text;
  const char* message;
};

class ParseFaults : public testing::TestWithParam<Fault> {};

TEST_P(ParseFaults, NameTheLine) {
  const std::string before = "%0: f32[2] = input() {shape=shape[2]}\n\n";
  expect_error([&] { read_back(before + GetParam().text); }, gradus::Fault::model,
               std::string("graph text, line 3: ") + GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Lines, ParseFaults,
    testing::Values(
        Fault{"%1: f32[2] = rellu(%0)", "there is no op 'rellu'. Did you mean 'relu'?"},
        Fault{"%2: f32[2] = relu(%0)", "node %1 was needed, %2 was given."},
        Fault{"%1: f32[2] = relu(%1)", "there is no node %1 above."},
        Fault{"%1: f32[2] = relu(%0.1)", "node %0 has no output 1."},
        Fault{"%1: f32[3] = relu(%0)", "relu gives f32[2], the text says f32[3]."},
        Fault{"%1: f32[2] = add(%0)", "add: it takes 2 inputs, got 1."},
        Fault{"%1: f32[2] = relu(%0) {slope=0.1}", "relu: there is no attribute 'slope'."},
        Fault{"%1: f32[2] = leaky_relu(%0) {slope=true}",
              "leaky_relu: attribute 'slope' has the wrong kind of value."},
        Fault{"%1: f32[2] = softplus(%0) {beta=-1}", "softplus: beta must be positive and finite, it is -1."},
        Fault{"%1: f32[2] = relu(%0", "')' was needed at column 21, nothing was given."},
        Fault{"%1: f16[2] = relu(%0)",
              "an element type was needed at column 5, 'f16[2] = relu(%0)' was given."},
        Fault{"%1: f32[2] = relu(%0) twice",
              "the end of the line was needed at column 23, 'twice' was given."},
        Fault{"hello", "'output ' was needed at column 1, 'hello' was given."},
        Fault{"output \"y\" = %7", "there is no node %7 above."},
        Fault{"output \"y = %0", "a closing quote was needed at column 15, nothing was given."},
        Fault{"%1: f32[65] = constant() {value=f32[65]{...}}", "a constant f32[65] is left out ('...')."},
        Fault{"%1: f32[65] = constant() {value=f32[65]{1}}", "a constant f32[65] has more than 64 elements."},
        Fault{"%1: u8[1] = constant() {value=u8[1]{256}}",
              "a number that u8 holds was needed at column 40, '}}' was given."},
        Fault{"%1: f32[2] = constant() {value=f32[2]{1}}", "',' was needed at column 40, '}}' was given."},
        Fault{"%1: f32[2] = constant() {value=f32[2]{1, x}}",
              "a number was needed at column 42, 'x}}' was given."},
        Fault{"%1: f32[-2] = relu(%0)", "shape: an axis has -2 elements; it needs 0 or more."},
        Fault{"%1: f32[2] = variable() {variable=w f32[2]}",
              "an attribute's value was needed at column 35, 'w f32[2]}' was given."}));

TEST(Parse, VariablesOfOneNameMustAgree) {
  expect_error(
      [] {
        read_back(
            "%0: f32[2] = variable() {variable=parameter \"w\" f32[2]}\n"
            "%1: f32[3] = variable() {variable=parameter \"w\" f32[3]}\n");
      },
      gradus::Fault::model, "graph text, line 2: variable 'w' has another type or role in a line above.");
}

}  // namespace
}  // namespace gradus
