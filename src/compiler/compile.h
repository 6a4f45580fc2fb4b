// From a graph to a Program: the passes, the memory plan, and a kernel for every node.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "compiler/fuse.h"
#include "compiler/layout.h"
#include "compiler/parts.h"
#include "compiler/program.h"

namespace gradus {

struct CompileSettings {
  const KernelSet* kernels = nullptr;
  int threads = 1;
  // Names of passes to leave out: prune, fold, cse, layout, expand, parts, bf16, fuse, recompute, epilogue,
  // strips, reuse, in_place.
  std::vector<std::string> disabled = {};
  // Called with the graph before the first pass ("start") and after each pass.
  std::function<void(std::string_view pass, const Graph&)> watch = {};
  AxisMover mover = {};    // without it there is no layout pass
  Slicer slice = nullptr;  // without it nothing is made in parts
  // With it, products and convolutions of f32 read bf16.
  Value (*cast)(const Value& x, DType dtype) = nullptr;
  FuseRules fusion = {};        // without them there is neither expand nor fuse nor a strip
  std::size_t strip_bytes = 0;  // that the arrays of a node should take at most
};

std::shared_ptr<const Program> compile_graph(const Graph& graph, const CompileSettings& settings);

// The passes that `watch` may see.
std::vector<std::string> graph_pass_names();
// Every name that `disabled` may hold: those, the strip loops, and the two of the memory plan.
std::vector<std::string> pass_names();

}  // namespace gradus
