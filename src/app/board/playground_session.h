// One page's playground: an engine on a thread of its own, steered by requests, told about by events.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "app/board/playground_json.h"
#include "app/board/sse.h"
#include "app/board/worker.h"

namespace gradus::board {

class PlaygroundSession {
 public:
  using Clock = std::chrono::steady_clock;

  ~PlaygroundSession() { ending_ = true; }

  // What a page asks, answered on the session's thread: 503 where too much waits already.
  void set(PlaygroundSettings settings, const Reply& reply, std::string id);
  void play(double steps_per_second, const Reply& reply);  // 0: as fast as it goes
  void pause(const Reply& reply);
  void step(std::int64_t steps, const Reply& reply);
  void choose(std::optional<std::int64_t> example, const Reply& reply);
  void state(std::optional<std::int64_t> example, const Reply& reply);
  void setup(const Reply& reply);
  void phases(std::optional<std::int64_t> example, const Reply& reply);
  void listen(std::shared_ptr<EventStream> stream);

  // Forgets streams that were closed, and stops to play when nobody looks.
  void tick();
  bool watched() const { return watched_; }
  // Since a page last asked something or listened.
  Clock::duration idle() const { return Clock::now() - last_use_.load(); }

 private:
  void answer(const Reply& reply, std::function<Json()> action);
  PlaygroundEngine& engine();
  void go_on();
  void publish();
  Json status() const;

  std::atomic<bool> watched_{false}, ending_{false};
  std::atomic<Clock::time_point> last_use_{Clock::now()};

  // On the worker's thread only:
  std::unique_ptr<PlaygroundEngine> engine_;
  Listeners listeners_;
  std::optional<std::int64_t> example_;
  bool playing_ = false;
  double steps_per_second_ = 0;
  Clock::time_point next_step_, next_publication_;

  Worker worker_;  // the last: its tasks use what stands above
};

}  // namespace gradus::board
