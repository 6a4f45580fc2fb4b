// flatten: all axes but the batch become one.
#include "nn/layer_def.h"

namespace gradus::nn {

extern const LayerDef flatten_layer = {
    .kind = "flatten", .doc = "[N, ...] to [N, product of the rest]", .make = make_plain<Flatten>};

}  // namespace gradus::nn
