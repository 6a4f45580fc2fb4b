#include "io/onnx/import/trail.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/call_text.h"
#include "base/check.h"
#include "io/bytes.h"

namespace gradus::io::onnx {

Tensor Step::numbers(std::size_t i, const char* what) const {
  const Tensor* tensor = constant(i);
  require(tensor != nullptr, "its {} is computed from the input; only one that is fixed is supported.", what);
  require(is_float(tensor->dtype()), "its {} must hold floats, it is {}.", what, tensor->type().str());
  return tensor->cast(DType::f32);
}

std::vector<std::int64_t> Step::integers(std::size_t i, const char* what) const {
  const Tensor* tensor = constant(i);
  require(tensor != nullptr, "its {} is computed from the input; only one that is fixed is supported.", what);
  require(is_integer(tensor->dtype()) && tensor->shape().rank() <= 1,
          "its {} must be a list of integers, it is {}.", what, tensor->type().str());
  const Tensor wide = tensor->cast(DType::i64);
  const auto list = wide.values<const std::int64_t>();
  return {list.begin(), list.end()};
}

std::vector<int> Trail::readers() const {
  std::vector<int> list;
  for (const int node : net->readers(value))
    if ((*region)[static_cast<std::size_t>(node)]) list.push_back(node);
  return list;
}

std::optional<Step> Trail::only(std::string_view op, std::size_t place) const {
  const std::vector<int> nodes = readers();
  if (nodes.size() != 1) return {};
  Step step{net, nodes[0], Attributes(net->nodes()[static_cast<std::size_t>(nodes[0])])};
  const NodeInfo& node = step.node();
  const bool fits = node.op == op && node.domain.empty() && place < node.inputs.size() &&
                    node.inputs[place] == value &&
                    std::count(node.inputs.begin(), node.inputs.end(), value) == 1;
  return fits ? std::optional(step) : std::nullopt;
}

std::optional<Trail::WithConstant> Trail::only_with_constant(std::string_view op) const {
  for (const std::size_t place : {std::size_t{0}, std::size_t{1}}) {
    const std::optional<Step> step = only(op, place);
    if (!step || step->node().inputs.size() != 2) continue;
    const Tensor* other = step->constant(1 - place);
    if (other != nullptr && is_float(other->dtype())) return WithConstant{*step, *other};
  }
  return {};
}

std::optional<Step> Trail::among(std::string_view op) const {
  for (const int node : readers()) {
    const NodeInfo& info = net->nodes()[static_cast<std::size_t>(node)];
    if (info.op == op && info.domain.empty()) return Step{net, node, Attributes(info)};
  }
  return {};
}

Trail Trail::after(const Step& step) const {
  step.attributes.refuse_unread();
  const std::vector<std::string>& outputs = step.node().outputs;
  require(!outputs.empty() && !outputs[0].empty(), "it has no first output.");
  for (std::size_t i = 1; i < outputs.size(); ++i)
    require(outputs[i].empty() || net->readers(outputs[i]).empty(), "its output {} is not supported.",
            in_quotes(outputs[i]));
  return {net, region, outputs[0], example};
}

const std::vector<Recogniser>& recognisers() {
  static const std::vector<Recogniser> table = [] {
    std::vector<Recogniser> list;
    for (const auto family : {dense_recognisers, window_recognisers, normalization_recognisers,
                              activation_recognisers, shape_recognisers}) {
      for (const Recogniser& one : family()) list.push_back(one);
    }
    return list;
  }();
  return table;
}

double as_written(double number) {
  return parse_number(fmt::to_string(static_cast<float>(number))).value_or(number);
}

bool is_number(const Tensor& tensor, double number) {
  return tensor.size() == 1 && std::abs(tensor.at(0) - number) <= 1e-6 * std::abs(number);
}

}  // namespace gradus::io::onnx
