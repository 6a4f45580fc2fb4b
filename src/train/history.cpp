// history.jsonl written.
#include "base/check.h"
#include "base/file.h"
#include "train/health/record.h"
#include "train/history_json.h"
#include "train/read_history.h"
#include "train/run_folder.h"

namespace gradus::train {

namespace {

namespace fs = std::filesystem;
using Json = HistoryJson;

constexpr std::chrono::milliseconds kFlushEvery(100);

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json scores(const std::optional<Scores>& s) {
  if (!s) return nullptr;
  return {{"loss", number(s->loss)},
          {"accuracy", s->accuracy ? number(*s->accuracy) : Json(nullptr)},
          {"n", s->n}};
}

Json spread(const Spread& s) {
  return {{"mean", number(s.mean)},
          {"std", number(s.std)},
          {"p15", number(s.p15)},
          {"p50", number(s.p50)},
          {"p85", number(s.p85)}};
}

Json step_json(const StepEvent& e) {
  return {{"type", "step"},
          {"step", e.step},
          {"epoch", e.epoch},
          {"loss", number(e.loss)},
          {"smoothed_loss", number(e.smoothed_loss)},
          {"accuracy", json_or_null(e.accuracy)},
          {"lr", number(e.lr)},
          {"seconds", number(e.seconds)},
          {"samples_per_s", number(e.samples_per_s)}};
}

// What another start line is written for.
std::string plan_of(const Json& start) {
  const auto environment = start.find("environment");
  return fmt::format("{} {}", start.value("total_steps", std::int64_t{-1}),
                     environment == start.end() ? "" : environment->dump());
}

}  // namespace

std::string live_line(const StepEvent& e) {
  Json json = step_json(e);
  json["total_steps"] = e.total_steps;
  json["total_epochs"] = e.total_epochs;
  json["eta_seconds"] = number(e.eta_seconds);
  return json.dump();
}

History::History(const fs::path& dir, std::optional<std::int64_t> upto_step, std::int64_t log_every)
    : log_every_(log_every) {
  const fs::path path = dir / "history.jsonl";
  std::string kept;
  if (upto_step) {
    for (const std::string& line : history_lines(dir)) {
      const Json json = Json::parse(line, nullptr, false);
      if (!json.is_object()) break;  // half a line
      const std::string type = json.value("type", "finish");
      if (type == "finish" || type == "end") continue;
      // These are told before the update of that number, others after it.
      const bool looks_ahead = type == "health" || type == "probe";
      const std::int64_t step = json.value("step", *upto_step + 1) + (looks_ahead ? 1 : 0);
      if (step > *upto_step) break;  // what follows came later, whatever step it names
      kept += line + '\n';
      if (type == "start") known_plan_ = plan_of(json);
    }
  }
  write_file(path, kept);
  file_.emplace(path);
  lock_.emplace(path);
}

void History::start(const StartEvent& e) {
  Json layers = Json::array();
  for (const nn::SummaryRow& row : e.layers) {
    layers.push_back({{"path", row.path},
                      {"kind", row.kind},
                      {"output", row.output.list()},
                      {"parameters", row.parameters},
                      {"flops", row.flops}});
  }
  Json line{{"type", "start"},
            {"step", e.resumed_from_step},
            {"total_steps", e.total_steps},
            {"total_epochs", e.total_epochs},
            {"steps_per_epoch", e.steps_per_epoch},
            {"batch_size", e.batch_size},
            {"parameters", e.parameters},
            {"trainable_parameters", e.trainable_parameters},
            {"examples", {{"train", e.train_examples}, {"val", e.val_examples}, {"test", e.test_examples}}},
            {"input", e.input.list()},
            {"flops_per_step", e.flops_per_step},
            {"memory_bytes", e.memory_bytes},
            {"environment", json_of(environment_of(e.config))},
            {"layers", layers}};
  if (plan_of(line) == known_plan_) return;
  write(line.dump());
  flush();
}

void History::step(const StepEvent& e) { write(step_json(e).dump()); }

void History::epoch(const EpochEvent& e) {
  write(Json{{"type", "epoch"},
             {"epoch", e.epoch},
             {"step", e.step},
             {"train", scores(e.train)},
             {"val", scores(e.val)},
             {"best", e.best},
             {"lr", number(e.lr)},
             {"seconds", number(e.seconds)},
             {"samples_per_s", number(e.samples_per_s)}}
            .dump());
}

void History::probe(const ProbeEvent& e) {
  Json layers = Json::array(), parameters = Json::array();
  for (const LayerProbe& layer : e.layers) {
    layers.push_back({{"path", layer.path},
                      {"kind", layer.kind},
                      {"output", spread(layer.output)},
                      {"unit", spread(layer.unit)},
                      {"gradient", spread(layer.gradient)}});
  }
  for (const ParameterProbe& parameter : e.parameters) {
    parameters.push_back({{"name", parameter.name},
                          {"norm", number(parameter.norm)},
                          {"gradient_norm", number(parameter.gradient_norm)}});
  }
  write(Json{{"type", "probe"}, {"step", e.step}, {"layers", layers}, {"parameters", parameters}}.dump());
}

void History::health(const HealthEvent& e) { write(json_of(e).dump()); }
void History::finding(const Finding& f) { write(json_of(f).dump()); }
void History::order(const OrderEvent& e) {
  Json json{{"type", "order"}, {"step", e.step}, {"order", name_of(e.order.kind)}};
  if (e.order.kind == Order::set_lr) json["lr"] = e.order.lr;
  write(json.dump());
  flush();
}

void History::not_finite(const NotFiniteEvent& e) {
  write(Json{{"type", "not_finite"},
             {"step", e.step},
             {"cause", e.cause},
             {"did", e.did},
             {"back_to", e.back_to},
             {"lr", number(e.lr)}}
            .dump());
}

void History::finish(const TrainResult& r) {
  write(Json{{"type", "finish"},
             {"train", scores(r.train)},
             {"val", scores(r.val)},
             {"test", scores(r.test)},
             {"steps", r.steps},
             {"epochs", r.epochs},
             {"seconds", r.seconds},
             {"samples_per_s", number(r.samples_per_s)},
             {"parameters", r.parameters},
             {"ranks", r.ranks},
             {"resumed_from_step", json_or_null(r.resumed_from_step)},
             {"stopped_early", r.stopped_early},
             {"best_epoch", json_or_null(r.best_epoch)}}
            .dump());
  sync();
}

void History::end(const RunEnd& e) {
  write(json_of(e).dump());
  flush();
}

void History::write(const std::string& line) {
  const std::string whole = line + '\n';
  file_->write(std::as_bytes(std::span(whole)));
  const Clock::time_point now = Clock::now();
  if (now - flushed_ < kFlushEvery) return;
  flush();
  flushed_ = now;
}

void History::flush() {
  try {
    file_->flush();
  } catch (const Error&) {  // sync() meets it again
  }
}

void History::sync() { file_->sync(); }

}  // namespace gradus::train
