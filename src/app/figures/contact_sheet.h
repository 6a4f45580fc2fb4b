// Many small pictures as one, each with a line of text below it.
#pragma once

#include <string>
#include <vector>

#include "gradus/tensor.h"

namespace gradus::figures {

// u8 [C, H, W] of images u8 [N, C, h, w], C 1 or 3, in rows of about as many as there are rows. Small images
// are enlarged by a whole factor; a caption is cut to the width of its image.
Tensor contact_sheet(const Tensor& images, const std::vector<std::string>& captions);

}  // namespace gradus::figures
