// Sessions: feeding, state in arenas, nothing allocated by a step, bad numbers found and named.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <limits>
#include <new>
#include <thread>

#include "base/philox.h"
#include "gradus/compile.h"
#include "gradus/grad.h"
#include "gradus/ops.h"
#include "runtime/arena.h"
#include "support/expect_error.h"

namespace {
std::atomic<std::int64_t> allocations{0};
}

#ifdef __SANITIZE_ADDRESS__
// Libraries bring memory from the sanitizer's own operator new to the delete below.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() { return "alloc_dealloc_mismatch=0"; }
#endif

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"  // the pair below is malloc and free on purpose
#endif

// Counts every allocation of this program; the default new[] calls new.
void* operator new(std::size_t bytes) {
  ++allocations;
  if (void* memory = std::malloc(bytes == 0 ? 1 : bytes)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace gradus {
namespace {

Variable random_variable(const std::string& name, const Shape& shape, std::uint32_t stream,
                         DType dtype = DType::f32) {
  Variable variable(name, {dtype, shape});
  const RandomSequence random(1, stream);
  for (std::int64_t i = 0; i < shape.size(); ++i) {
    variable.value().set(i, 0.3 * random.normal(static_cast<std::uint64_t>(i)));
  }
  return variable;
}

// A two-layer classifier with its update by gradient descent.
struct Classifier {
  Classifier(std::int64_t batch, std::int64_t in, std::int64_t hidden, std::int64_t classes,
             DType dtype = DType::f32)
      : w1(random_variable("w1", {hidden, in}, 1, dtype)),
        b1(random_variable("b1", {hidden}, 2, dtype)),
        w2(random_variable("w2", {classes, hidden}, 3, dtype)) {
    const Value x = input(graph, {dtype, {batch, in}}, "x"),
                labels = input(graph, {DType::i64, {batch}}, "labels");
    const Value h = relu(matmul(x, read(graph, w1), {.transpose_b = true}) + read(graph, b1));
    const Value logits = matmul(sigmoid(h), read(graph, w2), {.transpose_b = true});
    const Value loss = softmax_cross_entropy(logits, labels, {.label_smoothing = 0.1});
    const std::vector<Variable> parameters = {w1, b1, w2};
    const Values slopes = gradients(loss, parameters);
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      assign(parameters[i], read(graph, parameters[i]) - 0.1 * slopes[i]);
    }
    graph.output(loss, "loss");
    examples = Tensor(dtype, {batch, in});
    classes_of = Tensor(DType::i64, {batch});
    const RandomSequence random(5, 7);
    for (std::int64_t i = 0; i < examples.size(); ++i) {
      examples.set(i, random.normal(static_cast<std::uint64_t>(i)));
    }
    for (std::int64_t i = 0; i < batch; ++i) classes_of.set(i, static_cast<double>(i % classes));
  }
  Session session(const CompileOptions& options) const {
    Session s(compile(graph, options));
    s.feed(0, examples);
    s.feed(1, classes_of);
    return s;
  }
  Variable w1, b1, w2;
  Graph graph;
  Tensor examples, classes_of;
};

TEST(Session, AStepAllocatesNothing) {
  for (const std::int64_t size : {3, 128}) {
    for (const DType dtype : {DType::f32, DType::f64}) {
      for (const int threads : {1, 2}) {
        const Classifier net(size, size == 3 ? 20 : 200, size == 3 ? 20 : 100, 10, dtype);
        Session session = net.session({.threads = threads});
        session.run();
        const std::int64_t before = allocations;
        for (int i = 0; i < 10; ++i) session.run();
        EXPECT_EQ(allocations - before, 0) << "batch " << size << ", " << threads << " threads\n"
                                           << describe(session.program());
      }
    }
  }
}

TEST(Session, TrainsAndRepeatsItsBits) {
  std::vector<float> first;
  for (int repeat = 0; repeat < 2; ++repeat) {
    const Classifier net(32, 50, 40, 10);
    Session session = net.session({.threads = 2});
    std::vector<float> losses;
    for (int i = 0; i < 50; ++i) {
      session.run();
      losses.push_back(session.output(0).values<const float>()[0]);
    }
    EXPECT_LT(losses.back(), losses.front());
    if (repeat == 0)
      first = losses;
    else
      EXPECT_EQ(first, losses);
  }
}

TEST(Session, VariablesOfOneRoleLieInOneArena) {
  const Classifier net(3, 20, 20, 2);
  const Session session = net.session({.threads = 1});
  EXPECT_TRUE(net.w1.bound());
  std::byte* lowest = std::min({net.w1.value().data(), net.b1.value().data(), net.w2.value().data()});
  std::byte* highest = std::max({net.w1.value().data(), net.b1.value().data(), net.w2.value().data()});
  EXPECT_LE(highest - lowest, 1600 + 128 + 256);
  const Session second(compile(net.graph, {.threads = 1}));  // shares them
  EXPECT_EQ(std::min({net.w1.value().data(), net.b1.value().data(), net.w2.value().data()}), lowest);
}

// Two programs in one memory, each run from a poisoned start, take the steps they take alone.
TEST(Session, SeveralMayShareAWorkspace) {
  const Classifier shared(32, 50, 40, 10), alone(32, 50, 40, 10);
  const Classifier other(16, 70, 30, 5);
  const auto program = compile(shared.graph, {.threads = 1}), guest = compile(other.graph, {.threads = 1});
  const Workspace workspace(std::max(arena_bytes(*program), arena_bytes(*guest)));
  Session step(program, {.poison = true, .workspace = workspace});
  Session look(guest, {.poison = true, .workspace = workspace});
  Session expected = alone.session({.threads = 1});
  step.feed(0, shared.examples);
  step.feed(1, shared.classes_of);
  look.feed(0, other.examples);
  look.feed(1, other.classes_of);
  for (int i = 0; i < 5; ++i) {
    look.run();
    step.run();
    expected.run();
    EXPECT_EQ(step.output(0).at(0), expected.output(0).at(0)) << "step " << i;
  }
  expect_error([&] { Session(program, {.workspace = Workspace(1)}); }, Fault::model,
               "session: a workspace of " + std::to_string(arena_bytes(*program)) +
                   " bytes was needed, it has 1. Make it as large as arena_bytes() says.");
}

// In strips, too, where sums grow with every strip.
TEST(Session, TellsWhenAnOutputIsComplete) {
  for (const std::size_t strip_bytes : {std::size_t{1} << 24, std::size_t{1} << 12}) {
    Graph graph;
    const Value x = input(graph, {DType::f32, {64, 32}});
    const Value w = read(graph, Variable("w", {DType::f32, {32, 32}}));
    const Value y = tanh(matmul(x + 0.5, w + 0.1));
    const Value loss = sum(square(y));
    for (const Value& gradient : gradients(loss, {x, w})) graph.output(gradient, "gradient");
    graph.output(loss, "loss");
    graph.output(y, "y");
    graph.output(w, "w");
    Session session(compile(graph, {.threads = 1, .strip_bytes = strip_bytes}));
    session.input(0).fill(0.25);
    std::vector<Tensor> seen(5);
    std::vector<std::size_t> order;
    session.run([&](std::size_t output) {
      order.push_back(output);
      seen[output] = session.output(output).clone();
    });
    EXPECT_EQ(order.size(), 5u);
    for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_TRUE(seen[i].same_bits(session.output(i))) << i;
    const auto place = [&](std::size_t output) { return std::find(order.begin(), order.end(), output); };
    EXPECT_LT(place(3), place(1)) << "y is there before the gradient of w";
  }
}

TEST(Session, ReadersMayRunInParallel) {
  const Variable w = random_variable("w", {30, 30}, 1);
  Graph graph;
  const Value x = input(graph, {DType::f32, {4, 30}}, "x");
  graph.output(tanh(matmul(x, read(graph, w))), "y");
  const auto program = compile(graph, {.threads = 1});
  std::vector<Tensor> results(4);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      Session session(program);  // the first of them binds the variables
      session.input(0).fill(static_cast<double>(i));
      for (int k = 0; k < 100; ++k) session.run();
      results[i] = session.output(0).clone();
    });
  }
  for (std::thread& thread : threads) thread.join();
  Session main(program);
  for (std::size_t i = 0; i < 4; ++i) {
    main.input(0).fill(static_cast<double>(i));
    main.run();
    EXPECT_TRUE(main.output(0).same_bits(results[i]));
  }
}

TEST(Session, NamesTheFirstBadResult) {
  Graph graph;
  const Value x = input(graph, {DType::f32, {2}}, "x");
  Value y;
  {
    const Graph::Scope scope(graph, "layers.1 (dense)");
    y = exp(x).named("blow-up");
  }
  graph.output(sum(y * y), "loss");
  Session session(compile(graph));
  session.input(0).fill(1);
  EXPECT_EQ(session.run_checked(), std::nullopt);
  session.input(0).fill(1000);
  EXPECT_EQ(session.run_checked(), "exp 'blow-up' in layers.1 (dense)");
  session.input(0).fill(60);  // exp(60)^2 is beyond f32
  EXPECT_EQ(session.run_checked(), "mul %2");
}

TEST(Session, RefusesWhatDoesNotFit) {
  Graph graph;
  graph.output(neg(input(graph, {DType::f32, {2}}, "x")), "y");
  Session session(compile(graph));
  expect_error([&] { session.feed(0, Tensor(DType::f32, {3})); }, Fault::model,
               "session: input 0 takes f32[2], f32[3] was given.");
  expect_error([&] { session.feed(1, Tensor(DType::f32, {2})); }, Fault::model,
               "session: there is no input 1; the program has 1.");
  expect_error([&] { session.output(1); }, Fault::model, "session: there is no output 1; the program has 1.");
  expect_error([&] { compile(graph, {.disabled_passes = {"pruen"}}); }, Fault::usage,
               "there is no pass 'pruen'. Did you mean 'prune'?");
}

TEST(Function, IsTracedOncePerShape) {
  int traced = 0;
  auto twice = compile([&](const Value& x) {
    ++traced;
    return x + x;
  });
  const Tensor a = Tensor::of<float>({2}, {1, 2}), b = Tensor::of<float>({3}, {1, 2, 3});
  EXPECT_EQ(twice(a).at(1), 4);
  EXPECT_EQ(twice(b).at(2), 6);
  EXPECT_EQ(twice(a).at(0), 2);
  EXPECT_EQ(traced, 2);
}

TEST(Function, CallsAllocateNothing) {
  auto scaled = compile([](const Value& x, const Value& y) { return x * y; }, {.threads = 1});
  const Tensor x = Tensor::of<float>({2}, {1, 2}), y = Tensor::of<float>({2}, {3, 4});
  scaled(x, y);
  const std::int64_t before = allocations;
  for (int call = 0; call < 3; ++call) scaled(x, y);
  EXPECT_EQ(allocations - before, 0);
}

TEST(Function, MovesWithItsSessions) {
  int traced = 0;
  auto first = compile([&traced](const Value& x) {
    ++traced;
    return x + x;
  });
  const Tensor x = Tensor::scalar(2);
  first(x);
  auto second = std::move(first);
  EXPECT_EQ(second(x).at(0), 4);
  EXPECT_EQ(traced, 1);
}

TEST(Function, GivesSeveralResults) {
  auto both = compile([](const Value& x, const Value& y) { return Values{x + y, x * y}; });
  const Tensor two = Tensor::scalar(2), five = Tensor::scalar(5);
  const std::vector<Tensor> results = both(two, five);
  EXPECT_EQ(results.at(0).at(0), 7);
  EXPECT_EQ(results.at(1).at(0), 10);
}

TEST(Arena, NamesItsLargestArrays) {
  Graph graph;
  Value x = input(graph, {DType::f32, Shape{64, 100}}, "x");
  {
    const Graph::Scope scope(graph, "wide");
    x = matmul(x, input(graph, {DType::f32, Shape{100, 1000}}, "w"));
  }
  graph.output(sum(exp(matmul(x, input(graph, {DType::f32, Shape{1000, 2}}, "v")))), "y");
  const auto program = compile(graph, {.threads = 1});
  const std::string text = largest_arrays(*program, 2);
  EXPECT_EQ(text.rfind("matmul %", 0), 0u) << text;
  EXPECT_NE(text.find(" in wide, f32[64, 1000], 250.0 KiB; "), std::string::npos) << text;
  EXPECT_EQ(std::count(text.begin(), text.end(), ';'), 1) << text;
  EXPECT_EQ(make_arena(*program).bytes(), arena_bytes(*program));
}

// More than any machine has: a size that overflows when it is rounded to whole pages.
TEST(Arena, SaysHowMuchWasAskedFor) {
  Graph graph;
  graph.output(exp(exp(input(graph, {DType::f32, Shape{3}}, "x"))), "y");
  const auto program = compile(graph, {.threads = 1});
  try {
    make_arena(*program, std::numeric_limits<std::size_t>::max());
    ADD_FAILURE();
  } catch (const Error& error) {
    const std::string text = error.what();
    EXPECT_EQ(text.rfind("out of memory: ", 0), 0u) << text;
    EXPECT_NE(text.find("(18446744073709551615 bytes) were asked for"), std::string::npos) << text;
    EXPECT_NE(text.find("The largest are: "), std::string::npos) << text;
    EXPECT_NE(text.find("f32[3], 12 B"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace gradus
