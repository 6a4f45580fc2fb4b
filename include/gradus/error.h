// The one exception of the library: a fault of the caller or of what the caller handed in.
#pragma once

#include <stdexcept>
#include <string>

#pragma GCC visibility push(default)  // what the shared library exports
namespace gradus {

// What was at fault. The values are the exit codes of the command line.
enum class Fault {
  usage = 2,     // an unknown or contradictory option
  data = 3,      // data unreadable or wrong
  model = 4,     // a model, graph, run folder or weights missing or wrong
  diverged = 5,  // the loss or a gradient became NaN or infinite
  output = 6,    // a result cannot be written
  rank_lost = 7  // another process of a distributed run is gone
};

// Messages read: where: what was needed, what was given. What to do.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message, Fault fault = Fault::model)
      : std::runtime_error(message), fault_(fault) {}
  Fault fault() const noexcept { return fault_; }

 private:
  Fault fault_;
};

}  // namespace gradus
#pragma GCC visibility pop
