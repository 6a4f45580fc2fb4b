#include "io/onnx/import/rewrite.h"

#include <algorithm>

#include "io/onnx/attributes.h"

namespace gradus::io::onnx {
namespace {

using Integers = std::vector<std::int64_t>;

void set_attribute(NodeInfo& node, const std::string& name, decltype(Attribute::value) value) {
  const auto found = std::find_if(node.attributes.begin(), node.attributes.end(),
                                  [&](const Attribute& attribute) { return attribute.name == name; });
  if (found == node.attributes.end())
    node.attributes.push_back({name, std::move(value)});
  else
    found->value = std::move(value);
}

bool all_zero(const Integers& list) {
  return std::all_of(list.begin(), list.end(), [](std::int64_t n) { return n == 0; });
}

}  // namespace

void chain_concatenations(std::vector<NodeInfo>& nodes) {
  std::map<std::vector<std::string>, std::string> made;
  for (NodeInfo& node : nodes) {
    if (node.op != "Concat" || node.outputs.size() != 1 || Attributes(node).integer("axis", 0) != 1) continue;
    const std::vector<std::string> all = node.inputs;
    constexpr std::size_t kMost = 1000;  // far more than networks join
    if (all.size() < 2 || all.size() > kMost) continue;
    for (std::size_t n = all.size() - 1; n >= 2; --n) {
      const auto found = made.find({all.begin(), all.begin() + static_cast<std::ptrdiff_t>(n)});
      if (found == made.end()) continue;
      node.inputs.erase(node.inputs.begin(), node.inputs.begin() + static_cast<std::ptrdiff_t>(n));
      node.inputs.insert(node.inputs.begin(), found->second);
      break;
    }
    made.emplace(all, node.outputs[0]);
  }
}

std::optional<Integers> zeros_of(const NodeInfo& node, const std::map<std::string, Tensor>& constants) {
  if (node.op != "Pad" || !node.domain.empty() || node.outputs.size() != 1) return {};
  const Attributes attributes(node);
  if (attributes.text("mode", "constant") != "constant" || attributes.real("value", 0) != 0) return {};
  Integers all = attributes.integers("pads");
  for (std::size_t i = 1; i < node.inputs.size(); ++i) {
    if (node.inputs[i].empty()) continue;
    const auto known = constants.find(node.inputs[i]);
    if (known == constants.end() || i > 2) return {};
    if (i == 2 && (known->second.size() != 1 || known->second.at(0) != 0)) return {};
    if (i != 1) continue;
    if (known->second.dtype() != DType::i64) return {};
    const auto values = known->second.values<const std::int64_t>();
    all.assign(values.begin(), values.end());
  }
  const std::size_t rank = all.size() / 2;
  if (rank < 3 || all.size() != 2 * rank) return {};
  Integers pads;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i] < 0 || (i % rank < 2 && all[i] != 0)) return {};
    if (i % rank >= 2) pads.push_back(all[i]);
  }
  return pads;
}

// An average of windows that leave the image counts zeros only if it is told to.
std::optional<NodeInfo> with_pads(const NodeInfo& node, const NodeInfo& pad, const Integers& pads) {
  const std::string& value = pad.outputs[0];
  if (node.inputs.empty() || node.inputs[0] != value ||
      std::count(node.inputs.begin(), node.inputs.end(), value) != 1)
    return {};
  NodeInfo result = node;
  result.inputs[0] = pad.inputs[0];
  if (all_zero(pads)) return result;
  const Attributes attributes(node);
  Integers own = attributes.integers("pads", Integers(pads.size(), 0));
  const bool is_mean = node.op == "AveragePool";
  if ((!is_mean && node.op != "Conv") || !node.domain.empty() || own.size() != pads.size()) return {};
  if (attributes.text("auto_pad", "NOTSET") != "NOTSET") return {};
  if (is_mean && !all_zero(own) && attributes.integer("count_include_pad", 0) == 0) return {};
  for (std::size_t i = 0; i < own.size(); ++i)
    if (__builtin_add_overflow(own[i], pads[i], &own[i])) return {};
  set_attribute(result, "pads", own);
  if (is_mean) set_attribute(result, "count_include_pad", std::int64_t{1});
  return result;
}

}  // namespace gradus::io::onnx
