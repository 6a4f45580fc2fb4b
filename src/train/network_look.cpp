#include "train/network_look.h"

#include <algorithm>
#include <map>

namespace gradus::train {

namespace {

constexpr std::size_t kHistogramParts = 40;

void add_layers(const nn::Layer& holder, std::int64_t parent, std::vector<LayerNode>& nodes) {
  for (const nn::LayerPtr& layer : holder.children()) {
    const auto place = static_cast<std::int64_t>(nodes.size());
    nodes.push_back({.path = layer->path(),
                     .kind = layer->kind(),
                     .parent = parent,
                     .holds_others = !layer->children().empty(),
                     .parameters = layer->own_parameters(),
                     .reads = {}});
    add_layers(*layer, place, nodes);
  }
}

}  // namespace

LayerGraph layer_graph(const Prepared& run) {
  LayerGraph graph;
  add_layers(run.model.network.layers, -1, graph.layers);
  std::map<std::string, std::int64_t> places;
  for (std::size_t i = 0; i < graph.layers.size(); ++i)
    places[graph.layers[i].path] = static_cast<std::int64_t>(i);
  const LookedStep step(run, batch_to_look_at(run, 0));
  const auto places_of = [&](const std::vector<std::int64_t>& reads) {
    std::vector<std::int64_t> list;
    for (const std::int64_t read : reads)
      list.push_back(read < 0 ? -1 : places.at(step.layers[static_cast<std::size_t>(read)].path));
    std::sort(list.begin(), list.end());
    return list;
  };
  for (const LookedLayer& layer : step.layers) {
    LayerNode& node = graph.layers[static_cast<std::size_t>(places.at(layer.path))];
    node.has_output = true;
    node.output = layer.y.shape();
    node.reads = places_of(step.reads_of(layer.y));
    graph.elements += layer.y.shape().size();
  }
  const LookedStep inference(run, batch_to_look_at(run, 0), LookMode::inference);
  for (const LookedLayer& layer : inference.layers)
    graph.layers[static_cast<std::size_t>(places.at(layer.path))].has_output_in_inference = true;
  graph.loss_reads = places_of(step.reads_of(step.objective.loss));
  return graph;
}

NetworkLook look_at(const Prepared& run, const LookedBatch& batch, const LookOptions& options) {
  LookedStep step(run, batch, options.mode);
  Values wanted = {step.objective.total, step.objective.output};
  for (std::size_t i = 0; i < step.layers.size(); ++i) {
    wanted.push_back(step.layers[i].y);
    wanted.push_back(step.dy[i]);
  }
  wanted.insert(wanted.end(), step.dw.begin(), step.dw.end());
  const std::vector<Tensor> found = values_of(step.graph, wanted, run, batch);
  NetworkLook look{.examples = batch.examples,
                   .loss = found[0].at(0),
                   .output = found[1].clone(),
                   .layers = {},
                   .parameters = {}};
  for (std::size_t i = 0; i < step.layers.size(); ++i) {
    const Tensor &y = found[2 + 2 * i], &dy = found[3 + 2 * i];
    look.layers.push_back({.path = step.layers[i].path,
                           .output = histogram_of(y, kHistogramParts),
                           .gradient = histogram_of(dy, kHistogramParts),
                           .y = options.keep_arrays ? y.clone() : Tensor(),
                           .dy = options.keep_arrays ? dy.clone() : Tensor()});
  }
  for (std::size_t i = 0; i < step.parameters.size(); ++i) {
    const Variable& parameter = step.parameters[i];
    look.parameters.push_back(
        {.parameter = parameter,
         .values = histogram_of(parameter.value(), kHistogramParts),
         .gradient = histogram_of(found[2 + 2 * step.layers.size() + i], kHistogramParts)});
  }
  return look;
}

LookedBatch small_batch(const Prepared& run, const LayerGraph& graph, std::int64_t most_elements) {
  LookedBatch batch = batch_of_step(run, 0);
  const std::int64_t fit = most_elements / std::max<std::int64_t>(2 * graph.elements, 1);
  const std::int64_t examples = std::clamp<std::int64_t>(fit, 1, batch.examples);
  if (examples == batch.examples) return batch;
  batch.x = batch.x.rows(0, examples);
  batch.y = batch.y.rows(0, examples);
  if (batch.weight.defined()) batch.weight = batch.weight.rows(0, examples);
  batch.examples = examples;
  return batch;
}

}  // namespace gradus::train
