// Networks as ONNX files and back (opset 17). Only where Gradus is built with libonnx-dev.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gradus/nn.h"
#include "gradus/onnx.h"

#pragma GCC visibility push(default)  // what the shared library exports
namespace gradus::io::onnx {

// (x - mean) / std before the network: f64 arrays that broadcast to an example.
struct Scaling {
  Tensor mean, std;
};

struct ExportOptions {
  std::optional<Scaling> scaling = {};
  std::map<std::string, std::string> metadata = {};  // what else the file says of the model
};

// The network in evaluation as an ONNX file: input "input" f32 [N, example...], output "output" f32 [N, ...]
// as the network ends, N left open; weights as f32 under their own names. The same network gives the same
// bytes. Error (Fault::model): a layer without a form in ONNX, a file of 2 GiB or more.
std::vector<std::byte> network_bytes(const nn::Network& network, const ExportOptions& options = {});

// A file as a network: what its nodes are as layers.
struct Imported {
  nn::ModelSpec spec;                // with its input
  std::vector<Tensor> weights = {};  // f32, in the order of Network::variables()
  std::optional<Scaling> scaling = {};
  std::map<std::string, std::string> metadata = {};
};
// The layers that a model's nodes make up, of one input [N, ...] and one output; docs/exchange.md lists the
// nodes. What network_bytes() wrote comes back as layers that compute the same, with new names where those
// were written otherwise: a dense_block's merge, an activation behind a residual becomes its own. Error
// (Fault::model), naming the node and its op: what no layer does.
Imported to_network(const Model& model);
// Sets the variables of the network built of imported.spec.
void set_weights(const nn::Network& network, const Imported& imported);

}  // namespace gradus::io::onnx
#pragma GCC visibility pop
