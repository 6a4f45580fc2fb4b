// Checks of a whole model description, whether it was read or made.
#pragma once

#include "gradus/nn.h"

namespace gradus::nn {

// Puts every entry through check_layer(); refuses a spec without layers.
void check_model(ModelSpec& spec);

}  // namespace gradus::nn
