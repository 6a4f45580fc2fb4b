#include "app/cli/train_view.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "app/cli/model_table.h"
#include "app/figures/sparkline.h"
#include "base/check.h"
#include "base/text.h"

namespace gradus::cli {
namespace {

using Json = nlohmann::ordered_json;

double monotonic_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::string setting(const train::RunConfig& config, const char* key) {
  const auto value = train::find_key(key).get(config);
  if (!value) return "";
  return std::visit(
      [](const auto& v) {
        using V = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<V, double>)
          return measure(v);
        else
          return fmt::format("{}", v);
      },
      *value);
}

// Settings that are worth a word in the plan, as "key value".
std::string settings_line(const train::StartEvent& event) {
  const train::RunConfig& config = event.config;
  std::string line = fmt::format("{}, lr {}", config.optimizer, setting(config, "lr"));
  if (config.optimizer == "least_squares") line = config.optimizer;
  for (const char* key :
       {"momentum", "weight_decay", "l1", "l2", "clip_norm", "clip_value", "max_norm", "ema"}) {
    const std::string value = setting(config, key);
    if (!value.empty() && value != "0") line += fmt::format(", {} {}", key, value);
  }
  if (config.schedule != "constant") line += fmt::format(", schedule {}", config.schedule);
  const std::string times = config.accumulate > 1 ? fmt::format(" x {}", config.accumulate) : "";
  line += fmt::format("; {}; batch {}{}, {} of {}", config.loss, grouped(event.batch_size), times,
                      counted(event.total_epochs, "epoch"), counted(event.steps_per_epoch, "step"));
  line += fmt::format("; {}, seed {}", config.precision, config.seed);
  return line;
}

Json scores_json(const std::optional<train::Scores>& scores) {
  if (!scores) return nullptr;
  return {{"loss", scores->loss}, {"accuracy", scores->accuracy ? Json(*scores->accuracy) : Json()}};
}

std::string scores_text(const train::Scores& scores, std::string_view prefix) {
  std::string text = fmt::format("{}loss {}", prefix, measure(scores.loss));
  if (scores.accuracy) text += fmt::format("  {}accuracy {}", prefix, share(*scores.accuracy));
  return text;
}

}  // namespace

std::string plan_text(const train::StartEvent& event) {
  std::string text = layer_table(event.layers) + "\n";
  std::string parts = fmt::format("{} training", grouped(event.train_examples));
  if (event.val_examples > 0) parts += fmt::format(", {} validation", grouped(event.val_examples));
  if (event.test_examples > 0) parts += fmt::format(", {} test", grouped(event.test_examples));
  text += fmt::format("data      {}: {} examples {} -> {}\n", event.config.data, parts, event.input.str(),
                      event.output.str());
  text += fmt::format("settings  {}\n", settings_line(event));
  text += fmt::format("cost      {} FLOPs a step, {} of memory\n",
                      brief(static_cast<double>(event.flops_per_step)),
                      bytes_text(static_cast<double>(event.memory_bytes)));
  if (event.resumed_from_step > 0)
    text += fmt::format("resumed   from step {}\n", grouped(event.resumed_from_step));
  for (const std::string& note : event.notes) text += fmt::format("note      {}\n", note);
  return text;
}

std::string epoch_line(const train::EpochEvent& event, const Terminal& terminal) {
  const std::string total = std::to_string(event.total_epochs);
  std::string line =
      fmt::format("epoch {:>{}}/{}  {}", event.epoch, total.size(), total, scores_text(event.train, ""));
  if (event.val) line += "  " + scores_text(*event.val, "val ");
  line += fmt::format("  {}  {}/s", duration(event.seconds), brief(event.samples_per_s));
  if (event.best && event.val) line += "  " + terminal.paint("best", Tone::good);
  return line;
}

std::string result_text(const train::TrainResult& result) {
  std::string text;
  const auto add = [&](const char* part, const std::optional<train::Scores>& scores) {
    if (scores) text += fmt::format("{:<6}  {}\n", part, scores_text(*scores, ""));
  };
  add("train", result.train);
  add("val", result.val);
  add("test", result.test);
  text += fmt::format("time    {}, {} steps", duration(result.seconds), grouped(result.steps));
  if (result.samples_per_s > 0) text += fmt::format(", {} examples/s", brief(result.samples_per_s));
  text += "\n";
  if (!result.out.empty()) text += fmt::format("saved   {}\n", result.out);
  return text;
}

std::string curve_text(const std::string& name, const std::vector<double>& losses, bool unicode) {
  constexpr std::size_t kColumns = 40;
  if (losses.size() < 2) return "";
  return fmt::format("{:<8}  {} {} {}\n", name, measure(losses.front()),
                     figures::sparkline(losses, kColumns, unicode), measure(losses.back()));
}

nlohmann::ordered_json result_json(const train::TrainResult& result) {
  return {{"train", scores_json(result.train)},
          {"val", scores_json(result.val)},
          {"test", scores_json(result.test)},
          {"steps", result.steps},
          {"seconds", result.seconds},
          {"samples_per_s", result.samples_per_s},
          {"parameters", result.parameters},
          {"ranks", result.ranks},
          {"resumed_from_step", result.resumed_from_step ? Json(*result.resumed_from_step) : Json()},
          {"out", result.out.empty() ? Json() : Json(result.out)}};
}

TrainView::TrainView(const Terminal& terminal, bool quiet)
    : terminal_(terminal),
      quiet_(quiet),
      bar_({.write = write_message,
            .now = monotonic_seconds,
            .columns = [this] { return terminal_.columns(); },
            .unicode = terminal.unicode}) {}

std::string order_line(const train::OrderEvent& event) {
  switch (event.order.kind) {
    case train::Order::pause:
      return fmt::format("paused    after step {}, by order; Ctrl-C saves and stops", grouped(event.step));
    case train::Order::go_on:
      return "resumed   by order";
    case train::Order::stop:
      return "stopping  by order";
    case train::Order::set_lr:
      return fmt::format("lr        {} from step {} on, by order", event.order.lr, grouped(event.step + 1));
  }
  return "";
}

void TrainView::permanent(const std::string& text) {
  bar_.clear();
  write_message(text + "\n");
}

void TrainView::warn(const std::string& text) {
  permanent(fmt::format("gradus: {} {}", terminal_.paint("warning:", Tone::bad), text));
}

void TrainView::end_epoch(const train::EpochEvent& event) {
  losses_.push_back(event.train.loss);
  if (event.val) val_losses_.push_back(event.val->loss);
  permanent(epoch_line(event, terminal_));
}

void TrainView::show_step(const train::StepEvent& event) {
  if (!bar_.due()) return;
  bar_.update({.label = fmt::format("epoch {}/{}", event.epoch, event.total_epochs),
               .done = std::min(event.step_in_epoch * batch_size_, examples_),
               .total = examples_,
               .rate = event.samples_per_s,
               .seconds_left = event.eta_seconds,
               .loss = event.loss,
               .smoothed = event.smoothed_loss,
               .accuracy = event.accuracy});
}

train::Events TrainView::events() {
  train::Events events;
  events.warning = [this](const std::string& text) { warn(text); };
  events.not_finite = [this](const train::NotFiniteEvent& event) { warn(event.str() + "."); };
  if (quiet_) return events;
  events.start = [this](const train::StartEvent& event) {
    batch_size_ = event.batch_size * event.config.accumulate;
    examples_ = event.train_examples;
    permanent(plan_text(event));
  };
  if (terminal_.redraws) events.step = [this](const train::StepEvent& event) { show_step(event); };
  events.epoch = [this](const train::EpochEvent& event) { end_epoch(event); };
  events.finish = [this](const train::TrainResult&) {
    bar_.clear();
    write_message(curve_text("loss", losses_, terminal_.unicode) +
                  curve_text("val loss", val_losses_, terminal_.unicode));
  };
  events.finding = [this](const train::Finding& finding) { permanent("health    " + finding.str()); };
  events.order = [this](const train::OrderEvent& event) { permanent(order_line(event)); };
  events.note = [this](const std::string& note) { permanent("note      " + note); };
  return events;
}

}  // namespace gradus::cli
