// A file of lines that grows while it is read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace gradus::board {

// Whole lines from byte `from` on, at most about `most_bytes`; half a line at the end is left for later.
struct Lines {
  std::vector<std::string> lines;
  std::uint64_t next = 0;  // where to go on
};
Lines read_lines(const std::filesystem::path& file, std::uint64_t from, std::size_t most_bytes);

// Follows one file: what is new each time, and whether it was begun anew.
class LineFollower {
 public:
  explicit LineFollower(std::filesystem::path file) : file_(std::move(file)) {}

  // New whole lines, at most about `most_bytes` of them.
  std::vector<std::string> take(std::size_t most_bytes);
  // Differs once the file was replaced or cut; reading then starts at its beginning.
  std::uint64_t generation() const { return generation_; }
  std::uint64_t offset() const { return offset_; }

 private:
  std::filesystem::path file_;
  std::uint64_t offset_ = 0, generation_ = 0;
};

}  // namespace gradus::board
