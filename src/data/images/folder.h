// Folders of images.
#pragma once

#include <filesystem>

#include "gradus/data.h"

namespace gradus::data {

// DIR/CLASS/..., or DIR/train/CLASS/... with DIR/val and DIR/test if there are such. Class names in sorted
// order; options.labels gives those of a model instead.
Source read_image_folder(const std::filesystem::path& folder, const ImageOptions& images,
                         const OpenOptions& options);

}  // namespace gradus::data
