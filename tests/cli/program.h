// Runs the program in a folder of the test's own.
#pragma once

#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "support/temporary_folder.h"

namespace gradus {

struct Outcome {
  int code = -1;  // 128 + the signal that ended it
  std::string out, err;
};

struct CallOptions {
  std::vector<std::pair<std::string, std::string>> environment = {};  // set on top of a plain one
  bool terminal = false;                                              // standard error is a terminal
  int interrupt_after_ms = 0;                                         // sends a signal then; 0: never
  int interrupt_with = SIGINT;
  std::string output_file = {};  // standard output goes there
};

using Words = std::vector<std::string>;

class Program : public ::testing::Test {
 protected:
  // The folder is the working directory. An environment without colours, in the C.UTF-8 locale.
  Outcome gradus(const Words& words, const CallOptions& options = {}) const;
  // The same, for calls that must succeed: what they print.
  std::string output(const Words& words) const;
  nlohmann::json json(const Words& words) const;

  std::filesystem::path path(const std::string& name) const { return folder_ / name; }
  void write(const std::string& name, const std::string& content) const;
  std::string read(const std::string& name) const;
  bool exists(const std::string& name) const { return std::filesystem::exists(path(name)); }
  // Names in a folder, sorted.
  std::vector<std::string> list(const std::string& name = ".") const;

 private:
  TemporaryFolder folder_;
};

// The keys of an object, in their order.
std::vector<std::string> keys(const nlohmann::ordered_json& object);

}  // namespace gradus
