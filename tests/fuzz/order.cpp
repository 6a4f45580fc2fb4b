#include "fuzz.h"
#include "gradus/control.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gradus;
  return fuzz([&] { train::parse_order(text(data, size)); });
}
