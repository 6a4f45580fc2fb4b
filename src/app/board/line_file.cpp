#include "app/board/line_file.h"

#include <sys/stat.h>

#include <fstream>

namespace gradus::board {
namespace {

struct stat status_of(const std::filesystem::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) status = {};
  return status;
}

}  // namespace

Lines read_lines(const std::filesystem::path& file, std::uint64_t from, std::size_t most_bytes) {
  Lines read{{}, from};
  std::ifstream stream(file, std::ios::binary);
  if (!stream || !stream.seekg(static_cast<std::streamoff>(from))) return read;
  std::string line;
  while (read.next - from < most_bytes && std::getline(stream, line) && !stream.eof()) {
    read.next += line.size() + 1;
    read.lines.push_back(line);
  }
  return read;
}

std::vector<std::string> LineFollower::take(std::size_t most_bytes) {
  const struct stat status = status_of(file_);
  // Another file has another number: a run that goes on writes its history anew and renames it.
  const bool is_other = generation_ != 0 && static_cast<std::uint64_t>(status.st_ino) != generation_;
  if (is_other || static_cast<std::uint64_t>(status.st_size) < offset_) offset_ = 0;
  generation_ = static_cast<std::uint64_t>(status.st_ino);
  if (static_cast<std::uint64_t>(status.st_size) == offset_) return {};
  Lines read = read_lines(file_, offset_, most_bytes);
  offset_ = read.next;
  return std::move(read.lines);
}

}  // namespace gradus::board
