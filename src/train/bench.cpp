// The benchmark workloads: forward, backward and update of fixed networks.
#include "gradus/bench.h"

#include <fmt/ranges.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <functional>
#include <memory>

#include "base/check.h"
#include "base/file.h"
#include "base/parallel.h"
#include "base/philox.h"
#include "base/suggest.h"
#include "gradus/grad.h"
#include "gradus/nn.h"
#include "gradus/op_def.h"
#include "gradus/ops.h"
#include "gradus/optim.h"
#include "train/precision.h"
#include "train/profile.h"
#include "train/programs.h"

namespace gradus::train {

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

struct Workload {
  const char* name;
  const char* description;
  Shape input;
  std::int64_t classes, batch;
  const char* layers;  // a model file's, or the name of a model
  double l2 = 0;
  const char* optimizer;
  optim::NamedOptions settings;
};

const std::vector<Workload>& workloads() {
  static const optim::NamedOptions papers{.lr = 0.1, .momentum = 0.9, .weight_decay = 1e-4};
  static const std::vector<Workload> list = {
      {"seed",
       "20-20(sigmoid)-2, L2, batch 3, SGD",
       {20},
       2,
       3,
       "layers = [{dense = 20}, 'sigmoid', {dense = 2}]",
       0.01,
       "sgd",
       {.lr = 0.1}},
      {"mlp",
       "784-256-128-10, ReLU, batch 128, Adam",
       {784},
       10,
       128,
       "layers = [{dense = 256}, 'relu', {dense = 128}, 'relu', {dense = 10}]",
       0,
       "adam",
       {.lr = 1e-3}},
      {"bigmlp",
       "1024-2048-2048-1000, ReLU, batch 256, SGD with momentum",
       {1024},
       1000,
       256,
       "layers = [{dense = 2048}, 'relu', {dense = 2048}, 'relu', {dense = 1000}]",
       0,
       "sgd",
       {.lr = 0.01, .momentum = 0.9}},
      {"cnn",
       "two convolutions on 1x28x28, batch 64, Adam",
       {1, 28, 28},
       10,
       64,
       "layers = [{conv2d = {filters = 32, kernel = 3, padding = 'same'}}, 'relu', {max_pool2d = 2},"
       " {conv2d = {filters = 64, kernel = 3, padding = 'same'}}, 'relu', {max_pool2d = 2}, 'flatten',"
       " {dense = 128}, 'relu', {dense = 10}]",
       0,
       "adam",
       {.lr = 1e-3}},
      {"resnet20",
       "He et al. 2015 on 3x32x32, batch 128, SGD with momentum",
       {3, 32, 32},
       10,
       128,
       "resnet20",
       0,
       "sgd",
       papers},
      {"densenet40",
       "Huang et al. 2017, k = 12, on 3x32x32, batch 64, SGD with momentum",
       {3, 32, 32},
       10,
       64,
       "densenet40",
       0,
       "sgd",
       papers},
  };
  return list;
}

const Workload& find_workload(const std::string& name) {
  std::vector<std::string> known;
  for (const Workload& w : workloads()) {
    if (name == w.name) return w;
    known.emplace_back(w.name);
  }
  fail(Fault::usage, "bench: there is no workload '{}'; there are {}, and model files (.toml).{}", name,
       fmt::join(known, ", "), did_you_mean(name, known));
}

// What is measured: a workload, or a model file's network under Adam with batches of 128.
struct Subject {
  nn::ModelSpec model = {};
  Shape input = {};
  std::int64_t batch = 128;
  double l2 = 0;
  const char* optimizer = "adam";
  optim::NamedOptions settings = {};
};

Subject subject_of(const std::string& name) {
  if (name.ends_with(".toml")) {
    const std::vector<std::byte> bytes = read_file(name, Fault::model);
    Subject s{.model = nn::parse_model({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, name)};
    require(Fault::model, s.model.input.has_value(),
            "{}: bench needs the shape of an example: add input = [...].", name);
    s.input = *s.model.input;
    return s;
  }
  const Workload& w = find_workload(name);
  const std::string text = w.layers;
  return {.model = text.starts_with("layers") ? nn::parse_model(text, w.name)
                                              : nn::named_model(text, w.input, w.classes),
          .input = w.input,
          .batch = w.batch,
          .l2 = w.l2,
          .optimizer = w.optimizer,
          .settings = w.settings};
}

// One training step of it, or its outputs in inference mode.
struct Step {
  Graph graph;
  std::int64_t parameters = 0, classes = 0;
  Variable counter = make_counter(1);
  std::unique_ptr<optim::Optimizer> optimizer;

  Step(const Subject& subject, std::int64_t batch, DType dtype, bool inference) {
    const nn::Network network = nn::build(subject.model, subject.input, {.dtype = dtype});
    classes = network.output.size();
    std::vector<std::int64_t> extents = subject.input.list();
    extents.insert(extents.begin(), batch);
    const std::vector<Variable> list = network.parameters();
    for (const Variable& parameter : list) parameters += parameter.type().shape.size();
    const Value x = input(graph, {dtype, Shape(extents)}, "x");
    if (inference) {
      graph.output(network(x, {.training = false}), "logits");
      return;
    }
    const Value y = input(graph, {DType::i64, {batch}}, "y");
    const Value logits = network(x, {.training = true, .counter = counter});
    Value loss = nn::find_loss("softmax_cross_entropy").build(logits, y, Value(), {});
    graph.output(loss, "loss");
    if (subject.l2 > 0) loss = loss + nn::l2(graph, list, subject.l2);
    optimizer = optim::make_optimizer(subject.optimizer, list, subject.settings);
    optimizer->apply(gradients(loss, list));
  }
};

void fill_inputs(const Session& session, std::int64_t classes) {
  const RandomSequence random(1, 1);
  const Tensor& x = session.input(0);
  for (std::int64_t i = 0; i < x.size(); ++i) x.set(i, random.uniform(static_cast<std::uint64_t>(i)));
  if (session.inputs() == 1) return;
  const Tensor& y = session.input(1);
  for (std::int64_t i = 0; i < y.size(); ++i) y.set(i, static_cast<double>(i % classes));
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// Seconds of each of some measurements of one call of `run`. Short calls are repeated within a measurement,
// so that reading the clock does not count.
std::vector<double> measure(const std::function<void()>& run, double seconds) {
  constexpr double kShortest = 1e-3;
  constexpr int kFewest = 5;
  Clock::time_point start = Clock::now();
  run();  // first touch of all memory
  std::int64_t calls = 1;
  for (;; calls *= 2) {
    start = Clock::now();
    for (std::int64_t i = 0; i < calls; ++i) run();
    if (seconds_since(start) >= kShortest) break;
  }
  std::vector<double> list;
  const Clock::time_point begin = Clock::now();
  while (static_cast<int>(list.size()) < kFewest || seconds_since(begin) < seconds) {
    start = Clock::now();
    for (std::int64_t i = 0; i < calls; ++i) run();
    list.push_back(seconds_since(start) / static_cast<double>(calls));
  }
  return list;
}

// GFLOP/s of the best f32 product: small ones and large ones run on different kernels, and either may win.
double best_gemm(int threads) {
  double best = 0;
  for (const std::int64_t size : {256, 512, 1024, 2048}) {
    Graph graph;
    const Type square{DType::f32, {size, size}};
    graph.output(matmul(input(graph, square), input(graph, square)), "y");
    Session session(compile(graph, {.threads = threads}));
    for (std::size_t i = 0; i < 2; ++i) session.input(i).fill(0.5);
    const std::vector<double> times = measure([&] { session.run(); }, 0.3);
    const double flops = 2 * static_cast<double>(size * size * size);
    best = std::max(best, 1e-9 * flops / *std::min_element(times.begin(), times.end()));
  }
  return best;
}

void reset_peak_memory() { std::ofstream("/proc/self/clear_refs") << "5"; }

double peak_memory_mb() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) / 1024;
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

}  // namespace

const std::vector<BenchWorkload>& bench_workloads() {
  static const std::vector<BenchWorkload> list = [] {
    std::vector<BenchWorkload> all;
    for (const Workload& w : workloads()) all.push_back({w.name, w.description});
    return all;
  }();
  return list;
}

void require_benchable(const std::string& name, const BenchOptions& options) {
  subject_of(name);
  require(Fault::usage, options.batch >= 0, "bench: a batch of at least 1 was needed, got {}.",
          options.batch);
  require_precision(options.precision, "bench");
}

BenchResult bench(const std::string& name, const BenchOptions& options) {
  require_benchable(name, options);
  const Subject subject = subject_of(name);
  BenchResult result;
  result.workload = name;
  result.precision = options.precision;
  result.note = settle_precision(result.precision).value_or("");
  const DType dtype = dtype_of_precision(result.precision);
  result.threads = options.threads > 0 ? options.threads : hardware_threads();
  result.batch = options.batch > 0 ? options.batch : subject.batch;
  reset_peak_memory();
  {
    const Step step(subject, result.batch, dtype, options.inference);
    result.parameters = step.parameters;
    result.model_gflop_per_step = 1e-9 * static_cast<double>(contraction_flops(step.graph));
    Session session(compile(step.graph, compile_options(result.precision, result.threads)));
    fill_inputs(session, step.classes);
    const double seconds = median(measure([&] { session.run(); }, options.seconds));
    result.step_ms = 1e3 * seconds;
    result.samples_per_s = static_cast<double>(result.batch) / seconds;
    if (options.profile) {
      Profile profile;
      while (profile.runs < 5 || static_cast<double>(profile.runs) * seconds < options.seconds)
        session.run(profile);
      result.profile = summary(session.program(), profile, result.batch, result.step_ms);
    }
  }
  result.peak_rss_mb = peak_memory_mb();
  result.gemm_gflops = best_gemm(result.threads);
  result.roofline_fraction = result.model_gflop_per_step / (1e-3 * result.step_ms) / result.gemm_gflops;
  return result;
}

}  // namespace gradus::train
