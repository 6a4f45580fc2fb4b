#include "gradus/onnx.h"

#include "fuzz.h"

// Reads a model and makes a graph of it, for inputs of the declared shapes where those are small.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gradus;
  return fuzz([&] {
    const io::onnx::Model model = io::onnx::parse(bytes(data, size), "fuzz");
    std::vector<Tensor> inputs;
    for (const io::onnx::Port& port : model.wanted()) {
      std::vector<std::int64_t> extents;
      if (port.extents) extents = *port.extents;
      for (std::int64_t& extent : extents) extent = extent < 0 || extent > 8 ? 2 : extent;
      inputs.emplace_back(io::onnx::held_as(port.element).value_or(DType::f32), Shape(extents));
      if (inputs.back().size() > 4096) return;
    }
    io::onnx::build(model, inputs);
  });
}
