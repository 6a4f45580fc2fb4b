// The runs in a folder.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "app/board/run_entry.h"

namespace gradus::board {

// Finds folders with a run.toml: `dir` itself and up to three levels below it. A run's name is its path from
// `dir`. What a page names is looked up here and never made into a path.
class RunList {
 public:
  explicit RunList(std::filesystem::path dir) : dir_(std::move(dir)) {}

  // Looks for runs that came or went. True: some did.
  bool scan();
  // Null: there is no such run.
  RunEntry* find(const std::string& name);
  // The same; Fault::usage for names that are none of the runs'.
  RunEntry& get(const std::string& name);
  const std::map<std::string, std::unique_ptr<RunEntry>>& all() const { return runs_; }
  const std::filesystem::path& dir() const { return dir_; }

 private:
  std::filesystem::path dir_;
  std::map<std::string, std::unique_ptr<RunEntry>> runs_;
};

}  // namespace gradus::board
