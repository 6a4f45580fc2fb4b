// Writes docs/layers.md: write_layer_reference > docs/layers.md
#include <cstdio>

#include "layer_reference.h"

int main() {
  const std::string text = gradus::layer_reference();
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() ? 0 : 1;
}
