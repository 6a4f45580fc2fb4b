// Runs a shell on a file of the test's own.
#pragma once

#include <string>
#include <vector>

#include "support/temporary_folder.h"

namespace gradus {

struct ShellResult {
  int code = -1;
  std::string out;                 // both streams
  std::vector<std::string> lines;  // of it
  bool has(const std::string& line) const;
};

class ShellFolder {
 public:
  void write(const std::string& name, const std::string& content) const;
  // A command of sh, run in the folder.
  ShellResult run(const std::string& command) const;
  static bool there_is(const std::string& program);

 private:
  TemporaryFolder folder_;
};

}  // namespace gradus
