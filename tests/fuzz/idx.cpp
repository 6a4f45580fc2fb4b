#include "fuzz.h"
#include "gradus/data.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gradus;
  const FuzzFile file(data, size);
  return fuzz([&] { data::read_idx(file.path()); });
}
