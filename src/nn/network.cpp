// From a model description to a network: shapes are found by building each layer into a scratch graph.
#include "base/check.h"
#include "gradus/op_def.h"
#include "nn/layer_def.h"
#include "nn/model_spec.h"

namespace gradus::nn {

namespace {

Type batch_of(std::int64_t examples, const Shape& shape, DType dtype) {
  std::vector<std::int64_t> extents = {examples};
  extents.insert(extents.end(), shape.begin(), shape.end());
  return {dtype, Shape(extents)};
}

const LayerDef& def_of(const std::string& kind) {
  for (const LayerDef* def : layer_defs())
    if (def->kind == kind) return *def;
  GRADUS_CHECK(false);
  return *layer_defs()[0];
}

LayerPtr make_layer(const LayerSpec& spec, const Shape& input, const Making& making) {
  std::vector<OptionDef> defs = def_of(spec.kind).options;
  defs.insert(defs.end(), common_options().begin(), common_options().end());
  const LayerOptions options(defs, spec);
  const LayerPtr layer = def_of(spec.kind).make(options, input, making);
  layer->place(making.path);
  for (const Variable& variable : layer->variables()) {
    if (options.flag("freeze")) variable.set_trainable(false);
    variable.set_lr_scale(variable.lr_scale() * options.number("lr"));
  }
  return layer;
}

// The shape of the layer's output for one example.
Shape trace(const Layer& layer, const Shape& input, DType dtype) {
  Graph scratch;
  const Graph::Scope in_list(scratch, layer.path().substr(0, layer.path().rfind('.')));
  return layer(gradus::input(scratch, batch_of(1, input, dtype)), {.training = false}).shape().without(0);
}

}  // namespace

Chain make_chain(const std::vector<LayerSpec>& specs, const Shape& input, const Making& making,
                 std::size_t first) {
  Chain chain{.layers = {}, .output = input};
  for (std::size_t i = 0; i < specs.size(); ++i) {
    Making inner = making;
    inner.path = fmt::format("{}.{}", making.path, first + i);
    const std::string place = at(making.where, specs[i].place);
    try {
      chain.layers.push_back(make_layer(specs[i], chain.output, inner));
      chain.output = trace(*chain.layers.back(), chain.output, making.dtype);
    } catch (const Error& error) {
      // An entry inside this one has said already where it stands.
      const std::string_view message = error.what();
      if (message.substr(0, making.where.size()) == making.where) throw;
      const bool named = message.find(inner.path) != std::string_view::npos;
      if (named) fail(Fault::model, "{}: {}", place, message);
      // The title says the kind, which opens the message of a constructor.
      const std::string opening = specs[i].kind + ": ";
      const std::size_t skipped = message.starts_with(opening) ? opening.size() : 0;
      fail(Fault::model, "{}: {} ({}): {}", place, inner.path, specs[i].kind, message.substr(skipped));
    }
  }
  return chain;
}

Network build(const ModelSpec& spec, const Shape& input, const BuildOptions& options) {
  require(is_float(options.dtype), "build: dtype must be f32 or f64, got {}.", gradus::name(options.dtype));
  Network network{.spec = spec, .dtype = options.dtype};
  check_model(network.spec);
  network.input = spec.input.value_or(input);
  require(network.input.size() == input.size(),
          "{}: input is {}, {} elements, the data's examples are {}, {} elements. They must be equal.",
          spec.where, network.input.str(), network.input.size(), input.str(), input.size());
  network.spec.input = network.input;

  const Making making{.where = spec.where, .path = "layers", .dtype = options.dtype};
  Chain chain = make_chain(network.spec.layers, network.input, making);
  network.output = chain.output;
  const std::int64_t units = network.output.rank() == 0 ? 1 : network.output[-1];
  require(units >= options.outputs,
          "{}: the network ends in {} units, {} are needed (output {}). End it with {{ dense = {} }}.",
          spec.where, units, options.outputs, network.output.str(), options.outputs);
  network.layers = Sequential(std::move(chain.layers), options.seed);
  return network;
}

Value Network::operator()(const Value& x, const Pass& pass) const {
  require(x.shape().rank() >= 1, "network: x needs a batch axis, it is a scalar.");
  const Type wanted = batch_of(x.shape()[0], input, x.dtype());
  require(x.shape().size() == wanted.shape.size(), "network: x must be {} for examples of {}, it is {}.",
          wanted.shape.str(), input.str(), x.shape().str());
  return layers(reshape(x, wanted.shape), pass);
}

std::vector<SummaryRow> summary(const Network& network, std::int64_t batch) {
  Graph graph;
  std::vector<SummaryRow> rows;
  std::size_t counted = 0;
  const auto watch = [&](const Layer& layer, const Value& y) {
    SummaryRow row{.path = layer.path(), .kind = layer.kind(), .output = y.shape()};
    for (const Variable& variable : layer.own_parameters()) row.parameters += variable.type().shape.size();
    // Inner layers come first, so what they built is counted already.
    for (; counted < graph.nodes().size(); ++counted) {
      const Node& node = graph.nodes()[counted];
      std::vector<Type> types;
      for (const Value& in : node.in) types.push_back(in.type());
      if (node.op->flops) row.flops += node.op->flops(node.attrs, types);
    }
    const bool shown = layer.children().empty() || row.parameters > 0 || row.flops > 0;
    if (shown) rows.push_back(std::move(row));
  };
  const Type type = batch_of(batch, network.input, network.dtype);
  network(gradus::input(graph, type, "x"), {.training = false, .watch = watch});
  return rows;
}

}  // namespace gradus::nn
