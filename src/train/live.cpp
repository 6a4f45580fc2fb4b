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
  std::filesystem::remove(path_, ignored);
}

void LiveFile::step(const StepEvent& event) {
  written_ = Clock::now();
  try {
    write(live_line(event) + '\n');
  } catch (const Error&) {
    file_.reset();  // who watches misses something; the run does not
  }
}

void LiveFile::write(const std::string& line) {
  if (!file_ || bytes_ > kMostBytes) {
    write_file(path_, std::string_view());  // another file, so that a reader begins anew
    file_.emplace(path_);
    bytes_ = 0;
  }
  file_->write(std::as_bytes(std::span(line)));
  file_->flush();
  bytes_ += line.size();
}

}  // namespace gradus::train
