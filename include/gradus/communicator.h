// Processes that train one model together, as the training loop sees them.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "gradus/error.h"

#pragma GCC visibility push(default)  // what the shared library exports
namespace gradus {

// A fault that every rank throws, for the same reason: one of them telling of it is enough.
class SharedError : public Error {
 public:
  using Error::Error;
};

// Ranks 0 to size() - 1. All of them make the same calls in the same order, each from one thread; a call
// returns when the others have made it, too. Error (Fault::rank_lost): one of them is gone.
class Communicator {
 public:
  virtual ~Communicator() = default;
  virtual int rank() const = 0;
  virtual int size() const = 0;
  virtual int on_this_machine() const = 0;  // of the ranks, this one included

  // Gives bytes to one rank, and takes what that one gives in the same call.
  virtual void exchange(int with, std::span<const std::byte> give, std::span<std::byte> take) = 0;
  // Every rank's text, in the order of ranks.
  virtual std::vector<std::string> gather(const std::string& text) = 0;

  // Begins to sum values over the ranks, in place; every rank gets the same bits. Several such things may be
  // under way: advance() helps them on, finish() returns when all are done. The values are left alone until
  // then.
  virtual void begin_sum(std::span<float> values) = 0;
  virtual void begin_sum(std::span<double> values) = 0;
  // Begins to give the bytes of rank `from` to all others, in their place.
  virtual void begin_share(std::span<std::byte> bytes, int from) = 0;
  virtual void advance() = 0;
  virtual void finish() = 0;
};

}  // namespace gradus
#pragma GCC visibility pop
