// The layers of a network, as a table and as JSON.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "gradus/nn.h"

namespace gradus::cli {

struct LayerTotals {
  std::int64_t parameters = 0, flops = 0;  // forward, for one example
};
LayerTotals totals_of(const std::vector<nn::SummaryRow>& rows);

// Layer, kind, output shape, parameters, FLOPs; a line of totals.
std::string layer_table(const std::vector<nn::SummaryRow>& rows);

// [{"layer","kind","output","parameters","flops"}, ...]
nlohmann::ordered_json layers_json(const std::vector<nn::SummaryRow>& rows);

}  // namespace gradus::cli
