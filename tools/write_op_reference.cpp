// Writes docs/ops.md: write_op_reference > docs/ops.md
#include <cstdio>

#include "op_reference.h"

int main() {
  const std::string text = gradus::op_reference();
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() ? 0 : 1;
}
