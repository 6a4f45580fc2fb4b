#include "app/cli/model_table.h"

#include <nlohmann/json.hpp>

#include "base/text.h"

namespace gradus::cli {

LayerTotals totals_of(const std::vector<nn::SummaryRow>& rows) {
  LayerTotals totals;
  for (const nn::SummaryRow& row : rows) {
    totals.parameters += row.parameters;
    totals.flops += row.flops;
  }
  return totals;
}

std::string layer_table(const std::vector<nn::SummaryRow>& rows) {
  TextTable table({{"layer"},
                   {"kind"},
                   {"output"},
                   {"parameters", TextTable::Align::right},
                   {"FLOPs", TextTable::Align::right}});
  for (const nn::SummaryRow& row : rows) {
    table.row({row.path, row.kind, row.output.str(), grouped(row.parameters),
               brief(static_cast<double>(row.flops))});
  }
  const LayerTotals totals = totals_of(rows);
  table.rule();
  table.row({"total", "", "", grouped(totals.parameters), brief(static_cast<double>(totals.flops))});
  return table.str();
}

nlohmann::ordered_json layers_json(const std::vector<nn::SummaryRow>& rows) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const nn::SummaryRow& row : rows) {
    list.push_back({{"layer", row.path},
                    {"kind", row.kind},
                    {"output", row.output.list()},
                    {"parameters", row.parameters},
                    {"flops", row.flops}});
  }
  return list;
}

}  // namespace gradus::cli
