// One run as the board knows it: settings, and what its history says so far.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "app/board/http.h"
#include "app/board/line_file.h"

namespace gradus::board {

class RunEntry {
 public:
  RunEntry(std::string name, std::filesystem::path dir);

  const std::string& name() const { return name_; }
  const std::filesystem::path& dir() const { return dir_; }
  // Reads what is new. True: the summary changed.
  bool update();
  // {"name", "state", "step", "epoch", "seconds", "loss", "train", "val", "test", ...}: docs/board.md.
  const Json& summary() const { return summary_; }

  // The newest line of live.jsonl, if it came since the last call.
  std::optional<Json> live();

  // History from byte `from` on: {"generation", "next", "lines"}.
  Json history(std::uint64_t from) const;

 private:
  void read_settings();
  void take(const std::string& line);

  std::string name_;
  std::filesystem::path dir_;
  LineFollower history_, live_;
  std::uint64_t generation_ = 0;
  bool is_finished_ = false, is_paused_ = false;
  std::filesystem::file_time_type settings_time_{};
  Json summary_;
};

}  // namespace gradus::board
