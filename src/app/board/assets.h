// The page's files, in the binary. Written at build time by cmake/EmbedAssets.cmake.
#pragma once

#include <span>
#include <string_view>

namespace gradus::board {

struct Asset {
  std::string_view path;  // "/app.js"
  std::string_view type;  // its media type
  std::string_view bytes;
};

std::span<const Asset> assets();

}  // namespace gradus::board
