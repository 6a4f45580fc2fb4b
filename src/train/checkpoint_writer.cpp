#include "train/checkpoint_writer.h"

#include <exception>
#include <new>
#include <utility>

namespace gradus::train {

namespace {

// Memory is taken the first time only.
void copy(const std::vector<Variable>& variables, const std::function<Tensor(std::size_t)>& value,
          NamedTensors& to) {
  for (std::size_t i = to.size(); i < variables.size(); ++i)
    to.emplace_back(variables[i].name(), Tensor(variables[i].type()));
  for (std::size_t i = 0; i < variables.size(); ++i) to[i].second.copy_from(value(i));
}

void copy(const Snapshot& snapshot, NamedTensors& to) {
  copy(
      snapshot.variables(), [&](std::size_t i) { return snapshot.tensors()[i]; }, to);
}

}  // namespace

CheckpointWriter::CheckpointWriter(std::filesystem::path dir, std::string config,
                                   std::function<void()> before_write)
    : dir_(std::move(dir)), before_write_(std::move(before_write)) {
  waiting_.config = writing_.config = std::move(config);
  thread_ = std::thread([this] { work(); });
}

CheckpointWriter::~CheckpointWriter() {
  {
    const std::lock_guard held(mutex_);
    is_ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void CheckpointWriter::hand_over(const RunState& state, const std::vector<Variable>& variables,
                                 const Snapshot& best, const Snapshot* good) {
  {
    const std::lock_guard held(mutex_);
    waiting_.state = state;
    copy(
        variables, [&](std::size_t i) { return variables[i].value(); }, waiting_.variables);
    if (state.best_step > 0) copy(best, waiting_.best);
    if (good != nullptr && state.good_step >= 0) copy(*good, waiting_.good);
    has_waiting_ = true;
  }
  changed_.notify_all();
}

void CheckpointWriter::wait() {
  std::unique_lock held(mutex_);
  changed_.wait(held, [this] { return !has_waiting_ && !is_writing_; });
}

std::vector<CheckpointWriter::Attempt> CheckpointWriter::take_attempts() {
  const std::lock_guard held(mutex_);
  return std::exchange(attempts_, {});
}

CheckpointWriter::Attempt CheckpointWriter::write() const {
  Attempt attempt{.step = writing_.state.step, .file = {}, .fault = {}};
  try {
    before_write_();
    attempt.file = write_checkpoint(dir_, writing_);
  } catch (const std::bad_alloc&) {
    attempt.fault = "there is not enough memory for its bytes.";
  } catch (const std::exception& error) {
    attempt.fault = error.what();
  }
  return attempt;
}

void CheckpointWriter::work() {
  std::unique_lock held(mutex_);
  for (;;) {
    changed_.wait(held, [this] { return has_waiting_ || is_ending_; });
    if (!has_waiting_) return;
    std::swap(waiting_, writing_);
    has_waiting_ = false;
    is_writing_ = true;
    held.unlock();
    Attempt attempt = write();
    held.lock();
    is_writing_ = false;
    attempts_.push_back(std::move(attempt));
    changed_.notify_all();
  }
}

}  // namespace gradus::train
