// Paths that part at a value and meet in one node: residual and parallel.
#include <algorithm>
#include <map>

#include "base/check.h"
#include "io/onnx/import/walk.h"

namespace gradus::io::onnx {
namespace {

using Integers = std::vector<std::int64_t>;

// A path from the value where they part, as layers.
struct Path {
  Chain chain;
  bool zero_pad = false;  // every s-th row and column, and zero channels: no layers
};

const NodeInfo& node_at(const Net& net, int index) { return net.nodes()[static_cast<std::size_t>(index)]; }

// The first node behind which all paths from `at` are one again.
int meeting_node(const Trail& at, const std::string& to) {
  std::map<std::string, std::size_t> open;  // values, and how many nodes are still to read them
  open[at.value] = at.readers().size();
  for (int i = at.readers().front(); i < static_cast<int>(at.region->size()); ++i) {
    if (!(*at.region)[static_cast<std::size_t>(i)]) continue;
    const NodeInfo& node = node_at(*at.net, i);
    for (auto input = node.inputs.begin(); input != node.inputs.end(); ++input) {
      const auto found = open.find(*input);
      if (found == open.end() || std::find(node.inputs.begin(), input, *input) != input) continue;
      if (--found->second == 0) open.erase(found);
    }
    for (const std::string& output : node.outputs) {
      const std::size_t count = Trail{at.net, at.region, output, {}}.readers().size();
      if (count > 0 || output == to) open[output] = std::max<std::size_t>(count, 1);
    }
    if (open.size() == 1 && !open.contains(at.value)) return i;
  }
  fail(Fault::model, "{}: the paths from '{}' do not meet.", at.net->model().where, at.value);
}

// The stride of windows of one element that takes `from` to `to`, one for each axis but the channels.
Integers strides_between(const Shape& from, const Shape& to) {
  Integers strides;
  for (int axis = 1; axis < from.rank(); ++axis) strides.push_back((from[axis] + to[axis] - 1) / to[axis]);
  return strides;
}

// Slice, then Pad: of the rows and columns, and behind the channels.
bool is_zero_pad(const Trail& at, const std::string& to, const Shape& result) {
  if (at.example.rank() < 2 || result.rank() != at.example.rank()) return false;
  const std::optional<Step> slice = at.only("Slice");
  if (!slice || !slice->constant(1) || !slice->constant(2) || !slice->constant(3) || !slice->constant(4))
    return false;
  const std::optional<Step> pad = at.after(*slice).only("Pad");
  if (!pad || pad->constant(1) == nullptr || at.after(*slice).after(*pad).value != to) return false;
  if (pad->attributes.text("mode", "constant") != "constant") return false;
  if (pad->has(2) && (pad->constant(2) == nullptr || pad->constant(2)->at(0) != 0)) return false;
  const auto rank = static_cast<std::size_t>(at.example.rank()) + 1;
  Integers zeros(2 * rank, 0), axes;
  zeros[rank + 1] = result[0] - at.example[0];
  for (std::size_t axis = 2; axis < rank; ++axis) axes.push_back(static_cast<std::int64_t>(axis));
  const Integers ends = slice->integers(2, "ends");
  if (ends.size() != axes.size()) return false;
  for (std::size_t i = 0; i < axes.size(); ++i)
    if (ends[i] < at.example[static_cast<int>(i) + 1]) return false;
  return pad->integers(1, "pads") == zeros && slice->integers(3, "axes") == axes &&
         slice->integers(1, "starts") == Integers(axes.size(), 0) &&
         slice->integers(4, "steps") == strides_between(at.example, result);
}

const nn::OptionValue* option(const nn::LayerSpec& spec, const char* name) {
  for (const nn::OptionSpec& one : spec.options)
    if (one.name == name) return &one.value;
  return nullptr;
}

// Whether the layer is the 1x1 convolution (or dense layer) that residual makes by itself.
bool is_projection(const nn::LayerSpec& spec, const Shape& from, const Shape& to) {
  if (spec.kind == "dense") return true;
  if (spec.kind != "conv2d" && spec.kind != "conv1d") return false;
  Integers strides = strides_between(from, to);
  for (const char* name : {"padding", "dilation", "groups"})
    if (option(spec, name) != nullptr) return false;
  const nn::OptionValue* stride = option(spec, "stride");
  Integers given = stride ? std::get<Integers>(*stride) : Integers{1};
  if (given.size() == 1) given.assign(strides.size(), given[0]);
  const nn::OptionValue* kernel = option(spec, "kernel");
  return kernel != nullptr && *kernel == nn::OptionValue(Integers{1}) && given == strides;
}

// The options of a residual whose shortcut the path is; none where no shortcut is made so.
std::optional<std::vector<nn::OptionSpec>> as_shortcut(const Path& path, const Shape& from, const Shape& to) {
  using Options = std::vector<nn::OptionSpec>;
  const auto shortcut = [](const char* name) {
    return nn::OptionSpec{.name = "shortcut", .value = std::string(name)};
  };
  const std::vector<nn::LayerSpec>& layers = path.chain.layers;
  if (path.zero_pad) return Options{shortcut("zero_pad")};
  if (layers.empty()) return Options();
  const bool changes = !(from == to), biased = option(layers[0], "bias") == nullptr;
  if (from.rank() != to.rank() || from.rank() > 3 || !is_projection(layers[0], from, to)) return {};
  if (layers.size() == 2 && changes && !biased && layers[1].kind == "batch_norm" && layers[1].options.empty())
    return Options{shortcut("projection_norm")};
  if (layers.size() != 1) return {};
  Options options;
  if (!changes) options.push_back(shortcut("projection"));
  if (!biased) options.push_back({.name = "bias", .value = false});
  return options;
}

std::optional<Piece> residual(const std::vector<Path>& paths, const Shape& from, const Shape& to) {
  // The plainest shortcut first.
  for (const auto rank : {0, 1, 2}) {
    for (const std::size_t i : {std::size_t{0}, std::size_t{1}}) {
      const Path &past = paths[i], &body = paths[1 - i];
      const int plainness = past.zero_pad ? 1 : past.chain.layers.empty() ? 0 : 2;
      const auto options = plainness == rank && !body.zero_pad ? as_shortcut(past, from, to) : std::nullopt;
      if (!options) continue;
      Piece piece{.spec = {.kind = "residual", .options = {{.name = "layers", .value = body.chain.layers}}},
                  .weights = body.chain.weights,
                  .value = {}};
      piece.spec.options.insert(piece.spec.options.end(), options->begin(), options->end());
      piece.weights.insert(piece.weights.end(), past.chain.weights.begin(), past.chain.weights.end());
      return piece;
    }
  }
  return {};
}

Piece parallel(const std::vector<Path>& paths, const char* join) {
  Piece piece{.spec = {.kind = "parallel"}, .weights = {}, .value = {}};
  std::vector<nn::LayerSpec> list;
  for (const Path& path : paths) {
    const std::vector<nn::LayerSpec>& layers = path.chain.layers;
    if (layers.empty())
      list.push_back({.kind = "identity"});
    else if (layers.size() == 1)
      list.push_back(layers[0]);
    else
      list.push_back({.kind = "sequential", .options = {{.name = "layers", .value = layers}}});
    piece.weights.insert(piece.weights.end(), path.chain.weights.begin(), path.chain.weights.end());
  }
  piece.spec.options = {{.name = "branches", .value = list}, {.name = "join", .value = std::string(join)}};
  return piece;
}

// The paths to the inputs of the node where they meet; two may not share nodes, whose weights would be two.
std::vector<Path> paths_to(const Trail& at, int meeting, int depth) {
  const NodeInfo& node = node_at(*at.net, meeting);
  const std::string place = at.net->place(meeting);
  std::vector<Path> paths(node.inputs.size());
  std::vector<bool> used(at.region->size(), false);
  std::vector<std::size_t> waiting;  // may be a zero_pad, which one cannot tell without the other's shape
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    paths[i].chain.example = at.example;
    if (node.inputs[i] == at.value) continue;
    require(Fault::model, at.net->constant(node.inputs[i]) == nullptr,
            "{}: numbers that are fixed in the file are not supported here, as '{}' is.", place,
            node.inputs[i]);
    const std::vector<bool> region = region_between(*at.net, at.value, node.inputs[i]);
    for (std::size_t k = 0; k < region.size(); ++k) {
      require(Fault::model, !region[k] || !used[k],
              "{}: two of the paths to it share the node {}. Layers share nothing.", place, k);
      used[k] = used[k] || region[k];
    }
    const Trail start{at.net, &region, at.value, at.example};
    if (start.only("Slice")) {
      waiting.push_back(i);
      continue;
    }
    paths[i].chain = walk(start, node.inputs[i], depth);
  }
  for (const std::size_t i : waiting) {
    require(Fault::model, node.inputs.size() == 2 && waiting.size() == 1,
            "{}: a Slice is supported only in the shortcut of a residual.", place);
    const std::vector<bool> region = region_between(*at.net, at.value, node.inputs[i]);
    const Shape& result = paths[1 - i].chain.example;
    require(Fault::model, is_zero_pad({at.net, &region, at.value, at.example}, node.inputs[i], result),
            "{}: the Slice before it is none of every s-th row and column with zero channels behind.", place);
    paths[i] = {.chain = {.example = result}, .zero_pad = true};
  }
  return paths;
}

}  // namespace

Piece branches(const Trail& at, const std::string& to, int depth) {
  const int meeting = meeting_node(at, to);
  const NodeInfo& node = node_at(*at.net, meeting);
  const std::string place = at.net->place(meeting);
  const bool adds = node.op == "Add" || node.op == "Sum", joins = node.op == "Concat";
  require(Fault::model, node.domain.empty() && (adds || joins || node.op == "Mul"),
          "{}: no layer of Gradus joins paths by it. Add, Sum, Mul and Concat are supported.", place);
  const std::vector<Path> paths = paths_to(at, meeting, depth);
  const Shape& first = paths[0].chain.example;
  const Attributes attributes(node);
  if (joins) {
    const std::int64_t axis = attributes.integer("axis", 1), rank = at.example.rank() + 1;
    require(Fault::model, axis == 1 || axis == 1 - rank,
            "{}: its axis must be 1, that of the channels, it is {}.", place, axis);
  }
  attributes.refuse_unread();
  for (const Path& path : paths) {
    const Shape& shape = path.chain.example;
    require(Fault::model, joins || shape == first, "{}: its inputs are {} and {}; they must have one shape.",
            place, first.str(), shape.str());
  }
  std::optional<Piece> piece;
  if (adds && paths.size() == 2) piece = residual(paths, at.example, first);
  for (const Path& path : paths)
    require(Fault::model, piece || !path.zero_pad, "{}: its Slice and Pad are no shortcut of a residual.",
            place);
  if (!piece) piece = parallel(paths, adds ? "add" : joins ? "concatenate" : "product");
  piece->value = node.outputs[0];
  return *piece;
}

}  // namespace gradus::io::onnx
