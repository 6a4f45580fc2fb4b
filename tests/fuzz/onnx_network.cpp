#include "gradus/onnx_network.h"

#include "fuzz.h"

// A model as layers, and a network of them with its weights.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gradus;
  return fuzz([&] {
    const io::onnx::Imported imported = io::onnx::to_network(io::onnx::parse(bytes(data, size), "fuzz"));
    io::onnx::set_weights(nn::build(imported.spec, *imported.spec.input), imported);
  });
}
