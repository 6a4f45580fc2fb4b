#include "fuzz.h"
#include "gradus/data.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gradus;
  return fuzz([&] { data::parse_spec(text(data, size)); });
}
