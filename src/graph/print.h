// Graphs as text and as drawings.
#pragma once

#include <string>

#include "gradus/value.h"

namespace gradus {

// One line per node, then one per output; parse() reads it back. A node is printed as
//     %2: f32[3, 10] = matmul(%0, %1) {transpose_a=false, transpose_b=true} in "layers.0" named "h"
// with types (several, separated by commas, for several outputs; output i > 0 of node 2 is %2.i),
// attributes, the scope and the name, each left out if there is none; an output as
//     output "loss" = %2
// Attributes are written as true, 3, 0.5, "text", [1, -2], f32, shape[3, 10]; tensors of up to 64 elements
// as f32[2]{0.5, inf}, bigger ones as f32[100]{...}, which parse() refuses; variables as
// parameter "w" f32[3, 10], with #2 behind a second one of that name.
std::string print(const Graph& graph);

// The graph for Graphviz: data flows down, a box per scope, edges labelled with types.
std::string print_dot(const Graph& graph);

}  // namespace gradus
