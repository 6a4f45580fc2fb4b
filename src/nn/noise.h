// What the random layers share.
#pragma once

#include "gradus/layers.h"
#include "nn/images.h"

namespace gradus::nn {

// A rate in [0, 1).
double checked_rate(double rate, std::string_view kind);

// A stream that no other random node of the graph has. Nodes are counted, not layers: a layer called twice
// draws twice, and a graph that is built again gets the same streams.
std::int64_t next_stream(const Graph& graph);

// What random ops take their numbers from; refuses a pass without it.
Value read_counter(const Layer& layer, Graph& graph, const Pass& pass);

// x mask / (1 - rate) with a mask of `shape` that x stretches.
Value dropped(const Layer& layer, const Value& x, const Pass& pass, const Shape& shape, double rate);

}  // namespace gradus::nn
