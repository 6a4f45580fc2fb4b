#include "train/live.h"

#include <string>
#include <system_error>

#include "train/run_folder.h"

namespace gradus::train {
namespace {

constexpr std::size_t kMostBytes = 256 * 1024;

}  // namespace

LiveFile::~LiveFile() {
  std::error_code ignored;
  if (file_) std::filesystem::remove(path_, ignored);
}

void LiveFile::step(const StepEvent& event) {
  if (!file_ || bytes_ > kMostBytes) {
    write_file(path_, std::string_view());  // another file, so that a reader begins anew
    file_.emplace(path_);
    bytes_ = 0;
  }
  const std::string line = live_line(event) + '\n';
  file_->write(std::as_bytes(std::span(line)));
  file_->flush();
  bytes_ += line.size();
  written_ = Clock::now();
}

}  // namespace gradus::train
