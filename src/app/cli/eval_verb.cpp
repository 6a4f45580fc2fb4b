// gradus eval: loss, accuracy and confusion of a trained model.
#include <nlohmann/json.hpp>

#include "app/cli/text.h"
#include "app/cli/verb.h"
#include "base/check.h"
#include "gradus/train.h"

namespace gradus::cli {
namespace {

constexpr std::size_t kMaxShownClasses = 20;

const char* part_name(train::Part part) {
  switch (part) {
    case train::Part::train:
      return "train";
    case train::Part::val:
      return "val";
    case train::Part::test:
      return "test";
    case train::Part::all:
      return "all";
  }
  return "";
}

std::string class_name(const train::EvalResult& result, std::size_t index) {
  return index < result.class_names.size() ? result.class_names[index] : std::to_string(index);
}

// A row per true class, a column per predicted one.
std::string confusion_table(const train::EvalResult& result) {
  std::vector<TextTable::Column> columns = {{"true \\ predicted"}};
  for (std::size_t k = 0; k < result.confusion.size(); ++k) {
    columns.push_back({class_name(result, k), TextTable::Align::right});
  }
  columns.push_back({"recall", TextTable::Align::right});
  TextTable table(columns);
  for (std::size_t k = 0; k < result.confusion.size(); ++k) {
    std::vector<std::string> cells = {class_name(result, k)};
    std::int64_t total = 0;
    for (const std::int64_t count : result.confusion[k]) {
      cells.push_back(grouped(count));
      total += count;
    }
    const double right = static_cast<double>(result.confusion[k][k]);
    cells.push_back(total > 0 ? share(right / static_cast<double>(total)) : "-");
    table.row(std::move(cells));
  }
  return table.str();
}

class Eval : public Verb {
 public:
  void define(Arguments& arguments) override {
    arguments.positional(dir_, "DIR", "A run folder");
    arguments.group("Data");
    arguments.value(data_, {"--data", "SPEC", "other data to evaluate on", "the run's own"});
    arguments.value(split_, {"--split", "PART", "train, val, test or all", "test if there is one"});
    arguments.group("Execution");
    arguments.value(threads_, {"--threads", "N", "threads to use", "all"});
    view_.define(arguments);
    arguments.example("gradus eval runs/first");
    arguments.example("gradus eval runs/iris --data csv:new.csv --split all --json");
  }

  int run(const Terminal&) override {
    train::EvalOptions options;
    options.data = data_.value_or("");
    if (split_) options.part = train::parse_part(*split_);
    options.threads = thread_count(threads_);
    const train::EvalResult result = train::evaluate(dir_, options);
    write_output(view_.json ? json(result) : text(result));
    return 0;
  }

 private:
  static std::string json(const train::EvalResult& result) {
    using Json = nlohmann::ordered_json;
    const train::Scores& scores = result.scores;
    return Json{{"loss", scores.loss},
                {"accuracy", scores.accuracy ? Json(*scores.accuracy) : Json()},
                {"n", scores.n},
                {"confusion", result.confusion.empty() ? Json() : Json(result.confusion)}}
               .dump() +
           "\n";
  }

  static std::string text(const train::EvalResult& result) {
    const train::Scores& scores = result.scores;
    std::string out = fmt::format("{}: {} examples, loss {}", part_name(result.part), grouped(scores.n),
                                  measure(scores.loss));
    if (scores.accuracy) out += fmt::format(", accuracy {}", share(*scores.accuracy));
    out += "\n";
    const std::size_t classes = result.confusion.size();
    if (classes > 0 && classes <= kMaxShownClasses) out += fmt::format("\n{}", confusion_table(result));
    if (classes > kMaxShownClasses)
      out += fmt::format("{} classes: the confusion table is in --json.\n", classes);
    return out;
  }

  std::string dir_;
  std::optional<std::string> data_, split_, threads_;
  View view_;
};

}  // namespace

std::unique_ptr<Verb> make_eval_verb() { return std::make_unique<Eval>(); }

}  // namespace gradus::cli
