// A run's folder: who may write to it, and its run.toml and history.jsonl.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

#include "base/file.h"
#include "base/file_lock.h"
#include "gradus/train.h"
#include "train/listener.h"

namespace gradus::train {

// The settings saved with a run. Fault::model: no run.toml, or one that cannot be read.
RunConfig saved_config(const std::filesystem::path& dir);

// The result a finished run ended with; none for other folders. Fault::model: a damaged history.
std::optional<TrainResult> finished_result(const std::filesystem::path& dir);

// The settings to go on with: those saved, with what was given beside --resume. Keys that change what is
// computed may only be repeated (Fault::usage); how far a run goes and what it reports may change. Without a
// saved run: the given ones.
RunConfig resumed_config(const RunConfig& given);
// What of two runs differs that changes what they compute: the first such key, or "the model". How far a run
// goes and what it reports do not count.
std::optional<std::string> first_difference(const RunConfig& a, const RunConfig& b);
// Refuses (Fault::usage) repeated settings that differ from the saved ones once both are resolved.
void require_same(const RunConfig& saved, const RunConfig& resolved);

// Refuses (Fault::output) a folder that holds a run.
void require_free(const std::filesystem::path& dir);
// Refuses (Fault::output), as far as that can be known before, a folder that cannot be made or written to:
// files where it needs folders and the reverse, no permission.
void require_writable(const std::filesystem::path& dir);

// A step as live.jsonl has it: its line of history.jsonl, with how far the run is.
std::string live_line(const StepEvent& event);

// history.jsonl: one JSON object a line. Lines reach the file at sync(), and 100 ms after the last ones did.
// What cannot be written waits, and sync() says why.
class History final : public Listener {
 public:
  // Starts anew; or, with `upto_step`, goes on after the lines of that step, dropping later ones. Steps get
  // a line every `log_every` (0: none).
  explicit History(const std::filesystem::path& dir, std::optional<std::int64_t> upto_step = {},
                   std::int64_t log_every = 0);

  // Once, unless a run goes on to another end, or somewhere else.
  void start(const StartEvent& event) override;
  bool wants_step(std::int64_t step, bool) const override { return log_every_ > 0 && step % log_every_ == 0; }
  void step(const StepEvent& event) override;
  void epoch(const EpochEvent& event) override;
  bool wants_probes() const override { return true; }
  void probe(const ProbeEvent& event) override;
  void health(const HealthEvent& event) override;
  void finding(const Finding& finding) override;
  void order(const OrderEvent& event) override;
  void not_finite(const NotFiniteEvent& event) override;
  void finish(const TrainResult& result) override;  // marks the run as finished
  void end(const RunEnd& end) override;
  void sync();  // any thread may call it

 private:
  using Clock = std::chrono::steady_clock;

  void write(const std::string& line);
  void flush();

  const std::int64_t log_every_;
  std::optional<GrowingFile> file_;
  std::optional<FileLock> lock_;  // says that the run goes on
  Clock::time_point flushed_;     // by write()
  std::string known_plan_;        // of the start line kept
};

}  // namespace gradus::train
