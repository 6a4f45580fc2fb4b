// gradus lr-find: the learning-rate range test.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/cli/config_flags.h"
#include "app/cli/plot.h"
#include "app/cli/stop.h"
#include "app/cli/verb.h"
#include "base/call_text.h"
#include "base/check.h"
#include "base/file.h"
#include "base/text.h"
#include "gradus/search.h"

namespace gradus::cli {
namespace {

using Json = nlohmann::ordered_json;

// Settings that the test replaces, or that have no meaning in it.
constexpr const char* kLeftOut[] = {
    "lr",          "schedule",  "epochs",           "steps",          "patience",     "ema",    "out",
    "resume",      "dry_run",   "checkpoint_every", "probe",          "health_every", "shards", "log_every",
    "tensorboard", "no_report", "sync_batch_norm",  "shard_optimizer"};
constexpr std::size_t kShownRows = 20;

class LrFind : public Verb {
 public:
  void define(Arguments& arguments) override {
    arguments.optional_positional(file_, "RUN.toml", "settings; flags win over them");
    arguments.group("Test");
    arguments.value(low_, {"--low", "X", "learning rate of the first step", "1e-7"});
    arguments.value(high_, {"--high", "X", "learning rate of the last step", "10"});
    arguments.value(ramp_, {"--ramp", "N", "steps from the one to the other", "100"});
    arguments.value(csv_, {"--csv", "FILE", "write the points there, too"});
    std::vector<std::string> keys;
    for (const train::ConfigKey& key : train::config_keys())
      if (std::find(std::begin(kLeftOut), std::end(kLeftOut), key.name) == std::end(kLeftOut))
        keys.push_back(key.name);
    flags_.define(arguments, keys);
    view_.define(arguments);
    arguments.example("gradus lr-find --data fashion-mnist --model mlp --optimizer sgd");
    arguments.example("gradus lr-find runs/first/run.toml --low 1e-5 --high 1 --csv ramp.csv");
  }

  int run(const Terminal&) override {
    train::RunConfig config = file_ ? train::read_config(*file_) : train::RunConfig();
    flags_.apply(config);
    train::LrFindOptions options;
    if (low_) options.low = number("--low", *low_);
    if (high_) options.high = number("--high", *high_);
    if (ramp_) options.steps = whole_number("--ramp", *ramp_, 10, 1000000);
    const StopOnSignal stop;
    const train::LrFindResult result = train::find_learning_rate(config, options, {}, &stop.flag());
    if (csv_) write_file(*csv_, csv(result));
    write_output(view_.json ? json(result) : text(result));
    return stop.flag() ? kInterruptedExit : 0;
  }

 private:
  static double number(const char* flag, const std::string& text) {
    const std::optional<double> value = parse_number(text);
    require(Fault::usage, value && *value > 0, "{}: a number above 0 was needed, '{}' was given.", flag,
            text);
    return *value;
  }

  static Json optional(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

  static std::string json(const train::LrFindResult& result) {
    Json points = Json::array();
    for (const train::LrPoint& p : result.points)
      points.push_back({{"lr", p.lr}, {"loss", p.loss}, {"smoothed", p.smoothed}});
    return Json{{"suggestion", optional(result.steepest)},
                {"lowest", optional(result.lowest)},
                {"diverged", result.diverged},
                {"points", points}}
               .dump() +
           "\n";
  }

  static std::string csv(const train::LrFindResult& result) {
    std::string text = "lr,loss,smoothed\n";
    for (const train::LrPoint& p : result.points) text += fmt::format("{},{},{}\n", p.lr, p.loss, p.smoothed);
    return text;
  }

  static std::string text(const train::LrFindResult& result) {
    if (result.points.empty()) return "The loss was not finite at the first step. Take a lower --low.\n";
    std::vector<double> lrs, losses;
    double top = 0;  // of the part before the lowest point: what comes after may be huge
    for (const train::LrPoint& p : result.points) {
      if (p.lr <= *result.lowest) top = std::max(top, 1.25 * p.smoothed);
      lrs.push_back(p.lr);
      losses.push_back(std::min(p.smoothed, top));
    }
    PlotOptions options{.log_x = true, .marks = {}};
    if (result.steepest) options.marks.push_back(*result.steepest);
    std::string out = "smoothed loss over the learning rate\n" + plot(lrs, losses, options) + "\n";
    TextTable table({{"lr", TextTable::Align::right},
                     {"loss", TextTable::Align::right},
                     {"smoothed", TextTable::Align::right}});
    const std::size_t every = (result.points.size() + kShownRows - 1) / kShownRows;
    for (std::size_t i = every - 1; i < result.points.size(); i += every) {
      const train::LrPoint& p = result.points[i];
      table.row({measure(p.lr), measure(p.loss), measure(p.smoothed)});
    }
    out += table.str() + "\n";
    if (result.diverged)
      out += fmt::format("The loss began to grow beyond lr {}; the test ended there.\n", measure(lrs.back()));
    if (!result.steepest) return out + "The loss never fell: there is nothing to suggest.\n";
    return out + fmt::format("The loss fell fastest at lr {}, and was lowest at {}.\nSuggested: --lr {}\n",
                             measure(*result.steepest), measure(*result.lowest), measure(*result.steepest));
  }

  std::optional<std::string> file_, low_, high_, ramp_, csv_;
  ConfigFlags flags_;
  View view_;
};

}  // namespace

std::unique_ptr<Verb> make_lr_find_verb() { return std::make_unique<LrFind>(); }

}  // namespace gradus::cli
