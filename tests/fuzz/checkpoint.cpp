#include "fuzz.h"
#include "gradus/io.h"
#include "train/checkpoint_file.h"

// The file with its checksums, which only what is undamaged passes; and its sections as if these were right.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gradus;
  return fuzz([&] {
    io::NamedTensors sections = io::parse_safetensors(bytes(data, size), "fuzz");
    if (!sections.empty()) sections.pop_back();
    train::checkpoint_of(sections, "fuzz");
    train::parse_checkpoint(bytes(data, size), "fuzz");
  });
}
