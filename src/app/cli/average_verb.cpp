// gradus average: one model from the weights of several runs.
#include <nlohmann/json.hpp>

#include "app/cli/verb.h"
#include "base/check.h"
#include "base/text.h"
#include "gradus/train.h"

namespace gradus::cli {
namespace {

using Json = nlohmann::ordered_json;

class Average : public Verb {
 public:
  void define(Arguments& arguments) override {
    arguments.positionals(dirs_, "DIR...", "Run folders of one model");
    arguments.group("Model");
    arguments.value(out_, {"--out", "DIR", "folder of the new model"});
    arguments.value(statistics_,
                    {"--statistics",
                     "NAME",
                     "running statistics of batch normalization: recompute (over the training part "
                     "of the first run) or average",
                     "recompute",
                     {"recompute", "average"}});
    arguments.group("Execution");
    arguments.value(threads_, {"--threads", "N", "threads to use", "all"});
    view_.define(arguments);
    arguments.example("gradus average runs/a runs/b runs/c --out runs/mean");
  }

  int run(const Terminal&) override {
    require(Fault::usage, !statistics_ || *statistics_ == "recompute" || *statistics_ == "average",
            "--statistics: recompute or average was needed, '{}' was given.", statistics_.value_or(""));
    const train::AverageResult result =
        train::average({dirs_.begin(), dirs_.end()}, {.out = out_.value_or(""),
                                                      .recompute_statistics = statistics_ != "average",
                                                      .threads = thread_count(threads_)});
    if (view_.json) {
      write_output(Json{{"runs", result.runs},
                        {"recomputed", result.recomputed},
                        {"train", scores(result.train)},
                        {"val", scores(result.val)},
                        {"test", scores(result.test)},
                        {"out", *out_}}
                       .dump() +
                   "\n");
      return 0;
    }
    std::string text;
    const auto add = [&](const char* part, const std::optional<train::Scores>& s) {
      if (!s) return;
      text += fmt::format("{:<6}  loss {}", part, measure(s->loss));
      if (s->accuracy) text += fmt::format("  accuracy {}", share(*s->accuracy));
      text += "\n";
    };
    add("train", result.train);
    add("val", result.val);
    add("test", result.test);
    write_output(text + fmt::format("saved   {}\n", *out_));
    if (result.recomputed) view_.note("The running statistics were computed anew over the training part.");
    return 0;
  }

 private:
  static Json scores(const std::optional<train::Scores>& s) {
    if (!s) return nullptr;
    return {{"loss", s->loss}, {"accuracy", s->accuracy ? Json(*s->accuracy) : Json()}};
  }

  std::vector<std::string> dirs_;
  std::optional<std::string> out_, statistics_, threads_;
  View view_;
};

}  // namespace

std::unique_ptr<Verb> make_average_verb() { return std::make_unique<Average>(); }

}  // namespace gradus::cli
