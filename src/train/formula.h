// What a value of a graph is made of, as a formula.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "gradus/value.h"

namespace gradus::train {

// Values that formulas call by a symbol; the first name a value gets stays.
class Symbols {
 public:
  void name(const Value& value, std::string symbol);
  // The symbol, or "".
  std::string of(const Value& value) const;

 private:
  std::map<std::pair<int, int>, std::string> names_;
};

// The nodes behind `value` as text, down to named values and those without inputs: "y1 W2^T + b2". Steps that
// change only the form of an array (reshape, broadcast, cast, x + 0) are left out. Long formulas end in
// "...". With `itself` false the value's own symbol is not used.
std::string formula(const Value& value, const Symbols& symbols, bool itself = false);

}  // namespace gradus::train
