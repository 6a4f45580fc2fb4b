// docs/ops.md, made from the OpDefs.
#pragma once

#include <string>

namespace gradus {

std::string op_reference();

}  // namespace gradus
