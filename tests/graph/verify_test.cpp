#include "graph/verify.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "gradus/op_def.h"
#include "gradus/ops.h"

namespace gradus {
namespace {

// Passes build graphs through Graph::add, which refuses illegal nodes; to see the verifier refuse them,
// they are broken by hand.
Node& node(Graph& graph, int id) { return const_cast<Node&>(graph.node(id)); }

void expect_illegal(const Graph& graph, const std::string& message) {
  try {
    verify(graph);
  } catch (const std::logic_error& error) {
    EXPECT_EQ(error.what(), "illegal graph: " + message);
    return;
  }
  ADD_FAILURE() << "the graph passed; expected: " << message;
}

class Verify : public testing::Test {
 protected:
  Graph graph;
  Variable w{"w", {DType::f32, {2, 3}}};
  Value x = input(graph, {DType::f32, {2, 3}}, "x");
  Value h = add(x, read(graph, w)).named("h");
  Value y = relu(h);
  void SetUp() override {
    assign(w, y);
    graph.output(y, "y");
  }
};

TEST_F(Verify, ALegalGraphPasses) { EXPECT_NO_THROW(verify(graph)); }
TEST_F(Verify, AnEmptyGraphPasses) { EXPECT_NO_THROW(verify(Graph())); }

TEST_F(Verify, InputsComeEarlier) {
  node(graph, h.node_id()).in[0] = y;
  expect_illegal(graph, "add 'h': input 0 is no output of an earlier node.");
}

TEST_F(Verify, InputsAreOutputsThatExist) {
  node(graph, y.node_id()).in[0] = Value(&graph, h.node_id(), 1);
  expect_illegal(graph, "relu %3: input 0 is no output of an earlier node.");
  node(graph, y.node_id()).in[0] = Value();
  expect_illegal(graph, "relu %3: input 0 is no output of an earlier node.");
}

TEST_F(Verify, InputsBelongToTheGraph) {
  Graph other;
  node(graph, y.node_id()).in[0] = input(other, {DType::f32, {2, 3}});
  expect_illegal(graph, "relu %3: input 0 is no output of an earlier node.");
}

TEST_F(Verify, TypesFollowFromTheShapeRule) {
  node(graph, y.node_id()).out[0] = {DType::f32, {3, 2}};
  expect_illegal(graph, "relu %3: it has the type f32[3, 2], its shape rule gives f32[2, 3].");
}

TEST_F(Verify, TheShapeRuleAcceptsTheInputs) {
  node(graph, x.node_id()).out[0] = {DType::i32, {2, 3}};
  node(graph, x.node_id()).attrs = constant(graph, Tensor(DType::i32, {2, 3})).node().attrs;
  node(graph, x.node_id()).op = graph.nodes().back().op;
  expect_illegal(
      graph,
      "add 'h': its shape rule refuses its inputs: the inputs differ in element type: i32[2, 3] and "
      "f32[2, 3]. cast() one of them.");
}

TEST_F(Verify, NumbersAndOwners) {
  node(graph, 2).id = 7;
  expect_illegal(graph, "add 'h': it is number 2 in the list but has the id 7.");
  node(graph, 2).id = 2;
  Graph other;
  node(graph, 2).graph = &other;
  expect_illegal(graph, "add 'h': it belongs to another graph.");
  node(graph, 2).graph = &graph;
  node(graph, 2).op = nullptr;
  expect_illegal(graph, "node 2: it has no op.");
}

TEST_F(Verify, AVariableIsWrittenOnce) {
  assign(w, h).named("again");
  expect_illegal(graph, "assign 'again': variable 'w' is written by assign %4 already.");
}

TEST_F(Verify, OutputsExist) {
  graph.output(Value(&graph, 99), "z");
  expect_illegal(graph, "output 'z' is no output of a node.");
}

}  // namespace
}  // namespace gradus
