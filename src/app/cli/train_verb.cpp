// gradus train: reads the settings, trains, shows how it goes.
#include <nlohmann/json.hpp>

#include "app/cli/company.h"
#include "app/cli/config_flags.h"
#include "app/cli/dump.h"
#include "app/cli/profile_text.h"
#include "app/cli/stop.h"
#include "app/cli/train_view.h"
#include "app/cli/verb.h"
#include "app/report/write.h"
#include "base/check.h"
#include "base/file.h"

namespace gradus::cli {
namespace {

class Train : public Verb {
 public:
  void define(Arguments& arguments) override {
    arguments.optional_positional(file_, "RUN.toml", "settings; flags win over them");
    flags_.define(arguments);
    view_.define(arguments);
    arguments.optional_value(
        dump_graph_,
        {"--dump-graph", "[=after:PASS]", "print the graph of a step and stop", "", dump_choices()}, "start");
    arguments.flag(dump_program_, "--dump-program", "print the compiled program of a step and stop");
    arguments.optional_value(
        profile_, {"--profile", "[=FILE]", "time the instructions of a step and stop; FILE: a trace"}, "");
    arguments.example("gradus train --data fashion-mnist --epochs 5 --out runs/first");
    arguments.example("gradus train --data csv:iris.csv --val-split 0.2 --optimizer sgd --lr 0.1 --json");
    arguments.example("gradus train runs/first/run.toml --epochs 20 --out runs/longer");
    arguments.example("gradus train --out runs/first --resume");
  }

  int run(const Terminal& terminal) override {
    train::RunConfig config = file_ ? train::read_config(*file_) : train::RunConfig();
    flags_.apply(config);
    if (dump_graph_ || dump_program_) {
      require(Fault::usage, !view_.json, "--json: a dump is text. Leave --json or the dump out.");
      write_output(dump_graph_ ? graph_text(config, *dump_graph_) : program_text(config));
      return 0;
    }
    if (profile_) {
      require(Fault::usage, !view_.json, "--json: a profile is text. Leave --json or --profile out.");
      const train::StepProfile profile = train::profile_step(config);
      if (!profile_->empty()) write_file(*profile_, profile.trace);
      write_output(profile_text("training step", profile));
      return 0;
    }
    return with_ranks(terminal, [&](Communicator* ranks) { return train_and_show(config, terminal, ranks); });
  }

 private:
  int train_and_show(const train::RunConfig& config, const Terminal& terminal, Communicator* ranks) const {
    const StopOnSignal stop;
    if (ranks != nullptr && ranks->rank() > 0) {  // rank 0 tells and writes
      const train::TrainResult result = train::train(config, {}, &stop.flag(), nullptr, ranks);
      return result.interrupted ? kInterruptedExit : 0;
    }
    train::TrainResult result;
    {
      TrainView view(terminal, view_.quiet);
      result = train_and_report(config, view.events(), stop.flag(), ranks);
    }
    if (result.interrupted) {
      write_message(interrupted_text(result));
      return kInterruptedExit;
    }
    const std::string text = result.dry_run ? "" : result_text(result);
    if (view_.json)
      write_output(result_json(result).dump() + "\n");
    else
      write_output(text);
    if (view_.json && !text.empty()) view_.note(text.substr(0, text.size() - 1));
    const std::string next = next_text(result);
    if (!next.empty()) view_.note(next);
    return 0;
  }

  // The run is as good without its report: where that fails, a note says so.
  static void report_on(const std::string& dir, const train::Prepared* run, const train::Events& events) {
    try {
      const report::Written written = report::write(report::gather(dir, run));
      if (events.note) events.note(fmt::format("report: {}", written.page.string()));
    } catch (const std::exception& error) {
      if (events.note) events.note(fmt::format("the report could not be written: {}", error.what()));
    }
  }

  // With a report at the end of a run that is saved, also of one that diverged.
  static train::TrainResult train_and_report(const train::RunConfig& config, train::Events events,
                                             const std::atomic<bool>& stop, Communicator* ranks) {
    const auto train = [&] { return train::train(config, events, &stop, nullptr, ranks); };
    if (config.out.empty() || config.no_report) return train();
    const train::Events told = events;
    events.trained = [&](const train::Prepared& run, const train::TrainResult&) {
      report_on(config.out, &run, told);
    };
    try {
      return train();
    } catch (const Error& error) {
      if (error.fault() == Fault::diverged) report_on(config.out, nullptr, told);
      throw;
    }
  }

  static std::string interrupted_text(const train::TrainResult& result) {
    if (result.out.empty())
      return fmt::format("Interrupted after step {}; nothing was saved.\n", result.steps);
    const bool all = result.saved_step == result.steps;
    return fmt::format("Interrupted after step {}, {}. Go on with: gradus train --out {} --resume\n",
                       result.steps, all ? "saved" : fmt::format("saved up to step {}", *result.saved_step),
                       result.out);
  }

  // What to do next; "" where the run itself has said all.
  static std::string next_text(const train::TrainResult& result) {
    if (result.dry_run) return "Dry run: all is well, nothing was created.";
    if (result.already_finished) return "";
    std::string text;
    if (result.stopped_early) text = "Stopped early: the validation loss no longer fell.\n";
    if (result.best_epoch) text += fmt::format("The weights of epoch {} were kept.\n", *result.best_epoch);
    if (!result.out.empty()) text += fmt::format("Next: gradus eval {}\n", result.out);
    return text.substr(0, text.find_last_not_of('\n') + 1);
  }

  std::optional<std::string> file_, dump_graph_, profile_;
  bool dump_program_ = false;
  ConfigFlags flags_;
  View view_;
};

}  // namespace

std::unique_ptr<Verb> make_train_verb() { return std::make_unique<Train>(); }

}  // namespace gradus::cli
