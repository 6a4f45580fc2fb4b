// Which random stream belongs to what: no two uses of the run's seed share numbers.
#pragma once

#include <cstdint>

namespace gradus::stream {

inline constexpr std::uint32_t kShuffle = 1;     // order of the examples; step = epoch
inline constexpr std::uint32_t kSplit = 2;       // which examples go to validation and test
inline constexpr std::uint32_t kAugment = 3;     // changes of an example; step = epoch
inline constexpr std::uint32_t kMixup = 4;       // its partner and share; step = epoch
inline constexpr std::uint32_t kGenerator = 16;  // generated data sets take kGenerator .. kGenerator + 255
inline constexpr std::uint32_t kCheck = 300;     // gradient checking: directions and upstream gradients
inline constexpr std::uint32_t kSearch = 301;    // settings drawn at random; step = their number
inline constexpr std::uint32_t kInitialize = 1 << 16;  // + number of the parameter
inline constexpr std::uint32_t kGraph = 1 << 24;       // + number of the random node in the graph

}  // namespace gradus::stream
