// What a training run shows while it goes on: the plan, a progress bar, a line for each epoch, the result.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "app/cli/progress_bar.h"
#include "app/cli/terminal.h"
#include "gradus/train.h"

namespace gradus::cli {

// The plan of a run: the layers, the data, the settings.
std::string plan_text(const train::StartEvent& event);
// "epoch  3/20  loss 0.3121  accuracy 91.20 %  val loss 0.3304  ...".
std::string epoch_line(const train::EpochEvent& event, const Terminal& terminal);
// "paused    after step 1,200, by order".
std::string order_line(const train::OrderEvent& event);
// A line for each part's scores, one for the effort, one for the files.
std::string result_text(const train::TrainResult& result);
// "loss      2.301 ▇▅▃▂▁ 0.1204": from epoch to epoch. "" for fewer than two.
std::string curve_text(const std::string& name, const std::vector<double>& losses, bool unicode);
// The object of `train --json`.
nlohmann::ordered_json result_json(const train::TrainResult& result);

// Writes to standard error while a run goes on; only warnings when quiet. It must outlive the run.
class TrainView {
 public:
  TrainView(const Terminal& terminal, bool quiet);
  ~TrainView() { bar_.clear(); }
  TrainView(const TrainView&) = delete;
  TrainView& operator=(const TrainView&) = delete;

  train::Events events();

 private:
  void permanent(const std::string& text);
  void warn(const std::string& text);
  void end_epoch(const train::EpochEvent& event);
  void show_step(const train::StepEvent& event);

  Terminal terminal_;
  bool quiet_;
  std::int64_t batch_size_ = 0, examples_ = 0;
  std::vector<double> losses_, val_losses_;  // of the epochs so far
  ProgressBar bar_;
};

}  // namespace gradus::cli
