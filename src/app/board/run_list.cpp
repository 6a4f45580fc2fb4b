#include "app/board/run_list.h"

#include <algorithm>
#include <vector>

#include "base/check.h"

namespace gradus::board {
namespace {

namespace fs = std::filesystem;

constexpr int kDepth = 3;
constexpr std::size_t kMostRuns = 1000, kMostFolders = 20'000;

bool is_run(const fs::path& dir) {
  std::error_code error;
  return fs::is_regular_file(dir / "run.toml", error);
}

std::map<std::string, fs::path> runs_in(const fs::path& top) {
  std::map<std::string, fs::path> found;
  if (is_run(top)) found[fs::absolute(top).lexically_normal().filename().string()] = top;
  std::error_code error;
  std::size_t folders = 0;
  fs::recursive_directory_iterator it(top, fs::directory_options::skip_permission_denied, error), end;
  while (!error && it != end && found.size() < kMostRuns && folders < kMostFolders) {
    std::error_code ignored;
    const fs::path path = it->path();
    if (it->is_directory(ignored)) {
      ++folders;
      const bool is_hidden = path.filename().string().front() == '.';
      if (!is_hidden && is_run(path)) found[path.lexically_relative(top).generic_string()] = path;
      if (is_hidden || is_run(path) || it.depth() + 1 >= kDepth) it.disable_recursion_pending();
    }
    it.increment(error);
  }
  return found;
}

}  // namespace

bool RunList::scan() {
  const std::map<std::string, fs::path> found = runs_in(dir_);
  bool changed = std::erase_if(runs_, [&](const auto& run) { return !found.contains(run.first); }) > 0;
  for (const auto& [name, path] : found) {
    if (runs_.contains(name)) continue;
    runs_[name] = std::make_unique<RunEntry>(name, path);
    changed = true;
  }
  return changed;
}

RunEntry* RunList::find(const std::string& name) {
  const auto found = runs_.find(name);
  return found == runs_.end() ? nullptr : found->second.get();
}

RunEntry& RunList::get(const std::string& name) {
  RunEntry* run = find(name);
  if (run == nullptr) throw Refusal("no_run", name + ": there is no such run in " + dir_.string() + ".");
  return *run;
}

}  // namespace gradus::board
