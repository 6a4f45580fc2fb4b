#include "base/check.h"

#include <stdexcept>

namespace gradus {

void check_failed(const char* condition, const char* file, int line) {
  throw std::logic_error(
      fmt::format("internal error: {} does not hold ({}:{}). Please report this.", condition, file, line));
}

}  // namespace gradus
