#include "fuzz.h"
#include "gradus/ops.h"
#include "graph/parse.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gradus;
  return fuzz([&] { parse(text(data, size), builtin_ops()); });
}
