// The one header through which oneDNN is reached: its 2.x interface today, so that another one needs
// changes here only.
#pragma once

#include <oneapi/dnnl/dnnl.hpp>
#include <unordered_map>

#include "compiler/kernel.h"

namespace gradus::onednn {

// oneDNN's CPU engine: immutable and shared.
const dnnl::engine& engine();

// Whether it uses bf16 instructions of the processor.
bool has_bf16();
// Whether kernels have code for a type: f32, and bf16 where that is asked for.
constexpr bool takes(DType dtype, bool bf16) { return dtype == DType::f32 || (bf16 && dtype == DType::bf16); }
// The element type of oneDNN for f32 or bf16.
dnnl::memory::data_type element(DType dtype);

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

// Whether the code it chose is a plain loop, slower than kernels of ours.
template <class PrimitiveDesc>
bool is_plain(const PrimitiveDesc& chosen) {
  return std::string_view(chosen.impl_info_str()).starts_with("ref");
}

// prepare(), or what oneDNN has against it.
template <class Prepare>
KernelChoice guarded(Prepare&& prepare) {
  try {
    return prepare();
  } catch (const dnnl::error& error) {
    return std::string("oneDNN: ") + error.what();
  }
}

}  // namespace gradus::onednn
