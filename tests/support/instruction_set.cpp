// Linked into a test program: GRADUS_TEST_HIGHWAY=AVX2 or SSE4 keeps Highway from using more than that.
#include <hwy/targets.h>

#include <cstdlib>
#include <string_view>

namespace {

[[maybe_unused]] const bool limited = [] {
  const char* const wanted = std::getenv("GRADUS_TEST_HIGHWAY");
  if (wanted == nullptr) return false;
  const std::string_view name = wanted;
  if (name != "AVX2" && name != "SSE4") std::abort();
  // Better instruction sets have lower bits.
  hwy::DisableTargets((name == "AVX2" ? HWY_AVX2 : HWY_SSE4) - 1);
  return true;
}();

}  // namespace
