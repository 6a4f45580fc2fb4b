// Data as the data verbs open them: as a training run would.
#pragma once

#include <optional>
#include <string>

#include "app/cli/arguments.h"
#include "gradus/train.h"

namespace gradus::cli {

// A data spec and the seed beside it.
class DataSource {
 public:
  void define(Arguments& arguments, const std::string& doc);
  train::Parts open(const std::string& more_options = "") const;
  std::uint64_t seed() const;
  const std::string& text() const { return spec_; }

 private:
  std::string spec_;
  std::optional<std::string> seed_;
};

}  // namespace gradus::cli
