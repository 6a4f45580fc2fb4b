// Orders to a run: what they change, what they leave alone, and where they come from.
#include "gradus/control.h"

#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "gradus/error.h"
#include "support/temporary_folder.h"
#include "train/runs.h"

namespace gradus::train {
namespace {

namespace fs = std::filesystem;

RunConfig short_run(const fs::path& out) {
  RunConfig config;
  config.data = "make_moons:n_samples=64,noise=0.1";
  config.model = "mlp";
  config.epochs = 4;
  config.batch_size = 16;  // 4 steps an epoch
  config.optimizer = "sgd";
  config.lr = 0.1;
  config.threads = 1;
  config.log_every = 1;
  config.out = out.string();
  return config;
}

std::vector<std::string> lines_with(const fs::path& file, const std::string& part) {
  std::vector<std::string> found;
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) {
    if (line.find(part) != std::string::npos) found.push_back(line);
  }
  return found;
}

// Rates of all steps, with orders given before the step after `step`.
std::vector<double> rates(RunConfig config, std::int64_t step, const std::function<void(Control&)>& orders) {
  std::vector<double> found;
  Control control;
  Events events;
  events.step_interval_ms = 0;
  events.step = [&](const StepEvent& event) {
    found.push_back(event.lr);
    if (event.step == step) orders(control);
  };
  train(config, events, nullptr, &control);
  return found;
}

TEST(Control, AnotherRateScalesTheSchedule) {
  const TemporaryFolder folder;
  RunConfig config = short_run(folder / "run");
  config.schedule = "step:every=2,factor=0.5";
  const std::vector<double> found = rates(config, 5, [](Control& control) { control.set_lr(0.4); });
  EXPECT_DOUBLE_EQ(found[4], 0.1);
  EXPECT_DOUBLE_EQ(found[5], 0.4);
  EXPECT_DOUBLE_EQ(found[8], 0.2);  // the third epoch halves it
  EXPECT_EQ(lines_with(folder / "run" / "history.jsonl", "\"order\""),
            std::vector<std::string>{R"({"type":"order","step":5,"order":"lr","lr":0.4})"});
}

TEST(Control, AnOrderedRateSurvivesAResume) {
  const TemporaryFolder folder;
  const RunConfig config = short_run(folder / "run");
  rates(config, 6, [](Control& control) {
    control.set_lr(0.3);
    control.stop();
  });
  RunConfig again = config;
  again.resume = true;
  const std::vector<double> found = rates(again, 0, [](Control&) {});
  ASSERT_EQ(found.size(), 10u);
  EXPECT_DOUBLE_EQ(found.front(), 0.3);
}

TEST(Control, PausesAndGoesOnWithTheSameBits) {
  const TemporaryFolder folder;
  train(short_run(folder / "whole"));
  Control control;
  Events events;
  events.step_interval_ms = 0;
  std::thread other;
  events.step = [&](const StepEvent& event) {
    if (event.step == 3) control.pause();
  };
  std::vector<Order::Kind> taken;
  events.order = [&](const OrderEvent& event) {
    taken.push_back(event.order.kind);
    EXPECT_EQ(event.step, 3);
    if (event.order.kind == Order::pause) other = std::thread([&] { control.go_on(); });
  };
  train(short_run(folder / "paused"), events, nullptr, &control);
  other.join();
  EXPECT_EQ(taken, (std::vector<Order::Kind>{Order::pause, Order::go_on}));
  EXPECT_EQ(read_text(folder / "whole" / "model.safetensors"),
            read_text(folder / "paused" / "model.safetensors"));
}

TEST(Control, StopsAPausedRunAndSaves) {
  const TemporaryFolder folder;
  Control control;
  control.pause();
  control.stop();
  const TrainResult result = train(short_run(folder / "run"), {}, nullptr, &control);
  EXPECT_TRUE(result.interrupted);
  EXPECT_EQ(result.steps, 0);
  EXPECT_TRUE(fs::exists(folder / "run" / "checkpoints"));
}

TEST(Control, TakesOrdersFromTheFileButNotThoseOfAnEarlierRun) {
  const TemporaryFolder folder;
  const fs::path dir = folder / "run";
  fs::create_directories(dir);
  send_order(dir, {.kind = Order::stop});
  Events events;
  events.start = [&](const StartEvent&) { EXPECT_FALSE(is_training(dir)); };
  events.step_interval_ms = 0;
  events.step = [&](const StepEvent& event) {
    if (event.step != 2) return;
    EXPECT_TRUE(is_training(dir));
    std::ofstream(dir / "control.jsonl", std::ios::app) << "nonsense\n";
    send_order(dir, {.kind = Order::set_lr, .lr = 0.05});
    send_order(dir, {.kind = Order::stop});
  };
  RunConfig config = short_run(dir);
  config.epochs = 1'000'000;  // until the order comes
  const TrainResult result = train(config, events);
  EXPECT_TRUE(result.interrupted);
  EXPECT_GE(result.steps, 2);
  EXPECT_FALSE(is_training(dir));
  EXPECT_EQ(lines_with(dir / "history.jsonl", "\"type\":\"order\"").size(), 2u);
  EXPECT_EQ(lines_with(dir / "history.jsonl", "\"cause\":\"stopped\"").size(), 1u);
}

TEST(Control, TellsThoseWhoAskWhatItDoes) {
  const TemporaryFolder folder;
  const fs::path dir = folder / "run";
  fs::create_directories(dir);
  ask_for_live(dir);
  std::size_t lines = 0;
  Events events;
  events.step_interval_ms = 0;
  events.step = [&](const StepEvent& event) {
    if (event.step > 1) lines = lines_with(dir / "live.jsonl", "\"total_steps\":16").size();
  };
  train(short_run(dir), events);
  EXPECT_GE(lines, 1u);
  EXPECT_FALSE(fs::exists(dir / "live.jsonl"));
}

TEST(Control, OrdersAreReadStrictly) {
  EXPECT_EQ(parse_order(R"({"order":"resume"})").kind, Order::go_on);
  EXPECT_EQ(to_json(parse_order(R"({"order":"lr","lr":0.25})")), R"({"order":"lr","lr":0.25})");
  for (const char* text : {"", "[]", R"({"order":"restart"})", R"({"order":"lr"})",
                           R"({"order":"lr","lr":-1})", R"({"order":"lr","lr":"1"})", R"({"order":7})"})
    EXPECT_THROW(parse_order(text), Error) << text;
}

}  // namespace
}  // namespace gradus::train
