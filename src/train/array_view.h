// The numbers of an array as explain shows them.
#pragma once

#include "train/explain.h"

namespace gradus::train {

// All elements of a small array, the first ones of a larger one, and what describes the finite ones; symbol,
// name and formula are left empty.
ArrayView view_of(const Tensor& tensor, const ExplainOptions& options);

}  // namespace gradus::train
