// Whole files: read at once, written so that a reader never sees half of one; files that grow; folders.
#pragma once

#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "gradus/error.h"

namespace gradus {

// All bytes of a file. Throws Error(fault) "PATH: cannot be read: REASON." also for folders.
std::vector<std::byte> read_file(const std::filesystem::path& path, Fault fault);

// Replaces `path` by `bytes` in one step: a temporary file beside it is written, synced and renamed, so after
// a failure (Error, Fault::output, "PATH: cannot be written: REASON.") the old file is there unchanged and
// nothing else is. A symbolic link is followed; devices and pipes are written to as they are.
void write_file(const std::filesystem::path& path, std::span<const std::byte> bytes);
void write_file(const std::filesystem::path& path, std::string_view text);

// Makes a folder and those above it. Error, Fault::output: "PATH: the folder cannot be made: REASON."
void make_folder(const std::filesystem::path& dir);

// A file that grows: opened at its end, made if it is not there. What was written reaches it at flush(),
// which any thread may call, or earlier. Error, Fault::output: "PATH: cannot be written: REASON."
class GrowingFile {
 public:
  explicit GrowingFile(std::filesystem::path path);

  const std::filesystem::path& path() const { return path_; }
  void write(std::span<const std::byte> bytes);
  void flush();

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::filesystem::path path_;
  std::unique_ptr<std::FILE, Close> file_;
};

}  // namespace gradus
