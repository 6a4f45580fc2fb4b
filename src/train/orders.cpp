#include "train/orders.h"

#include <sys/stat.h>

#include <fstream>
#include <string>
#include <thread>

#include "gradus/error.h"

namespace gradus::train {
namespace {

constexpr std::chrono::milliseconds kLookEvery(50);
constexpr std::int64_t kLiveSeconds = 10;

}  // namespace

void Orders::watch(const std::filesystem::path& dir) {
  file_ = dir / "control.jsonl";
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(file_, error);
  read_ = error ? 0 : size;
}

std::optional<Order> Orders::next() {
  if (control_ != nullptr) {
    if (std::optional<Order> order = control_->take()) return order;
  }
  if (waiting_.empty() && !file_.empty()) look();
  if (waiting_.empty()) return std::nullopt;
  const Order order = waiting_.front();
  waiting_.pop_front();
  return order;
}

void Orders::wait() const {
  if (control_ != nullptr)
    control_->wait(kLookEvery);
  else
    std::this_thread::sleep_for(kLookEvery);
}

void Orders::look() {
  const Clock::time_point now = Clock::now();
  if (now - looked_ < kLookEvery) return;
  looked_ = now;
  struct stat status {};
  if (::stat(file_.c_str(), &status) != 0) {
    read_ = 0;
    asked_for_live_ = false;
    return;
  }
  asked_for_live_ = ::time(nullptr) - status.st_mtime <= kLiveSeconds;
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (size < read_) read_ = 0;  // written anew
  if (size > read_) read_from_file();
}

void Orders::read_from_file() {
  std::ifstream stream(file_, std::ios::binary);
  stream.seekg(static_cast<std::streamoff>(read_));
  for (std::string line; std::getline(stream, line) && !stream.eof();) {
    read_ += line.size() + 1;
    try {
      waiting_.push_back(parse_order(line));
    } catch (const Error&) {
      // A line that is no order must not end hours of training.
    }
  }
}

}  // namespace gradus::train
