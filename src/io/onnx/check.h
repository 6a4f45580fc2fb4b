// Whether a model's names make sense.
#pragma once

#include <cstddef>
#include <string>

#include "gradus/onnx.h"

namespace gradus::io::onnx {

// "model.onnx: node 3 'conv1' (Conv)": for messages.
std::string place_of(const NodeInfo& node, std::size_t number, const std::string& where);

// Error (Fault::model): a value used before it is made or made twice, an output nothing makes.
void check(const Model& model);

}  // namespace gradus::io::onnx
