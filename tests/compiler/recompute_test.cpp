// The recompute pass: what is made again, what is kept, and that no bit changes.
#include "compiler/recompute.h"

#include <gtest/gtest.h>

#include "compiler/pass.h"
#include "gradus/compile.h"
#include "gradus/grad.h"
#include "gradus/ops.h"
#include "kernels/kernels.h"
#include "support/evaluate.h"

namespace gradus {
namespace {

// relu(x w + b) is read at once and, after so many small products, once more; x too, or not.
struct Waiting {
  Graph graph;

  explicit Waiting(bool x_is_kept, int products = 40) {
    const Value x =
        matmul(input(graph, {DType::f32, {1024, 8}}, "a"), input(graph, {DType::f32, {8, 512}}, "b"));
    const Value row = input(graph, {DType::f32, {512}}, "row");
    const Value y = relu(x * row + row);
    Value small = slice(matmul(y, transpose(y)), {.begin = {0, 0}, .end = {8, 8}});
    for (int i = 0; i < products; ++i) small = matmul(small, small) * 1e-3;
    const Value late = matmul(slice(y, {.begin = {0, 0}, .end = {1024, 8}}), small);
    graph.output(late, "late");
    if (x_is_kept) graph.output(matmul(slice(x, {.begin = {0, 0}, .end = {1024, 8}}), small), "x");
  }
};

std::size_t nodes_after(const Graph& graph) {
  return recompute(fuse(graph, fuse_rules()), fuse_rules()).nodes().size();
}

TEST(Recompute, RepeatsWhatItsInputsStayFor) {
  const Waiting kept(true), gone(false), brief(true, 2);
  EXPECT_EQ(nodes_after(kept.graph), fuse(kept.graph, fuse_rules()).nodes().size() + 1);
  EXPECT_EQ(nodes_after(gone.graph), fuse(gone.graph, fuse_rules()).nodes().size())
      << "x would have to be kept";
  EXPECT_EQ(nodes_after(brief.graph), fuse(brief.graph, fuse_rules()).nodes().size()) << "nothing waits";
}

TEST(Recompute, ChangesNoBitAndTakesLessMemory) {
  const Waiting waiting(true);
  Session with(compile(waiting.graph)), without(compile(waiting.graph, {.disabled_passes = {"recompute"}}));
  EXPECT_LE(arena_bytes(with.program()), arena_bytes(without.program()));
  for (Session* session : {&with, &without}) {
    for (std::size_t i = 0; i < 3; ++i) session->feed(i, random_tensor(session->input(i).type(), i));
    session->run();
  }
  for (std::size_t i = 0; i < 2; ++i) EXPECT_TRUE(with.output(i).same_bits(without.output(i)));
}

// Layers of batch norm, relu and product, and the gradients of their weights.
Graph layers(int n) {
  Graph graph;
  const Type table{DType::f32, {4096, 64}}, row{DType::f32, {64}}, weight{DType::f32, {64, 64}};
  const Value x = input(graph, table, "x"), scale = input(graph, row, "scale"),
              shift = input(graph, row, "shift");
  Values weights;
  Value h = x;
  for (int i = 0; i < n; ++i) {
    weights.push_back(input(graph, weight, "w"));
    h = matmul(relu(batch_norm(h, scale, shift).y), weights.back());
  }
  for (const Value& slope : gradients(sum(square(h)), weights)) graph.output(slope, "slope");
  return graph;
}

// Relu(batch norm(h)) is made again by the node that makes it anyway for the sums of the backward pass.
TEST(Recompute, TakesAlongWhatANodeMakesAnyway) {
  const Graph graph = layers(8);
  const Graph before = fuse(cse(expand(prune(graph))), fuse_rules()), after = recompute(before, fuse_rules());
  EXPECT_EQ(after.nodes().size(), before.nodes().size() + 1) << "x needs no gradient, so no sums";
  int along = 0;
  for (const Node& node : after.nodes())
    along += node.op == &fused_op && node.out.size() == 3 && node.out[2].bytes() >= 1 << 20;
  EXPECT_GE(along, 4);

  Session with(compile(graph)), without(compile(graph, {.disabled_passes = {"recompute"}}));
  EXPECT_LT(arena_bytes(with.program()), arena_bytes(without.program()));
  for (Session* session : {&with, &without}) {
    for (std::size_t i = 0; i < graph.inputs().size(); ++i)
      session->feed(i, random_tensor(session->input(i).type(), i));
    session->run();
  }
  for (std::size_t i = 0; i < 8; ++i) EXPECT_TRUE(with.output(i).same_bits(without.output(i)));
}

}  // namespace
}  // namespace gradus
