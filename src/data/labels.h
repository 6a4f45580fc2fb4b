// Labels to class indices: integers 0..K-1 stay as they are, other sets are numbered in sorted order.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "gradus/data.h"

namespace gradus::data {

struct EncodedLabels {
  Tensor y;  // i64 [N]
  std::int64_t classes = 0;
  LabelMap map;
};

// What messages need: how they open, and where row i is ("row 4", "line 6").
struct LabelPlace {
  std::string where;
  std::function<std::string(std::int64_t row)> row;
};

// Encodes integer labels by `known`, or by the map their values ask for. Error (Fault::data) on a label that
// `known` does not have, and on a negative one where labels are taken as given.
EncodedLabels encode_integers(std::span<const std::int64_t> labels, const std::optional<LabelMap>& known,
                              const LabelPlace& place);

// The same for texts, sorted by bytes. A map without values asks for class indices written in digits.
EncodedLabels encode_texts(std::span<const std::string> labels, const std::optional<LabelMap>& known,
                           const LabelPlace& place);

// The first few of `names` for a message: "'a', 'b', 'c', ... (12 in all)".
std::string list_names(std::span<const std::string> names);

}  // namespace gradus::data
