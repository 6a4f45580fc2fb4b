// The recompute pass: what is made again, what is kept, and that no bit changes.
#include "compiler/recompute.h"

#include <gtest/gtest.h>

#include "gradus/compile.h"
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

}  // namespace
}  // namespace gradus
