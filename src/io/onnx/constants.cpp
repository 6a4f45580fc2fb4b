#include "io/onnx/constants.h"

#include <set>

#include "base/check.h"
#include "base/text.h"
#include "gradus/op_def.h"

namespace gradus::io::onnx {
namespace {

// What a conversion must know is small; this stops a file that asks for more than a machine has.
constexpr std::size_t kMostBytes = std::size_t{1} << 30;

}  // namespace

void Constants::give(const Value& input, const Tensor& elements) {
  known_[{input.node_id(), input.output()}] = elements;
}

Tensor Constants::value(const Value& value) {
  const Graph& graph = value.graph();
  std::set<int> needed = {value.node_id()};
  for (auto node = needed.rbegin(); node != needed.rend(); ++node) {
    if (known_.contains({*node, 0})) continue;
    for (const Value& input : graph.node(*node).in) needed.insert(input.node_id());
  }
  for (const int id : needed) {
    if (!known_.contains({id, 0})) compute(graph.node(id));
  }
  return known_.at({value.node_id(), value.output()});
}

void Constants::compute(const Node& node) {
  require(node.op->reference && node.op->kind != OpDef::random,
          "what it depends on must be known before the run, and {} is not.", node.where());
  std::vector<Tensor> in, out;
  for (const Value& input : node.in) in.push_back(known_.at({input.node_id(), input.output()}));
  for (const Type& type : node.out) {
    const bool fits = type.shape.size() <= static_cast<std::int64_t>(kMostBytes / size_of(type.dtype)) &&
                      type.bytes() <= kMostBytes - bytes_;
    require(fits, "what must be known before the run takes more than {}, {} among it.",
            bytes_text(kMostBytes), type.str());
    bytes_ += type.bytes();
    out.emplace_back(type);
  }
  node.op->reference(node.attrs, in, out);
  for (std::size_t i = 0; i < out.size(); ++i) known_[{node.id, static_cast<int>(i)}] = out[i];
}

}  // namespace gradus::io::onnx
