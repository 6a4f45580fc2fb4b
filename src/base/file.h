// Whole files: read at once, written so that a reader never sees half of one; files that grow; folders.
#pragma once

#include <cstddef>
#include <filesystem>
#include <mutex>
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

// Removes from a folder what writes that were cut off have left there: temporary files of processes that are
// gone, and of this one, which must not be writing there now.
void sweep_temporaries(const std::filesystem::path& dir);

// A file that grows: opened at its end, made if it is not there. What was written reaches it at flush(), or
// earlier. What cannot be written is kept, and the next call goes on at the very byte where that ended, so a
// disk that was full for a while leaves no gap. Any thread may call it. Error, Fault::output: "PATH: cannot
// be written: REASON."
class GrowingFile {
 public:
  explicit GrowingFile(std::filesystem::path path);
  ~GrowingFile();  // flushes; a fault is lost
  GrowingFile(const GrowingFile&) = delete;
  GrowingFile& operator=(const GrowingFile&) = delete;

  const std::filesystem::path& path() const { return path_; }
  void write(std::span<const std::byte> bytes);  // faults wait for flush()
  void flush();
  void sync();  // and lasts through a power cut

 private:
  int drain();  // errno, or 0

  const std::filesystem::path path_;
  const int file_;
  std::mutex mutex_;
  std::vector<std::byte> waiting_;  // under the mutex
};

}  // namespace gradus
