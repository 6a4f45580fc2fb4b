// The options of transpose.
#pragma once

#include <cstdint>
#include <vector>

namespace gradus {

struct TransposeOptions {
  std::vector<std::int64_t> axes;  // axis i of y is axis axes[i] of x
  static void fields(auto& self, auto&& visit) { visit("axes", self.axes); }
};

}  // namespace gradus
