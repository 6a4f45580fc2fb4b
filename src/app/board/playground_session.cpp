#include "app/board/playground_session.h"

#include <algorithm>
#include <exception>
#include <thread>

#include "base/check.h"

namespace gradus::board {
namespace {

using namespace std::chrono_literals;
using Milliseconds = std::chrono::duration<double, std::milli>;

constexpr auto kSlice = 25ms;         // of steps, between looks at what else is to be done
constexpr auto kPublishEvery = 50ms;  // at least
constexpr auto kPerNumber = 3us;      // about 2 MB/s of weights and gradients
constexpr auto kLookLimit = std::chrono::seconds(5);

}  // namespace

void PlaygroundSession::answer(const Reply& reply, std::function<Json()> action) {
  last_use_ = Clock::now();
  const bool taken = worker_.post(
      [reply, action = std::move(action)] { reply_with(reply, [&] { return json_response(action()); }); });
  if (!taken)
    reply(error_response(503, "busy", "playground: too many requests wait already. Ask again later."));
}

PlaygroundEngine& PlaygroundSession::engine() {
  require(Fault::usage, engine_ != nullptr, "playground: settings were needed first.");
  return *engine_;
}

Json PlaygroundSession::status() const {
  return {{"playing", playing_}, {"steps_per_second", steps_per_second_}};
}

void PlaygroundSession::set(PlaygroundSettings settings, const Reply& reply, std::string id) {
  answer(reply, [this, settings = std::move(settings), id = std::move(id)] {
    playing_ = false;
    example_.reset();
    // The old one stays if the new settings are refused.
    engine_ = std::make_unique<PlaygroundEngine>(settings);
    Json made = {{"id", id}, {"setup", playground_setup(*engine_)}};
    publish();
    made["state"] = playground_state(*engine_, example_, Numbers::plain);
    return made;
  });
}

void PlaygroundSession::play(double steps_per_second, const Reply& reply) {
  answer(reply, [this, steps_per_second] {
    engine();
    steps_per_second_ = steps_per_second;
    next_step_ = Clock::now();
    if (!std::exchange(playing_, true)) worker_.post([this] { go_on(); });
    return status();
  });
}

void PlaygroundSession::pause(const Reply& reply) {
  answer(reply, [this] {
    playing_ = false;
    publish();
    return status();
  });
}

void PlaygroundSession::step(std::int64_t steps, const Reply& reply) {
  answer(reply, [this, steps] {
    playing_ = false;
    for (std::int64_t i = 0; i < steps && !ending_; ++i) engine().step();
    publish();
    return playground_state(engine(), example_, Numbers::plain);
  });
}

void PlaygroundSession::choose(std::optional<std::int64_t> example, const Reply& reply) {
  answer(reply, [this, example] {
    example_ = example;
    publish();
    return playground_state(engine(), example_, Numbers::plain);
  });
}

void PlaygroundSession::state(std::optional<std::int64_t> example, const Reply& reply) {
  answer(reply, [this, example] { return playground_state(engine(), example, Numbers::plain); });
}

void PlaygroundSession::setup(const Reply& reply) {
  answer(reply, [this] { return playground_setup(engine()); });
}

void PlaygroundSession::phases(std::optional<std::int64_t> example, const Reply& reply) {
  answer(reply, [this, example] { return playground_phases(engine(), example); });
}

void PlaygroundSession::listen(std::shared_ptr<EventStream> stream) {
  last_use_ = Clock::now();
  watched_ = true;
  worker_.post([this, stream = std::move(stream)] {
    listeners_.add(stream);
    if (engine_) publish();
  });
}

void PlaygroundSession::tick() {
  worker_.post([this] {
    watched_ = !listeners_.empty();
    if (watched_) last_use_ = Clock::now();
    if (!watched_ && idle() > kLookLimit) playing_ = false;
  });
}

void PlaygroundSession::publish() {
  if (listeners_.empty()) return;
  const auto begin = Clock::now();
  Json state = playground_state(engine(), example_, Numbers::packed);
  state.update(status());
  listeners_.send("state", state);
  // Looks take at most half of the time, and large networks are told about more seldom.
  std::int64_t numbers = 0;
  for (const Variable& parameter : engine().run().model.network.parameters())
    numbers += 2 * parameter.value().size();
  next_publication_ =
      Clock::now() + std::max<Clock::duration>({kPublishEvery, Clock::now() - begin, numbers * kPerNumber});
}

void PlaygroundSession::go_on() {
  if (!playing_) return;
  try {
    const auto end = Clock::now() + kSlice;
    while (Clock::now() < end && !ending_) {
      if (steps_per_second_ > 0 && Clock::now() < next_step_) {
        std::this_thread::sleep_until(std::min(end, next_step_));
        continue;
      }
      engine().step();
      if (steps_per_second_ > 0)
        next_step_ += std::chrono::duration_cast<Clock::duration>(Milliseconds(1000 / steps_per_second_));
    }
    if (Clock::now() >= next_publication_) publish();
  } catch (const std::exception& error) {
    playing_ = false;
    listeners_.send("problem", {{"error", error.what()}, {"code", "diverged"}});
    return;
  }
  if (!worker_.post([this] { go_on(); })) playing_ = false;
}

}  // namespace gradus::board
