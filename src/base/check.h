// Faults: require() and fail() for the user's, GRADUS_CHECK for our own.
#pragma once

#include <fmt/core.h>

#include "gradus/error.h"

namespace gradus {

template <class... Args>
[[noreturn]] void fail(Fault fault, fmt::format_string<Args...> format, Args&&... args) {
  throw Error(fmt::format(format, std::forward<Args>(args)...), fault);
}

template <class... Args>
void require(bool condition, fmt::format_string<Args...> format, Args&&... args) {
  if (!condition) throw Error(fmt::format(format, std::forward<Args>(args)...));
}

template <class... Args>
void require(Fault fault, bool condition, fmt::format_string<Args...> format, Args&&... args) {
  if (!condition) throw Error(fmt::format(format, std::forward<Args>(args)...), fault);
}

// Reports a broken invariant of the library itself as std::logic_error.
[[noreturn]] void check_failed(const char* condition, const char* file, int line);

#define GRADUS_CHECK(condition) \
  (static_cast<bool>(condition) ? void(0) : ::gradus::check_failed(#condition, __FILE__, __LINE__))

}  // namespace gradus
