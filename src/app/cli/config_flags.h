// The flags of a training run, made from the table of its settings.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/cli/arguments.h"
#include "gradus/train.h"

namespace gradus::cli {

class ConfigFlags {
 public:
  // Declares the flags of all settings, in groups; or only those of `keys`.
  void define(Arguments& arguments, const std::vector<std::string>& keys = {});
  // Sets what was given.
  void apply(train::RunConfig& config) const;
  // The first flag that was given, "" if none.
  std::string first_given() const;

 private:
  std::map<std::string, std::optional<std::string>> values_;  // by key
  std::map<std::string, bool> switches_;
};

}  // namespace gradus::cli
