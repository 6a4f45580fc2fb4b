// Says that a process works on a file: the system ends it with the process, however that ends.
#pragma once

#include <filesystem>

namespace gradus {

// Held while it lives. Advisory: it keeps nobody from the file. Where the system has no such locks, or the
// file is locked already, it is none.
class FileLock {
 public:
  explicit FileLock(const std::filesystem::path& file);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

  // Whether some FileLock holds the file.
  static bool held(const std::filesystem::path& file);

 private:
  int file_ = -1;
};

}  // namespace gradus
