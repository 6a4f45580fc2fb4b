#include "train/circumstances.h"

#include "base/check.h"
#include "base/parallel.h"
#include "base/text.h"

namespace gradus::train {

Environment environment_of(const RunConfig& config) {
  Environment e;
  e.version = version();
  e.compiler = compiler();
  e.machine = this_machine();
  e.libraries = backends();
  e.threads = config.threads > 0 ? config.threads : hardware_threads();
  e.precision = config.precision;
  return e;
}

std::string Environment::str() const {
  return fmt::format("{}, {} of {}, {}; Gradus {}, built by {}", machine.processor, threads,
                     counted(machine.cores, "thread"), precision, version, compiler);
}

std::string Divergence::cause() const {
  if (!node.empty()) return fmt::format("the first NaN or infinity came from {}", node);
  return fmt::format("{} is NaN or infinite", variable.empty() ? "the loss" : "'" + variable + "'");
}

std::string RunEnd::str() const {
  switch (cause) {
    case finished:
      return fmt::format("It came to its end after step {}.", grouped(step));
    case stopped_early:
      return fmt::format("It stopped early, after step {}: the validation loss no longer fell.",
                         grouped(step));
    case interrupted:
      return fmt::format("It was interrupted after step {}.", grouped(step));
    case ordered:
      return fmt::format("It was stopped by an order after step {}.", grouped(step));
    case diverged:
      return fmt::format("It diverged at step {}: {}.", grouped(step + 1), what);
  }
  return "";
}

}  // namespace gradus::train
