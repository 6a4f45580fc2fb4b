#include "fuzz.h"
#include "gradus/nn.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gradus;
  return fuzz([&] { nn::parse_model(text(data, size), "fuzz"); });
}
