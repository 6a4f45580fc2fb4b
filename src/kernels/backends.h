// What the libraries behind the kernels see of this machine.
#pragma once

#include <string>
#include <vector>

namespace gradus {

struct Backend {
  std::string name;          // "oneDNN"
  std::string version;       // "2.6.3"
  std::string instructions;  // the best instruction set it uses here: "AVX512_CORE_AMX"
  bool bf16 = false;         // with instructions for bf16
};

// The libraries in this build, in the order in which kernels are tried.
std::vector<Backend> backends();

Backend onednn_backend();
Backend simd_backend();

}  // namespace gradus
