#include "fuzz.h"
#include "gradus/io.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gradus;
  return fuzz([&] { io::parse_safetensors(bytes(data, size), "fuzz"); });
}
