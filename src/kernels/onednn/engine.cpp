#include "kernels/onednn/engine.h"

#include "base/check.h"

namespace gradus::onednn {

const dnnl::engine& engine() {
  static const dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
  return cpu;
}

bool has_bf16() {
  switch (dnnl::get_effective_cpu_isa()) {
    case dnnl::cpu_isa::avx512_core_bf16:
    case dnnl::cpu_isa::avx512_core_amx:
      return true;
    default:
      return false;
  }
}

dnnl::memory::data_type element(DType dtype) {
  GRADUS_CHECK(dtype == DType::f32 || dtype == DType::bf16);
  return dtype == DType::f32 ? dnnl::memory::data_type::f32 : dnnl::memory::data_type::bf16;
}

dnnl::memory view(const dnnl::memory::desc& desc, std::byte* data) {
  return dnnl::memory(desc, engine(), data);
}

PrimitiveLaunch::PrimitiveLaunch(dnnl::primitive primitive, Arguments arguments) : stream_(engine()) {
  then(std::move(primitive), std::move(arguments));
}

PrimitiveLaunch& PrimitiveLaunch::then(dnnl::primitive primitive, Arguments arguments) {
  Step step{std::move(primitive), std::move(arguments), {}};
  for (const auto& [index, memory] : step.arguments) step.list.push_back({index, memory.get()});
  steps_.push_back(std::move(step));
  return *this;
}

void PrimitiveLaunch::run() {
  for (const Step& step : steps_) {
    const dnnl_status_t status = dnnl_primitive_execute(step.primitive.get(), stream_.get(),
                                                        static_cast<int>(step.list.size()), step.list.data());
    GRADUS_CHECK(status == dnnl_success);
  }
}

dnnl::primitive_attr attributes() {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  attributes.set_fpmath_mode(dnnl::fpmath_mode::strict);
  return attributes;
}

}  // namespace gradus::onednn
