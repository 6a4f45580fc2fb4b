// Clipping by value and by the norm of all gradients together.
#include <gtest/gtest.h>

#include <cmath>

#include "gradus/optim.h"
#include "kernels/reference/run.h"
#include "support/expect_error.h"

namespace gradus::optim {
namespace {

struct Clip : testing::Test {
  Graph graph;
  Values g = {constant(graph, Tensor::of<float>({2}, {3, -0.5})),
              constant(graph, Tensor::of<double>({1, 1}, {-4}))};
  std::vector<Tensor> run(const Values& values) { return reference::run(graph, values, {}); }
};

TEST_F(Clip, ByValueHoldsEachElement) {
  const auto clipped = run(clip_by_value(g, 1));
  EXPECT_EQ(clipped[0].at(0), 1);
  EXPECT_EQ(clipped[0].at(1), -0.5);
  EXPECT_EQ(clipped[1].at(0), -1);
}

TEST_F(Clip, TheNormIsOverAllGradients) {
  EXPECT_DOUBLE_EQ(run({global_norm(g)})[0].at(0), std::sqrt(9 + 0.25 + 16));
  EXPECT_EQ(global_norm(g).type(), (Type{DType::f64, {}}));
}

TEST_F(Clip, ByNormShrinksAllAlike) {
  const double norm = std::sqrt(25.25), factor = 1 / (norm + 1e-6);
  const auto clipped = run(clip_by_global_norm(g, 1));
  EXPECT_EQ(clipped[0].type(), g[0].type());
  EXPECT_NEAR(clipped[0].at(0), 3 * factor, 1e-7);
  EXPECT_DOUBLE_EQ(clipped[1].at(0), -4 * factor);
}

TEST_F(Clip, ByNormLeavesSmallGradientsAlone) {
  const auto clipped = run(clip_by_global_norm(g, 100));
  EXPECT_EQ(clipped[0].at(0), 3);
  EXPECT_EQ(clipped[1].at(0), -4);
}

TEST_F(Clip, RefusesLimitsThatAreNone) {
  expect_error([&] { clip_by_value(g, 0); }, Fault::usage,
               "clip_by_value: the limit must be greater than 0, got 0.");
  expect_error([&] { clip_by_global_norm(g, -1); }, Fault::usage,
               "clip_by_global_norm: the limit must be greater than 0, got -1.");
  expect_error([&] { global_norm({}); }, Fault::model,
               "global_norm: at least one gradient was needed, got none.");
}

}  // namespace
}  // namespace gradus::optim
