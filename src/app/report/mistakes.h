// The examples with the largest losses, as pictures or rows.
#pragma once

#include <string>

#include "app/report/facts.h"

namespace gradus::report {

// HTML; "" without a review.
std::string mistakes_html(const RunFacts& facts);

}  // namespace gradus::report
