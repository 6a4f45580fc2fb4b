// Nodes written another way, before they are recognised.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gradus/onnx.h"

namespace gradus::io::onnx {

// [a, b, c] where [a, b] is made already becomes [[a, b], c].
void chain_concatenations(std::vector<NodeInfo>& nodes);

// The zeros that a Pad puts around images or sequences: before and after along each axis behind the channels;
// none for nodes that do anything else.
std::optional<std::vector<std::int64_t>> zeros_of(const NodeInfo& node,
                                                  const std::map<std::string, Tensor>& constants);
// The node that reads a Pad's output with those zeros in its own padding, and the Pad's input in its place;
// none where it is no convolution or average.
std::optional<NodeInfo> with_pads(const NodeInfo& node, const NodeInfo& pad,
                                  const std::vector<std::int64_t>& pads);

}  // namespace gradus::io::onnx
