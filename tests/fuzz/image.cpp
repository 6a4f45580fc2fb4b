#include "data/images/image.h"

#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gradus;
  return fuzz([&] {
    const auto file = bytes(data, size);
    const data::ImageInfo info = data::read_image_header(file, "fuzz");
    // Large images are allowed, but would spend the time.
    if (info.height * info.width <= 1 << 20) data::resized(data::decode_image(file, "fuzz"), 8, 8);
  });
}
