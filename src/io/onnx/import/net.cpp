#include "io/onnx/import/net.h"

#include <algorithm>
#include <set>

#include "base/check.h"
#include "io/onnx/attributes.h"
#include "io/onnx/check.h"
#include "io/onnx/import/rewrite.h"

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

// Lists of extents are short; others are not joined, since each could be twice the one before.
Tensor joined(const std::vector<Tensor>& parts) {
  std::vector<std::int64_t> list;
  for (const Tensor& part : parts) {
    const bool fits = part.dtype() == DType::i64 && part.shape().rank() <= 1 &&
                      part.size() + static_cast<std::int64_t>(list.size()) <= Shape::kMaxRank;
    if (!fits) return {};
    for (const std::int64_t number : part.values<const std::int64_t>()) list.push_back(number);
  }
  return list_of(list);
}

std::vector<std::int64_t> list_in(const Tensor& tensor) {
  if (tensor.dtype() != DType::i64) return {};
  const auto values = tensor.values<const std::int64_t>();
  return {values.begin(), values.end()};
}

// With axes of extent 1 at these places; undefined where they do not fit.
Tensor unsqueezed(const Tensor& tensor, std::vector<std::int64_t> axes) {
  const std::int64_t rank = tensor.shape().rank() + static_cast<std::int64_t>(axes.size());
  if (axes.empty() || rank > Shape::kMaxRank) return {};
  std::vector<std::int64_t> extents = tensor.shape().list();
  for (std::int64_t& axis : axes) axis = axis < 0 ? axis + rank : axis;
  std::sort(axes.begin(), axes.end());
  for (const std::int64_t axis : axes) {
    if (axis < 0 || axis > static_cast<std::int64_t>(extents.size())) return {};
    extents.insert(extents.begin() + axis, 1);
  }
  return tensor.reshaped(Shape(extents));
}

}  // namespace

Net::Net(const Model& model) : model_(model), nodes_(model.graph.nodes) {
  for (const Array& array : model.graph.initializers) constants_[array.name] = array.value;
  for (std::size_t i = 0; i < nodes_.size(); ++i) numbers_.push_back(i);
  index();
  fold();
  chain_concatenations(nodes_);
  index();
  merge_pads();
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

const std::string* Net::shape_of(const std::string& value) const {
  const auto found = shapes_of_.find(value);
  return found == shapes_of_.end() ? nullptr : &found->second;
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
  } else if (all_known && node.op == "Unsqueeze") {
    value = unsqueezed(in[0], in.size() > 1 ? list_in(in[1]) : Attributes(node).integers("axes"));
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
  // A Shape says nothing more where only folded nodes read it, and Reshapes that go back to that shape.
  std::set<std::string> read;
  for (const NodeInfo& node : kept)
    for (std::size_t i = 0; i < node.inputs.size(); ++i)
      if (node.op != "Reshape" || i != 1) read.insert(node.inputs[i]);
  nodes_.clear();
  numbers_.clear();
  for (std::size_t i = 0; i < kept.size(); ++i) {
    if (kept[i].op == "Shape" && kept[i].inputs.size() == 1 && !read.contains(kept[i].outputs[0])) {
      shapes_of_[kept[i].outputs[0]] = kept[i].inputs[0];
      continue;
    }
    nodes_.push_back(kept[i]);
    numbers_.push_back(numbers[i]);
  }
}

void Net::merge_pads() {
  std::vector<bool> gone(nodes_.size(), false);
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    const std::optional<std::vector<std::int64_t>> pads = zeros_of(nodes_[i], constants_);
    if (!pads || is_output(nodes_[i].outputs[0])) continue;
    std::vector<NodeInfo> padded;
    const std::vector<int>& next = readers(nodes_[i].outputs[0]);
    for (const int reader : next) {
      std::optional<NodeInfo> node = with_pads(nodes_[static_cast<std::size_t>(reader)], nodes_[i], *pads);
      if (node) padded.push_back(std::move(*node));
    }
    if (padded.size() != next.size()) continue;
    for (std::size_t k = 0; k < next.size(); ++k) nodes_[static_cast<std::size_t>(next[k])] = padded[k];
    gone[i] = true;
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (gone[i]) continue;
    if (kept != i) nodes_[kept] = std::move(nodes_[i]);
    numbers_[kept++] = numbers_[i];
  }
  nodes_.resize(kept);
  numbers_.resize(kept);
}

bool Net::is_output(const std::string& value) const {
  return std::any_of(model_.graph.outputs.begin(), model_.graph.outputs.end(),
                     [&](const Port& port) { return port.name == value; });
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
