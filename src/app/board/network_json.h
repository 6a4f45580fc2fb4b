// A run's network as JSON: docs/board.md has the fields.
#pragma once

#include <string>

#include "app/board/http.h"
#include "app/board/network_store.h"

namespace gradus::board {

Json network_graph(const LoadedNetwork& network);
// What the run's first batch makes of all layers; what one example does, with what is predicted for it.
Json network_batch(LoadedNetwork& network);
Json network_example(LoadedNetwork& network, const std::string& part, std::int64_t row);
// `count` examples of a part from row `from` on, as pictures or numbers.
Json network_examples(const LoadedNetwork& network, const std::string& part, std::int64_t from,
                      std::int64_t count);
// The kernels of a convolution. Fault::usage: no such layer, or one without kernels.
Json network_filters(const LoadedNetwork& network, const std::string& path);
// The channels of a layer's output for one example, and of its gradient. Fault::usage: no such layer, or one
// whose output has no height and width.
Json network_maps(LoadedNetwork& network, const std::string& path, const std::string& part, std::int64_t row);

}  // namespace gradus::board
