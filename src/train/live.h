// live.jsonl: what a run does right now, for those who watch it.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>

#include "base/file.h"
#include "gradus/train.h"

namespace gradus::train {

// A line for a step, at most four times a second. The file stays below about 256 KB and goes with the object.
class LiveFile {
 public:
  explicit LiveFile(const std::filesystem::path& dir) : path_(dir / "live.jsonl") {}
  ~LiveFile();
  LiveFile(const LiveFile&) = delete;
  LiveFile& operator=(const LiveFile&) = delete;

  bool due() const { return Clock::now() - written_ >= std::chrono::milliseconds(250); }
  void step(const StepEvent& event);

 private:
  using Clock = std::chrono::steady_clock;

  std::filesystem::path path_;
  std::optional<GrowingFile> file_;
  std::size_t bytes_ = 0;
  Clock::time_point written_;
};

}  // namespace gradus::train
