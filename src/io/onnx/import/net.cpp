#include "io/onnx/import/net.h"

#include <algorithm>
#include <set>

#include "base/check.h"
#include "io/onnx/attributes.h"
#include "io/onnx/check.h"

namespace gradus::io::onnx {
namespace {

Tensor list_of(const std::vector<std::int64_t>& numbers) {
  return Tensor::of<std::int64_t>({static_cast<std::int64_t>(numbers.size())}, numbers);
}

// The one value of a Constant node.
Tensor value_of(const NodeInfo& node) {
  struct Read {
    Tensor operator()(std::int64_t number) const {
      return Tensor::scalar(static_cast<double>(number), DType::i64);
    }
    Tensor operator()(double number) const { return Tensor::scalar(number); }
    Tensor operator()(const Array& array) const { return array.value; }
    Tensor operator()(const std::vector<std::int64_t>& list) const { return list_of(list); }
    Tensor operator()(const std::vector<double>& list) const {
      return Tensor::of<double>({static_cast<std::int64_t>(list.size())}, list).cast(DType::f32);
    }
    Tensor operator()(const std::string&) const { return {}; }
    Tensor operator()(const std::vector<std::string>&) const { return {}; }
    Tensor operator()(const std::shared_ptr<const Body>&) const { return {}; }
  };
  return node.attributes.size() == 1 ? std::visit(Read(), node.attributes[0].value) : Tensor();
}

Tensor joined(const std::vector<Tensor>& parts) {
  std::vector<std::int64_t> list;
  for (const Tensor& part : parts) {
    if (part.dtype() != DType::i64 || part.shape().rank() > 1) return {};
    for (const std::int64_t number : part.values<const std::int64_t>()) list.push_back(number);
  }
  return list_of(list);
}

}  // namespace

Net::Net(const Model& model) : model_(model), nodes_(model.graph.nodes) {
  for (const Array& array : model.graph.initializers) constants_[array.name] = array.value;
  for (std::size_t i = 0; i < nodes_.size(); ++i) numbers_.push_back(i);
  index();
  fold();
  chain_concatenations();
  index();
}

std::string Net::place(int node) const {
  const auto i = static_cast<std::size_t>(node);
  return place_of(nodes_[i], numbers_[i], model_.where);
}

std::int64_t Net::opset() const {
  const auto found = model_.opsets.find("");
  return found == model_.opsets.end() ? 1 : found->second;
}

const Tensor* Net::constant(const std::string& value) const {
  const auto found = constants_.find(value);
  return found == constants_.end() ? nullptr : &found->second;
}

const std::vector<int>& Net::readers(const std::string& value) const {
  static const std::vector<int> none;
  const auto found = readers_.find(value);
  return found == readers_.end() ? none : found->second;
}

int Net::maker(const std::string& value) const {
  const auto found = makers_.find(value);
  return found == makers_.end() ? -1 : found->second;
}

// Whether the node's value is known; then it is a constant from now on.
bool Net::fold(const NodeInfo& node) {
  if (!node.domain.empty() || node.outputs.size() != 1) return false;
  Tensor value;
  std::vector<Tensor> in;
  for (const std::string& input : node.inputs)
    if (const Tensor* known = constant(input)) in.push_back(*known);
  const bool all_known = in.size() == node.inputs.size() && !in.empty();
  if (node.op == "Constant") {
    value = value_of(node);
  } else if (node.op == "Gather" && in.size() == 1 && node.inputs.size() == 2 && constant(node.inputs[1])) {
    const int shape = maker(node.inputs[0]);
    const bool of_batch = shape >= 0 && nodes_[static_cast<std::size_t>(shape)].op == "Shape" &&
                          in[0].size() == 1 && in[0].at(0) == 0;
    if (of_batch) value = Tensor(DType::i64, in[0].shape());
  } else if (all_known && (node.op == "Identity" || (node.op == "Cast" && in[0].dtype() == DType::i64))) {
    value = in[0];
  } else if (all_known && node.op == "Unsqueeze" && in[0].shape().rank() == 0) {
    value = in[0].reshaped({1});
  } else if (all_known && node.op == "Concat") {
    value = joined(in);
  }
  if (value.defined()) constants_[node.outputs[0]] = value;
  return value.defined();
}

void Net::fold() {
  std::vector<NodeInfo> kept;
  std::vector<std::size_t> numbers;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (fold(nodes_[i])) continue;
    kept.push_back(nodes_[i]);
    numbers.push_back(numbers_[i]);
  }
  // A Shape that only folded nodes read says nothing more.
  std::set<std::string> read;
  for (const NodeInfo& node : kept) read.insert(node.inputs.begin(), node.inputs.end());
  nodes_.clear();
  numbers_.clear();
  for (std::size_t i = 0; i < kept.size(); ++i) {
    if (kept[i].op == "Shape" && !read.contains(kept[i].outputs[0])) continue;
    nodes_.push_back(kept[i]);
    numbers_.push_back(numbers[i]);
  }
}

// [a, b, c] where [a, b] is made already becomes [[a, b], c].
void Net::chain_concatenations() {
  std::map<std::vector<std::string>, std::string> made;
  for (NodeInfo& node : nodes_) {
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

void Net::index() {
  readers_.clear();
  makers_.clear();
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    for (const std::string& input : nodes_[i].inputs) {
      std::vector<int>& list = readers_[input];
      if (list.empty() || list.back() != static_cast<int>(i)) list.push_back(static_cast<int>(i));
    }
    for (const std::string& output : nodes_[i].outputs) makers_[output] = static_cast<int>(i);
  }
}

}  // namespace gradus::io::onnx
