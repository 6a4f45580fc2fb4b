#include "nn/noise.h"

#include <algorithm>

#include "base/check.h"
#include "gradus/op_def.h"

namespace gradus::nn {

double checked_rate(double rate, std::string_view kind) {
  require(rate >= 0 && rate < 1, "{}: rate must be at least 0 and below 1, got {}.", kind, rate);
  return rate;
}

std::int64_t next_stream(const Graph& graph) {
  return std::count_if(graph.nodes().begin(), graph.nodes().end(),
                       [](const Node& node) { return node.op->kind == OpDef::random; });
}

Value read_counter(const Layer& layer, Graph& graph, const Pass& pass) {
  if (pass.numbers) return pass.numbers;
  require(
      pass.counter.defined(),
      "{}: in training it draws random numbers, the pass has no counter. Give Pass.counter, or training = "
      "false.",
      layer.title());
  return read(graph, pass.counter);
}

Value dropped(const Layer& layer, const Value& x, const Pass& pass, const Shape& shape, double rate) {
  const Value counter = read_counter(layer, x.graph(), pass);
  const Value mask = random_bernoulli(
      counter,
      {.shape = shape, .dtype = x.dtype(), .stream = next_stream(x.graph()), .low = 0, .high = 1 - rate});
  return x * (mask * (1 / (1 - rate)));
}

}  // namespace gradus::nn
