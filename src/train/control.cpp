#include "gradus/control.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <atomic>
#include <cerrno>
#include <cmath>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <nlohmann/json.hpp>
#include <system_error>

#include "base/check.h"
#include "base/file.h"
#include "base/file_lock.h"

namespace gradus::train {
namespace {

using Json = nlohmann::ordered_json;

constexpr Order::Kind kKinds[] = {Order::pause, Order::go_on, Order::stop, Order::set_lr};

void check(const Order& order) {
  require(Fault::usage, order.kind != Order::set_lr || (std::isfinite(order.lr) && order.lr >= 0),
          "order 'lr': a finite learning rate of at least 0 was needed, {} was given.", order.lr);
}

}  // namespace

std::string_view name_of(Order::Kind kind) {
  switch (kind) {
    case Order::pause:
      return "pause";
    case Order::go_on:
      return "resume";
    case Order::stop:
      return "stop";
    case Order::set_lr:
      return "lr";
  }
  return "";
}

std::string to_json(const Order& order) {
  Json json{{"order", name_of(order.kind)}};
  if (order.kind == Order::set_lr) json["lr"] = order.lr;
  return json.dump();
}

Order parse_order(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  const bool is_order = json.is_object() && json.contains("order") && json["order"].is_string();
  const std::string word = is_order ? json["order"].get<std::string>() : "";
  for (const Order::Kind kind : kKinds) {
    if (word != name_of(kind)) continue;
    Order order{.kind = kind};
    if (kind == Order::set_lr) {
      require(Fault::usage, json.contains("lr") && json["lr"].is_number(),
              "order 'lr': its number was needed, as in {{\"order\":\"lr\",\"lr\":0.01}}.");
      order.lr = json["lr"].get<double>();
    }
    check(order);
    return order;
  }
  fail(Fault::usage, "an order was needed: {{\"order\": \"pause\", \"resume\", \"stop\" or \"lr\"}}.");
}

struct Control::State {
  std::atomic<bool> any{false};  // so that a step without orders takes no lock
  std::mutex mutex;
  std::condition_variable given;
  std::deque<Order> orders;
};

Control::Control() : state_(std::make_unique<State>()) {}
Control::~Control() = default;

void Control::give(const Order& order) {
  check(order);
  {
    const std::lock_guard lock(state_->mutex);
    state_->orders.push_back(order);
    state_->any = true;
  }
  state_->given.notify_one();
}

std::optional<Order> Control::take() {
  if (!state_->any.load(std::memory_order_acquire)) return std::nullopt;
  const std::lock_guard lock(state_->mutex);
  if (state_->orders.empty()) return std::nullopt;
  const Order order = state_->orders.front();
  state_->orders.pop_front();
  state_->any = !state_->orders.empty();
  return order;
}

void Control::wait(std::chrono::milliseconds most) {
  std::unique_lock lock(state_->mutex);
  state_->given.wait_for(lock, most, [this] { return !state_->orders.empty(); });
}

void send_order(const std::filesystem::path& dir, const Order& order) {
  const std::string line = to_json(order) + '\n';
  check(order);
  GrowingFile file(dir / "control.jsonl");
  file.write(std::as_bytes(std::span(line)));
  file.flush();
}

void ask_for_live(const std::filesystem::path& dir) {
  const std::filesystem::path path = dir / "control.jsonl";
  const GrowingFile file(path);
  require(Fault::output, ::utimensat(AT_FDCWD, path.c_str(), nullptr, 0) == 0, "{}: cannot be written: {}.",
          path.string(), std::generic_category().message(errno));
}

bool is_training(const std::filesystem::path& dir) { return FileLock::held(dir / "history.jsonl"); }

}  // namespace gradus::train
