// docs/layers.md, made from the LayerDefs.
#pragma once

#include <string>

namespace gradus {

std::string layer_reference();

}  // namespace gradus
