#include "base/inflate.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gradus;
  return fuzz([&] { gunzip(bytes(data, size), "fuzz", std::size_t{1} << 26); });
}
