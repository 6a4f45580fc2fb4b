#include "io/onnx/import/walk.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/check.h"
#include "nn/layer_def.h"

namespace gradus::io::onnx {
namespace {

constexpr int kDeepest = 64;  // paths inside paths: far more than networks have

std::string supported_ops() {
  std::set<std::string> ops = {"Add", "Concat", "Mul", "Sum"};  // where paths meet
  for (const Recogniser& one : recognisers()) ops.insert(one.op);
  return fmt::format("{}", fmt::join(ops, ", "));
}

bool reads(const Trail& at, const std::vector<int>& readers, const char* op) {
  return std::any_of(readers.begin(), readers.end(),
                     [&](int node) { return at.net->nodes()[static_cast<std::size_t>(node)].op == op; });
}

// The next layer. What a recogniser refuses another one may take; else the first refusal is told.
Piece next(const Trail& at, const std::string& to, int depth) {
  const std::vector<int> readers = at.readers();
  require(Fault::model, !readers.empty(), "{}: no node reads '{}', the output is not reached from there.",
          at.net->model().where, at.value);
  std::string refusal;
  for (const Recogniser& one : recognisers()) {
    if (!reads(at, readers, one.op)) continue;
    try {
      if (std::optional<Piece> piece = one.match(at)) return std::move(*piece);
    } catch (const Error& error) {
      if (refusal.empty()) refusal = error.what();
    }
  }
  const std::string place = at.net->place(readers[0]);
  require(Fault::model, refusal.empty(), "{}: {}", place, refusal);
  const bool parts = readers.size() > 1 || reads(at, readers, "Add") || reads(at, readers, "Sum") ||
                     reads(at, readers, "Mul") || reads(at, readers, "Concat");
  require(Fault::model, parts,
          "{}: no layer of Gradus does this to values {}. Layers are made of {}; 'gradus run' takes other "
          "nodes, too.",
          place, at.example.str(), supported_ops());
  return branches(at, to, depth + 1);
}

}  // namespace

Shape shape_behind(const nn::LayerSpec& spec, const Shape& example) {
  nn::LayerSpec checked = spec;
  nn::check_layer(checked, "model");
  return nn::make_chain({checked}, example, {.where = "model", .path = "layers"}).output;
}

Chain walk(Trail at, const std::string& to, int depth) {
  require(Fault::model, depth <= kDeepest, "{}: its paths part more than {} times inside each other.",
          at.net->model().where, kDeepest);
  Chain chain;
  while (at.value != to) {
    const std::vector<int> readers = at.readers();
    Piece piece = next(at, to, depth);
    try {
      at.example = shape_behind(piece.spec, at.example);
    } catch (const Error& error) {
      fail(Fault::model, "{}: {}", at.net->place(readers[0]), error.what());
    }
    at.value = piece.value;
    chain.layers.push_back(std::move(piece.spec));
    chain.weights.insert(chain.weights.end(), piece.weights.begin(), piece.weights.end());
  }
  chain.layers = tidied(std::move(chain.layers));
  chain.example = at.example;
  return chain;
}

std::vector<bool> region_between(const Net& net, const std::string& from, const std::string& to) {
  std::vector<bool> region(net.nodes().size(), false);
  std::vector<std::string> open = {to};
  while (!open.empty()) {
    const std::string value = std::move(open.back());
    open.pop_back();
    if (value == from || value.empty() || net.constant(value) != nullptr || net.shape_of(value) != nullptr)
      continue;
    const int maker = net.maker(value);
    require(Fault::model, maker >= 0, "{}: '{}' does not come from '{}' alone: a path leads around it.",
            net.model().where, to, from);
    if (region[static_cast<std::size_t>(maker)]) continue;
    region[static_cast<std::size_t>(maker)] = true;
    const std::vector<std::string>& inputs = net.nodes()[static_cast<std::size_t>(maker)].inputs;
    open.insert(open.end(), inputs.begin(), inputs.end());
  }
  return region;
}

Chain walk(const Net& net, const std::string& from, const Shape& example, const std::string& to) {
  const std::vector<bool> region = region_between(net, from, to);
  return walk({&net, &region, from, example}, to, 0);
}

}  // namespace gradus::io::onnx
