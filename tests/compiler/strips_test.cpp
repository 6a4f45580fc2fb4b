// Strip loops: what goes through its batch in strips, and that this changes nothing but the order of sums.
#include "compiler/strips.h"

#include <gtest/gtest.h>

#include "compiler/program.h"
#include "gradus/compile.h"
#include "gradus/grad.h"
#include "gradus/ops.h"
#include "gradus/profile.h"
#include "kernels/kernels.h"
#include "support/evaluate.h"

namespace gradus {
namespace {

constexpr std::size_t kSmall = 1 << 15;  // bytes of a strip, so that these small networks have several
constexpr std::size_t kNever = std::size_t{1} << 40;

// Two dense layers of convolution, each behind normalization and relu, with gradients of all parameters.
struct Block {
  Graph graph;
  std::vector<Tensor> inputs;

  explicit Block(DType dtype = DType::f32, std::int64_t batch = 24) {
    const Value x = feed({dtype, {batch, 12, 10, 16}}), target = feed({dtype, {batch, 12, 10, 4}});
    Values wrt, features = {x};
    for (int layer = 0; layer < 2; ++layer) {
      const Graph::Scope scope(graph, "layers." + std::to_string(layer));
      const Value all = features.size() == 1 ? x : concat(features, {.axis = 3});
      const std::int64_t channels = all.shape()[3];
      const Value scale = feed({dtype, {channels}}), shift = feed({dtype, {channels}});
      const Value weight = feed({dtype, {4, channels, 3, 3}});
      const Moments of = moments(all, {.axis = 3});
      const Value centred = (all - cast(of.mean, dtype)) * rsqrt(cast(of.variance, dtype) + 1e-5);
      features.push_back(
          conv2d(relu(centred * scale + shift), weight,
                 {.pad_before = {1, 1}, .pad_after = {1, 1}, .layout = Layout::channels_last}));
      wrt.insert(wrt.end(), {scale, shift, weight});
    }
    const Value loss = mean(square(features.back() - target));
    graph.output(loss, "loss");
    graph.output(features[1], "inside");
    for (const Value& gradient : gradients(loss, wrt)) graph.output(gradient, "gradient");
  }

  Value feed(const Type& type) {
    inputs.push_back(random_tensor(type, inputs.size(), 0.5));
    return input(graph, type);
  }

  std::vector<Tensor> run(const CompileOptions& options) {
    Session session(compile(graph, options), {.poison = true});
    for (std::size_t i = 0; i < inputs.size(); ++i) session.feed(i, inputs[i]);
    session.run();
    session.run();
    std::vector<Tensor> results;
    for (const Tensor& output : session.outputs()) results.push_back(output.clone());
    return results;
  }
};

TEST(Strips, GoThroughTheBatchTogether) {
  const Block block(DType::f32, 96);
  const auto strips = compile(block.graph, {.threads = 1, .strip_bytes = kSmall});
  const auto whole = compile(block.graph, {.threads = 1, .strip_bytes = kNever});
  EXPECT_GT(strips->turns.size(), 2 * strips->instructions.size()) << describe(*strips);
  EXPECT_EQ(whole->turns.size(), whole->instructions.size());
  EXPECT_NE(describe(*strips).find(" strips: "), std::string::npos) << describe(*strips);
  EXPECT_LT(strips->arena_bytes, whole->arena_bytes) << "what only the loop reads has the room of a strip";
  EXPECT_EQ(compile(block.graph, {.threads = 1, .disabled_passes = {"strips"}, .strip_bytes = kSmall})
                ->turns.size(),
            whole->turns.size());
  EXPECT_EQ(compile(block.graph, {.threads = 1})->turns.size(), whole->turns.size())
      << "it fits into the cache";
}

TEST(Strips, GiveTheNumbersOfTheWhole) {
  for (const DType dtype : {DType::f32, DType::f64}) {
    Block block(dtype);
    const double tolerance = dtype == DType::f32 ? 2e-5 : 1e-12;
    const std::vector<Tensor> whole = block.run({.threads = 1, .strip_bytes = kNever});
    const std::vector<Tensor> reference = block.run({.kernels = CompileOptions::reference});
    expect_near(whole, reference, tolerance);
    for (const std::size_t bytes : {std::size_t{1}, kSmall, 8 * kSmall})
      expect_near(block.run({.threads = 1, .strip_bytes = bytes}), reference, tolerance);
    for (const std::string pass : {"reuse", "in_place", "recompute", "expand", "layout"})
      expect_near(block.run({.threads = 1, .disabled_passes = {pass}, .strip_bytes = kSmall}), reference,
                  tolerance);
  }
}

TEST(Strips, AreTheSameForAnyNumberOfThreads) {
  Block block;
  const std::vector<Tensor> one = block.run({.threads = 1, .strip_bytes = kSmall});
  for (const int threads : {2, 3}) {
    const std::vector<Tensor> several = block.run({.threads = threads, .strip_bytes = kSmall});
    expect_near(several, one, 1e-5);
    EXPECT_TRUE(block.run({.threads = threads, .strip_bytes = kSmall})[2].same_bits(several[2]));
  }
  Block exact(DType::f64);  // kernels of our own only
  const std::vector<Tensor> expected = exact.run({.threads = 1, .strip_bytes = kSmall});
  const std::vector<Tensor> got = exact.run({.threads = 2, .strip_bytes = kSmall});
  for (std::size_t i = 0; i < got.size(); ++i) EXPECT_TRUE(got[i].same_bits(expected[i])) << "output " << i;
}

TEST(Strips, ComputeInBf16) {
  Block block;
  const CompileOptions whole{.threads = 1, .strip_bytes = kNever, .bf16 = true};
  CompileOptions strips = whole;
  strips.strip_bytes = kSmall;
  EXPECT_GT(compile(block.graph, strips)->turns.size(), compile(block.graph, strips)->instructions.size());
  expect_near(block.run(strips), block.run(whole), 2e-2);
}

// Whatever a strip reads whole must be there for the last one too.
TEST(Strips, KeepWhatLaterStripsRead) {
  const Type images{DType::f64, {16, 3, 4, 8}}, row{DType::f64, {8}};
  Graph graph;
  const Value x = input(graph, images), a = input(graph, row), b = input(graph, row);
  const Value r = a * b;  // read for the last time in the loop, and of the type of the sum
  const Value y = x * r, z = sqrt(exp(y));
  graph.output(sum(conv2d(z, input(graph, {DType::f64, {5, 8, 1, 1}}), {.layout = Layout::channels_last}),
                   {.axes = {3}}),
               "v");
  graph.output(sum(z, {.axes = {0, 1, 2}}), "sum");
  std::vector<Tensor> results[2];
  for (const std::size_t bytes : {std::size_t{1}, kNever}) {
    Session session(compile(graph, {.threads = 1, .strip_bytes = bytes}), {.poison = true});
    for (std::size_t i = 0; i < session.inputs(); ++i)
      session.feed(i, random_tensor(session.input(i).type(), i, 0.1));
    session.run();
    for (const Tensor& output : session.outputs()) results[bytes == 1].push_back(output.clone());
  }
  expect_near(results[1], results[0], 1e-12);
}

TEST(Strips, FindAnOutlawInTheLastStrip) {
  Graph graph;
  const Value x = input(graph, {DType::f32, {16, 4, 4, 8}}), w = input(graph, {DType::f32, {4, 8, 1, 1}});
  const Graph::Scope scope(graph, "layers.7");
  const Value y = conv2d(log(x), w, {.layout = Layout::channels_last});
  graph.output(y, "y");
  const auto program = compile(graph, {.threads = 1, .strip_bytes = 1});
  ASSERT_GT(program->turns.size(), program->instructions.size());
  Session session(program);
  session.input(0).fill(1);
  session.input(1).fill(1);
  EXPECT_FALSE(session.run_checked());
  session.input(0).set(session.input(0).size() - 1, -1);
  const auto culprit = session.run_checked();
  ASSERT_TRUE(culprit);
  EXPECT_NE(culprit->find("log"), std::string::npos) << *culprit;
  EXPECT_NE(culprit->find("layers.7"), std::string::npos) << *culprit;
}

TEST(Strips, AreTimedWithTheirInstruction) {
  Block block;
  const auto program = compile(block.graph, {.threads = 1, .strip_bytes = kSmall});
  Session session(program);
  Profile profile;
  session.run(profile);
  EXPECT_EQ(profile.seconds.size(), program->instructions.size());
  ASSERT_EQ(profile.last.size(), 1u);
  EXPECT_EQ(profile.last[0].size(), program->turns.size());
  double spans = 0, seconds = 0;
  for (const Profile::Span& span : profile.last[0]) spans += span.end - span.begin;
  for (const double s : profile.seconds) seconds += s;
  EXPECT_NEAR(spans, seconds, 1e-9);
  Session whole(compile(block.graph, {.threads = 1, .strip_bytes = kNever}));
  Profile other;
  whole.run(other);
  const auto total = [](const std::vector<ProfileRow>& rows, auto field) {
    double sum = 0;
    for (const ProfileRow& row : rows) sum += row.*field;
    return sum;
  };
  for (const auto field : {&ProfileRow::flops, &ProfileRow::bytes})
    EXPECT_EQ(total(profile_by_kernel(*program, profile), field),
              total(profile_by_kernel(whole.program(), other), field));
}

}  // namespace
}  // namespace gradus
