// What every fuzz target does: hand the bytes to a parser, which may refuse them by an Error and nothing
// else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "gradus/error.h"

namespace gradus {

template <class Parse>
int fuzz(Parse&& parse) {
  try {
    parse();
  } catch (const Error&) {
  }
  return 0;
}

inline std::span<const std::byte> bytes(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const std::byte*>(data), size};
}

inline std::string_view text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace gradus
