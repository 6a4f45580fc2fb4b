// live.jsonl: what a run does right now, for those who watch it.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

#include "base/file.h"
#include "gradus/train.h"
#include "train/listener.h"
#include "train/orders.h"

namespace gradus::train {

// A line for a step, at most four times a second, while somebody asks for them. The file stays below about
// 256 KB and goes with the object.
class LiveFile final : public Listener {
 public:
  LiveFile(const std::filesystem::path& dir, const Orders& orders)
      : orders_(orders), path_(dir / "live.jsonl") {}
  ~LiveFile() override;
  LiveFile(const LiveFile&) = delete;
  LiveFile& operator=(const LiveFile&) = delete;

  bool wants_step(std::int64_t, bool) const override {
    return orders_.asked_for_live() && Clock::now() - written_ >= std::chrono::milliseconds(250);
  }
  void step(const StepEvent& event) override;

 private:
  using Clock = std::chrono::steady_clock;

  void write(const std::string& line);

  const Orders& orders_;
  std::filesystem::path path_;
  std::optional<GrowingFile> file_;
  std::size_t bytes_ = 0;
  Clock::time_point written_;
};

}  // namespace gradus::train
