// Pieces that several update rules share.
#pragma once

#include <string_view>
#include <vector>

#include "gradus/optim.h"

namespace gradus::optim {

// g + weight_decay * w: L2 in the gradient.
inline Value with_decay(const Value& g, const Value& w, double weight_decay) {
  return weight_decay == 0 ? g : g + w * weight_decay;
}

// Refuses (Fault::usage) a coefficient outside [0, 1), or a number that is negative or not finite.
void require_fraction(std::string_view kind, std::string_view option, double value);
void require_at_least_0(std::string_view kind, std::string_view option, double value);

// `slots`, or none.
template <class Slots>
Slots slots_if(bool wanted, Slots slots) {
  return wanted ? slots : Slots();
}

}  // namespace gradus::optim
