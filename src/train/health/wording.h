// What findings say: one table of sentences, so that another language needs the key and the values only.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "gradus/health.h"

namespace gradus::train {

// Names in braces stand for values.
struct Wording {
  std::string_view key;  // the rule's name, or "rule.variant"
  std::string_view evidence, remedy;
};
std::span<const Wording> wordings();

// The finding in these words. `values` are as text shows them, numbers rounded.
Finding finding(std::string_view key, std::string place, std::int64_t step, FindingValues values);

}  // namespace gradus::train
