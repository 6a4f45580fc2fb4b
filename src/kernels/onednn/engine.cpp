#include "kernels/onednn/engine.h"

#include "base/check.h"

namespace gradus::onednn {

const dnnl::engine& engine() {
  static const dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
  return cpu;
}

dnnl::memory view(const dnnl::memory::desc& desc, std::byte* data) {
  return dnnl::memory(desc, engine(), data);
}

PrimitiveLaunch::PrimitiveLaunch(dnnl::primitive primitive, Arguments arguments)
    : primitive_(std::move(primitive)), arguments_(std::move(arguments)), stream_(engine()) {
  for (const auto& [index, memory] : arguments_) list_.push_back({index, memory.get()});
}

void PrimitiveLaunch::run() {
  const dnnl_status_t status =
      dnnl_primitive_execute(primitive_.get(), stream_.get(), static_cast<int>(list_.size()), list_.data());
  GRADUS_CHECK(status == dnnl_success);
}

dnnl::primitive_attr attributes() {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  attributes.set_fpmath_mode(dnnl::fpmath_mode::strict);
  return attributes;
}

}  // namespace gradus::onednn
