// The options of a data spec as values; messages name the source and the key.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gradus/data.h"

namespace gradus::data {

// Each call reads one key into `value`, and leaves it as it is where the key is absent.
// Error (Fault::usage) "make_moons: noise needs a number, 'much' was given."
class SpecValues {
 public:
  explicit SpecValues(const Spec& spec) : spec_(&spec) {}

  void read(const char* key, std::string& value) const;
  void read(const char* key, std::int64_t& value) const;
  void read(const char* key, double& value) const;
  void read(const char* key, bool& value) const;
  void read(const char* key, std::optional<bool>& value) const;
  void read(const char* key, std::optional<double>& value) const;      // "none" clears it
  void read(const char* key, std::vector<std::int64_t>& value) const;  // a|b|c
  void read(const char* key, std::vector<double>& value) const;
  void read(const char* key, std::vector<std::string>& value) const;

  // "none" counts as 0 for these: scikit-learn's None.
  void read_or_none(const char* key, std::int64_t& value) const;
  void read_or_none(const char* key, double& value) const;

  void read_seed(std::uint64_t& value) const;  // seed, or its alias random_state

  // Refuses a key with what it needs.
  [[noreturn]] void refuse(const std::string& key, const char* needs) const;
  const std::string* find(const char* key) const;

 private:
  const Spec* spec_;
};

}  // namespace gradus::data
