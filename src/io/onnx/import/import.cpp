// An ONNX model as a network that can be trained.
#include <algorithm>

#include "base/check.h"
#include "gradus/onnx_network.h"
#include "io/bytes.h"
#include "io/onnx/import/walk.h"

namespace gradus::io::onnx {
namespace {

constexpr std::int64_t kOldestOpset = 7;
constexpr std::int64_t kLargestExample = std::int64_t{1} << 26;  // elements: far more than images have

// The one input, of f32 [N, ...] with all extents but the first.
Shape example_of(const Model& model, const Port& port) {
  const bool fits =
      port.element == Element::f32 && port.extents && !port.extents->empty() &&
      std::all_of(port.extents->begin() + 1, port.extents->end(), [](std::int64_t n) { return n > 0; });
  require(Fault::model, fits,
          "{}: its input {} must be float [N, ...] with every extent but the first one given. Save the model "
          "with the shape of its examples.",
          model.where, in_quotes(port.name));
  const Shape example(std::span(*port.extents).subspan(1));
  require(Fault::model, example.size() <= kLargestExample,
          "{}: its input {} has {} elements; at most {} are supported.", model.where, in_quotes(port.name),
          example.size(), kLargestExample);
  return example;
}

// A constant as f64 that broadcasts to an example: [C, 1, 1] of images, else of the example's shape.
std::optional<Tensor> broadcast(const Tensor& constant, const Shape& example) {
  const int rank = example.rank(), extra = constant.shape().rank() - rank;
  const bool is_image = rank == 3;
  const Shape channels = is_image ? Shape{example[0], 1, 1} : example;
  Tensor wide = constant.cast(DType::f64);
  if (wide.size() == 1) {
    Tensor all(DType::f64, channels);
    all.fill(wide.at(0));
    return all;
  }
  for (int axis = 0; axis < extra; ++axis)
    if (constant.shape()[axis] != 1) return {};
  for (const Shape& shape : {channels, example}) {
    bool fits = wide.size() == shape.size() && extra >= 0;
    for (int axis = 1; fits && axis <= rank; ++axis) fits = constant.shape()[-axis] == shape[-axis];
    if (fits) return wide.reshaped(shape);
  }
  return {};
}

// Both under one shape.
void align(Tensor& a, Tensor& b) {
  if (a.shape() == b.shape()) return;
  Tensor& small = a.size() < b.size() ? a : b;
  const Tensor& large = a.size() < b.size() ? b : a;
  Tensor wide(DType::f64, large.shape());
  const std::int64_t each = large.size() / small.size();  // [C, 1, 1] to [C, H, W]
  for (std::int64_t i = 0; i < wide.size(); ++i) wide.set(i, small.at(i / each));
  small = wide;
}

// Whether a layer begins with a node of this op.
bool is_layer(const Trail& at, std::string_view op) {
  return std::any_of(recognisers().begin(), recognisers().end(),
                     [&](const Recogniser& one) { return one.op == op && one.match(at).has_value(); });
}

// The subtractions, and the division or multiplication, before the first layer; `value` is what follows.
std::optional<Scaling> scaling_before(const Net& net, const Shape& example, std::string& value) {
  const std::vector<bool> all(net.nodes().size(), true);
  Trail at{&net, &all, value, example};
  std::optional<Tensor> mean, std;
  for (std::optional<Step> step = at.only("Sub"); step && step->constant(1); step = at.only("Sub")) {
    const std::optional<Tensor> part = broadcast(*step->constant(1), example);
    if (!part) break;
    if (!mean) {
      mean = part;
    } else {
      Tensor more = *part;
      align(*mean, more);
      for (std::int64_t i = 0; i < more.size(); ++i) mean->set(i, mean->at(i) + more.at(i));
    }
    at = at.after(*step);
  }
  const std::optional<Step> divides = at.only("Div");
  const auto multiplies = at.only_with_constant("Mul");
  if (divides && divides->constant(1)) {
    std = broadcast(*divides->constant(1), example);
    if (std) at = at.after(*divides);
  } else if (multiplies && !is_layer(at, "Mul")) {
    std = broadcast(multiplies->constant, example);
    for (std::int64_t i = 0; std && i < std->size(); ++i) std->set(i, 1 / std->at(i));
    if (std) at = at.after(multiplies->step);
  }
  if (!mean && !std) return {};
  if (!mean) mean = Tensor(DType::f64, std->shape());
  if (!std) {
    std = Tensor(DType::f64, mean->shape());
    std->fill(1);
  }
  align(*mean, *std);
  value = at.value;
  return Scaling{*mean, *std};
}

}  // namespace

Imported to_network(const Model& model) {
  const std::vector<Port> inputs = model.wanted();
  require(Fault::model, inputs.size() == 1 && model.graph.outputs.size() == 1,
          "{}: networks have one input and one output, it has {} and {}. 'gradus run' takes it as it is.",
          model.where, inputs.size(), model.graph.outputs.size());
  const Net net(model);
  require(Fault::model, net.opset() >= kOldestOpset,
          "{}: it is written in opset {}; {} and later are supported.", model.where, net.opset(),
          kOldestOpset);
  Imported result{.spec = {.input = example_of(model, inputs[0]), .where = model.where}};
  result.metadata = model.metadata;
  std::string value = inputs[0].name;
  result.scaling = scaling_before(net, *result.spec.input, value);
  Chain chain = walk(net, value, *result.spec.input, model.graph.outputs[0].name);
  require(Fault::model, !chain.layers.empty(), "{}: nothing is between its input and its output.",
          model.where);
  result.spec.layers = std::move(chain.layers);
  result.weights = std::move(chain.weights);
  return result;
}

void set_weights(const nn::Network& network, const Imported& imported) {
  const std::vector<Variable> variables = network.variables();
  GRADUS_CHECK(variables.size() == imported.weights.size());
  for (std::size_t i = 0; i < variables.size(); ++i) {
    const Tensor& weight = imported.weights[i];
    require(Fault::model, weight.shape() == variables[i].type().shape,
            "{}: '{}' must be {}, the file has {}.", imported.spec.where, variables[i].name(),
            variables[i].type().shape.str(), weight.shape().str());
    variables[i].set(weight.cast(variables[i].type().dtype));
  }
}

}  // namespace gradus::io::onnx
