// For OpDef::on_rows: ops whose options are the same on some rows.
#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include "gradus/op_def.h"

namespace gradus {

// Every input and the output are cut.
template <class Options>
std::optional<OnRows> all_on_rows(const Options& op, std::span<const Type>, const std::vector<bool>& may_cut,
                                  std::int64_t) {
  if (std::find(may_cut.begin(), may_cut.end(), false) != may_cut.end()) return std::nullopt;
  return OnRows{op, may_cut, {true}};
}

// The first input and the output are cut; the second, a weight, stays whole.
template <class Options>
std::optional<OnRows> images_on_rows(const Options& op, std::span<const Type>,
                                     const std::vector<bool>& may_cut, std::int64_t) {
  if (!may_cut[0]) return std::nullopt;
  return OnRows{op, {true, false}, {true}};
}

}  // namespace gradus
