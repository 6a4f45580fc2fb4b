// Running statistics of normalization layers, computed anew.
#pragma once

#include "gradus/train.h"

namespace gradus::train {

// Sets every running statistic of the run's network to the mean of what the batches of one pass over the
// training part give, layers in training mode (Izmailov et al. 2018); those that do not move then stay as
// they are. False: the network has none.
bool recompute_statistics(const Prepared& run);

}  // namespace gradus::train
