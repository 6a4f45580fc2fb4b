// Orders to a run while it trains: pause, go on, stop, another learning rate.
//
// A run takes orders between two steps and records each in history.jsonl. Without orders it computes the same
// bits as a run nobody can order.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#pragma GCC visibility push(default)  // what the shared library exports
namespace gradus::train {

// What a running training can be told.
struct Order {
  enum Kind { pause, go_on, stop, set_lr };
  Kind kind = pause;
  double lr = 0;  // of set_lr: what the schedule scales from here on; it survives a resume
};

// "pause", "resume", "stop", "lr": the word for it in files.
std::string_view name_of(Order::Kind kind);
// {"order":"lr","lr":0.01}, and the reverse. Fault::usage: anything else, a rate that is not finite or below
// 0.
std::string to_json(const Order& order);
Order parse_order(std::string_view json);

// To a run of this process. Any thread may give orders, also before the run begins.
class Control {
 public:
  Control();
  ~Control();
  Control(const Control&) = delete;
  Control& operator=(const Control&) = delete;

  void give(const Order& order);  // Fault::usage as parse_order()
  void pause() { give({.kind = Order::pause}); }
  void go_on() { give({.kind = Order::go_on}); }
  void stop() { give({.kind = Order::stop}); }
  void set_lr(double lr) { give({.kind = Order::set_lr, .lr = lr}); }

  // For the run: the oldest order not taken yet; waiting for one costs no CPU.
  std::optional<Order> take();
  void wait(std::chrono::milliseconds most);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// To a run of any process, through DIR/control.jsonl, which it looks at every 50 ms. Fault::output.
void send_order(const std::filesystem::path& dir, const Order& order);
// Asks the run in `dir` to write what it does into DIR/live.jsonl, four times a second, for the next ten
// seconds. Fault::output.
void ask_for_live(const std::filesystem::path& dir);
// Whether some process trains into `dir` right now.
bool is_training(const std::filesystem::path& dir);

}  // namespace gradus::train
#pragma GCC visibility pop
