// gradus tune: search over settings.
#include <cmath>
#include <nlohmann/json.hpp>

#include "app/cli/config_flags.h"
#include "app/cli/stop.h"
#include "app/cli/verb.h"
#include "base/check.h"
#include "base/text.h"
#include "gradus/search.h"

namespace gradus::cli {
namespace {

using Json = nlohmann::ordered_json;

// As a shell takes it.
std::string quoted(const std::string& word) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=.,:/+@%";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

class Tune : public Verb {
 public:
  void define(Arguments& arguments) override {
    arguments.optional_positional(file_, "RUN.toml", "settings of all trials; flags win over them");
    arguments.group("Search");
    arguments.values(grid_, {"--grid", "KEY=A,B,...", "try each of these values, in all combinations"});
    arguments.values(random_, {"--random", "KEY=SCALE:A..B",
                               "draw values: uniform, log, int or logint, or of a list A,B,..."});
    arguments.value(trials_, {"--trials", "N", "draws of --random", "10"});
    arguments.value(folds_, {"--folds", "K", "train each trial K times, each K-th part held out in turn"});
    arguments.value(by_, {"--by",
                          "NAME",
                          "loss or accuracy, of the validation part: what is best",
                          "loss",
                          {"loss", "accuracy"}});
    flags_.define(arguments);
    view_.define(arguments);
    arguments.example("gradus tune run.toml --grid lr=0.1,0.01 --grid optimizer=sgd,adam --out trials");
    arguments.example("gradus tune --data csv:iris.csv --random lr=log:1e-4..1e-1 --trials 20 --folds 5");
  }

  int run(const Terminal&) override {
    train::RunConfig base = file_ ? train::read_config(*file_) : train::RunConfig();
    flags_.apply(base);
    require(
        Fault::usage, !base.dry_run && !base.resume,
        "tune: --dry-run and --resume are of single runs; finished trials in --out are not repeated anyway. "
        "Leave them out.");
    train::SearchOptions options = this->options();
    options.out = std::exchange(base.out, "");
    const StopOnSignal stop;
    const std::size_t planned = train::plan_trials(options, base.seed).size();
    std::size_t ended = 0;
    const auto told = [&](const train::Trial& trial) {
      view_.note(fmt::format("{}/{}  {}  {}", ++ended, planned, trial.name, scores(trial)));
    };
    const train::SearchResult result = train::search(base, options, told, &stop.flag());
    if (result.interrupted) {
      write_message(fmt::format("Interrupted after {} of {} trials{}.\n", result.trials.size(), planned,
                                options.out.empty() ? "" : "; the same command goes on"));
      return kInterruptedExit;
    }
    const std::string command =
        result.trials[0].fault.empty() ? command_for(base, result.trials[0], options) : "";
    write_output(view_.json ? json(result, command) : text(result, options, command));
    return 0;
  }

 private:
  train::SearchOptions options() const {
    train::SearchOptions options;
    for (const std::string& text : grid_) options.grid.push_back(train::parse_grid(text));
    for (const std::string& text : random_) options.random.push_back(train::parse_random(text));
    options.trials = trials_ ? whole_number("--trials", *trials_, 1, 100000) : random_.empty() ? 1 : 10;
    if (folds_) options.folds = whole_number("--folds", *folds_, 2, 1000);
    require(Fault::usage, !by_ || *by_ == "loss" || *by_ == "accuracy",
            "--by: loss or accuracy was needed, '{}' was given.", by_.value_or(""));
    options.by_accuracy = by_ && *by_ == "accuracy";
    return options;
  }

  static std::string scores(const train::Trial& trial) {
    if (!trial.fault.empty()) return trial.fault;
    std::string text = "val loss " + measure(*trial.loss);
    if (trial.accuracy) text += "  accuracy " + share(*trial.accuracy);
    return text + "  " + duration(trial.seconds);
  }

  // What trains with a trial's settings: the file and the flags of this call, and the trial's own.
  std::string command_for(const train::RunConfig& base, const train::Trial& trial,
                          const train::SearchOptions& options) const {
    std::string command = "gradus train";
    if (file_) command += " " + quoted(*file_);
    const auto add = [&](const std::string& key, const std::string& value) {
      command += fmt::format(" {} {}", train::find_key(key).flag, quoted(value));
    };
    for (const train::ConfigKey& key : train::config_keys()) {
      const auto given = base.given.find(key.name);
      bool searched = false;
      for (const auto& [name, value] : trial.settings) searched = searched || name == key.name;
      if (given == base.given.end() || !given->second.starts_with("--") || !key.saved || searched) continue;
      if (key.type == train::ConfigKey::boolean)
        command += " " + key.flag;
      else
        add(key.name, std::visit([](const auto& v) { return fmt::format("{}", v); }, *key.get(base)));
    }
    for (const auto& [name, value] : trial.settings) {
      if (train::find_key(name).type != train::ConfigKey::boolean)
        add(name, value);
      else if (value == "true")
        command += " " + train::find_key(name).flag;
    }
    return command + " --out " + quoted(options.out.empty() ? "runs/best" : options.out + "/best");
  }

  static Json number(const std::optional<double>& value) {
    return value && std::isfinite(*value) ? Json(*value) : Json();
  }

  static std::string json(const train::SearchResult& result, const std::string& command) {
    Json trials = Json::array();
    for (const train::Trial& trial : result.trials) {
      Json settings = Json::object();
      for (const auto& [key, value] : trial.settings) settings[key] = value;
      trials.push_back({{"name", trial.name},
                        {"settings", settings},
                        {"val", {{"loss", number(trial.loss)}, {"accuracy", number(trial.accuracy)}}},
                        {"loss_std", trial.loss_std},
                        {"seconds", trial.seconds},
                        {"folders", trial.folders},
                        {"fault", trial.fault.empty() ? Json() : Json(trial.fault)}});
    }
    return Json{{"trials", trials}, {"command", command.empty() ? Json() : Json(command)}}.dump() + "\n";
  }

  static std::string text(const train::SearchResult& result, const train::SearchOptions& options,
                          const std::string& command) {
    std::vector<TextTable::Column> columns;
    for (const auto& [key, value] : result.trials[0].settings) columns.push_back({key});
    columns.push_back({"val loss", TextTable::Align::right});
    if (options.folds > 0) columns.push_back({"+-", TextTable::Align::right});
    columns.push_back({"accuracy", TextTable::Align::right});
    columns.push_back({"time", TextTable::Align::right});
    TextTable table(columns);
    for (const train::Trial& trial : result.trials) {
      std::vector<std::string> cells;
      for (const auto& [key, value] : trial.settings) cells.push_back(value);
      cells.push_back(trial.loss ? measure(*trial.loss) : "diverged");
      if (options.folds > 0) cells.push_back(trial.loss ? measure(trial.loss_std) : "-");
      cells.push_back(trial.accuracy ? share(*trial.accuracy) : "-");
      cells.push_back(duration(trial.seconds));
      table.row(std::move(cells));
    }
    std::string out = table.str() + "\n";
    if (command.empty()) return out + "Every trial diverged. Take smaller learning rates.\n";
    out += fmt::format("best    {}\n", result.trials[0].name);
    for (const std::string& folder : result.trials[0].folders) out += fmt::format("saved   {}\n", folder);
    return out + fmt::format("train   {}\n", command);
  }

  std::optional<std::string> file_, trials_, folds_, by_;
  std::vector<std::string> grid_, random_;
  ConfigFlags flags_;
  View view_;
};

}  // namespace

std::unique_ptr<Verb> make_tune_verb() { return std::make_unique<Tune>(); }

}  // namespace gradus::cli
