#include <fmt/core.h>

#include "kernels/backends.h"
#include "kernels/onednn/engine.h"

namespace gradus {
namespace {

std::string isa_name(dnnl::cpu_isa isa) {
  switch (isa) {
    case dnnl::cpu_isa::sse41:
      return "SSE41";
    case dnnl::cpu_isa::avx:
      return "AVX";
    case dnnl::cpu_isa::avx2:
      return "AVX2";
    case dnnl::cpu_isa::avx2_vnni:
      return "AVX2_VNNI";
    case dnnl::cpu_isa::avx512_core:
      return "AVX512_CORE";
    case dnnl::cpu_isa::avx512_core_vnni:
      return "AVX512_CORE_VNNI";
    case dnnl::cpu_isa::avx512_core_bf16:
      return "AVX512_CORE_BF16";
    case dnnl::cpu_isa::avx512_core_amx:
      return "AVX512_CORE_AMX";
    default:
      return fmt::format("0x{:x}", static_cast<unsigned>(isa));
  }
}

}  // namespace

Backend onednn_backend() {
  const dnnl::version_t* version = dnnl::version();
  return {"oneDNN", fmt::format("{}.{}.{}", version->major, version->minor, version->patch),
          isa_name(dnnl::get_effective_cpu_isa()), onednn::has_bf16()};
}

}  // namespace gradus
