// The one header through which oneDNN is reached: its 2.x interface today, so that another one needs
// changes here only.
#pragma once

#include <oneapi/dnnl/dnnl.hpp>
#include <unordered_map>

#include "compiler/kernel.h"

namespace gradus::onednn {

// oneDNN's CPU engine: immutable and shared.
const dnnl::engine& engine();

using Arguments = std::unordered_map<int, dnnl::memory>;

// A memory object over a buffer someone else owns.
dnnl::memory view(const dnnl::memory::desc& desc, std::byte* data);

// Runs primitives on fixed arguments, one after the other. Through the C interface: the C++ one builds a list
// at every call.
class PrimitiveLaunch final : public Launch {
 public:
  PrimitiveLaunch(dnnl::primitive primitive, Arguments arguments);
  PrimitiveLaunch& then(dnnl::primitive primitive, Arguments arguments);
  void run() override;

 private:
  struct Step {
    dnnl::primitive primitive;
    Arguments arguments;  // keeps the memory objects alive
    std::vector<dnnl_exec_arg_t> list;
  };
  std::vector<Step> steps_;
  dnnl::stream stream_;
};

// Attributes every primitive gets: scratch memory from the session's arena, no reduced precision.
dnnl::primitive_attr attributes();

}  // namespace gradus::onednn
