// Whether numbers are numbers.
#pragma once

#include "gradus/tensor.h"

namespace gradus {

// Whether no element is NaN or infinite; integers never are. Reads the tensor once, as fast as memory gives
// it.
bool all_finite(const Tensor& tensor);

}  // namespace gradus
