#include "train/precision.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "base/check.h"
#include "base/suggest.h"

namespace gradus::train {

void require_precision(const std::string& name, const std::string& where) {
  const std::vector<std::string> known = {"f32", "bf16", "bf16-emulated", "f64"};
  require(Fault::usage, std::find(known.begin(), known.end(), name) != known.end(),
          "{}: there is no precision '{}'; there are {}.{}", where, name, fmt::join(known, ", "),
          did_you_mean(name, known));
}

DType dtype_of_precision(const std::string& name) { return name == "f64" ? DType::f64 : DType::f32; }

std::optional<std::string> settle_precision(std::string& name) {
  if (name != "bf16" || has_fast_bf16()) return std::nullopt;
  name = "f32";
  return "bf16: this processor or build has no instructions for it, so f32 is used; bf16-emulated computes "
         "the same "
         "numbers, slowly";
}

CompileOptions compile_options(const std::string& precision, std::int64_t threads) {
  CompileOptions options;
  options.threads = static_cast<int>(threads);
  options.bf16 = precision.starts_with("bf16");
  return options;
}

}  // namespace gradus::train
