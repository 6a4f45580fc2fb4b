#include "train/checkpoint_writer.h"

#include <utility>

#include "base/check.h"

namespace gradus::train {

namespace {

using Named = std::vector<std::pair<std::string, Tensor>>;

// Memory is taken the first time only.
void copy(const std::vector<Variable>& variables, const std::function<Tensor(std::size_t)>& value,
          Named& to) {
  if (to.empty()) {
    for (const Variable& variable : variables) to.emplace_back(variable.name(), Tensor(variable.type()));
  }
  for (std::size_t i = 0; i < variables.size(); ++i) to[i].second.copy_from(value(i));
}

}  // namespace

CheckpointWriter::CheckpointWriter(std::filesystem::path dir, std::string config_hash,
                                   std::function<void()> before_write)
    : dir_(std::move(dir)), before_write_(std::move(before_write)) {
  waiting_.config_hash = writing_.config_hash = std::move(config_hash);
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
                                 const Snapshot& best) {
  {
    const std::unique_lock held(mutex_);
    throw_fault(held);
    waiting_.state = state;
    copy(
        variables, [&](std::size_t i) { return variables[i].value(); }, waiting_.variables);
    if (state.best_step > 0)
      copy(
          best.variables(), [&](std::size_t i) { return best.tensors()[i]; }, waiting_.best);
    has_waiting_ = true;
  }
  changed_.notify_all();
}

void CheckpointWriter::wait() {
  std::unique_lock held(mutex_);
  changed_.wait(held, [this] { return !has_waiting_ && !is_writing_; });
  throw_fault(held);
}

CheckpointWriter::Files CheckpointWriter::take_written() {
  const std::lock_guard held(mutex_);
  return std::exchange(written_, {});
}

void CheckpointWriter::throw_fault(const std::unique_lock<std::mutex>& held) {
  GRADUS_CHECK(held.owns_lock());
  if (fault_) std::rethrow_exception(std::exchange(fault_, nullptr));
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
    std::filesystem::path file;
    std::exception_ptr fault;
    try {
      before_write_();
      file = write_checkpoint(dir_, writing_);
    } catch (...) {
      fault = std::current_exception();
    }
    held.lock();
    is_writing_ = false;
    if (fault)
      fault_ = fault;
    else
      written_.push_back(std::move(file));
    changed_.notify_all();
  }
}

}  // namespace gradus::train
