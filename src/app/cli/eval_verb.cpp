// gradus eval: loss, metrics and confusion of a trained model.
#include <nlohmann/json.hpp>

#include "app/cli/choices.h"
#include "app/cli/verb.h"
#include "base/check.h"
#include "base/text.h"
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
  TextTable table(columns);
  for (std::size_t k = 0; k < result.confusion.size(); ++k) {
    std::vector<std::string> cells = {class_name(result, k)};
    for (const std::int64_t count : result.confusion[k]) cells.push_back(grouped(count));
    table.row(std::move(cells));
  }
  return table.str();
}

// What divides by 0 is not shown as a number.
std::string share_of(double value, std::int64_t whole) { return whole > 0 ? share(value) : "-"; }

// A row per class, and the means.
std::string class_table(const train::EvalResult& result) {
  const metrics::ClassReport& report = *result.report;
  const auto right = TextTable::Align::right;
  TextTable table({{"class"}, {"precision", right}, {"recall", right}, {"F1", right}, {"examples", right}});
  std::int64_t total = 0;
  for (std::size_t k = 0; k < report.classes.size(); ++k) {
    const metrics::ClassScores& c = report.classes[k];
    table.row({class_name(result, k), share_of(c.precision, c.predicted), share_of(c.recall, c.support),
               share_of(c.f1, c.predicted + c.support), grouped(c.support)});
    total += c.support;
  }
  table.rule();
  const auto mean = [&](const char* name, const metrics::Average& average) {
    table.row({name, share(average.precision), share(average.recall), share(average.f1), grouped(total)});
  };
  mean("macro mean", report.macro);
  mean("weighted mean", report.weighted);
  if (result.subset_accuracy) mean("micro mean", report.micro);
  return table.str();
}

using Json = nlohmann::ordered_json;

Json maybe(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

Json json_of(const metrics::Average& average) {
  return {{"precision", average.precision}, {"recall", average.recall}, {"f1", average.f1}};
}

Json classes_json(const train::EvalResult& result) {
  Json classes = Json::array();
  for (std::size_t k = 0; k < result.report->classes.size(); ++k) {
    const metrics::ClassScores& c = result.report->classes[k];
    classes.push_back({{"name", class_name(result, k)},
                       {"precision", c.precision},
                       {"recall", c.recall},
                       {"f1", c.f1},
                       {"support", c.support}});
  }
  return classes;
}

class Eval : public Verb {
 public:
  void define(Arguments& arguments) override {
    arguments.positional(dir_, "DIR", "A run folder");
    arguments.group("Data");
    arguments.value(data_, {"--data", "SPEC", "other data to evaluate on", "the run's own", data_choices()});
    arguments.value(split_, {"--split",
                             "PART",
                             "train, val, test or all",
                             "test if there is one",
                             {"train", "val", "test", "all"}});
    arguments.group("Metrics");
    arguments.value(top_k_, {"--top-k", "K", "count examples whose class is among the K likeliest", "5"});
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
    if (top_k_) options.top_k = whole_number("--top-k", *top_k_, 1);
    options.threads = thread_count(threads_);
    const train::EvalResult result = train::evaluate(dir_, options);
    write_output(view_.json ? json(result) : text(result));
    return 0;
  }

 private:
  static std::string json(const train::EvalResult& result) {
    const train::Scores& scores = result.scores;
    const bool classes = result.report.has_value();
    return Json{{"loss", scores.loss},
                {"accuracy", maybe(scores.accuracy)},
                {"n", scores.n},
                {"confusion", result.confusion.empty() ? Json() : Json(result.confusion)},
                {"classes", classes ? classes_json(result) : Json()},
                {"macro", classes ? json_of(result.report->macro) : Json()},
                {"weighted", classes ? json_of(result.report->weighted) : Json()},
                {"micro", classes ? json_of(result.report->micro) : Json()},
                {"top_k", result.top_k_accuracy ? Json(result.top_k) : Json()},
                {"top_k_accuracy", maybe(result.top_k_accuracy)},
                {"roc_auc", maybe(result.roc_auc)},
                {"subset_accuracy", maybe(result.subset_accuracy)},
                {"mse", maybe(result.mse)},
                {"mae", maybe(result.mae)},
                {"r2", maybe(result.r2)}}
               .dump() +
           "\n";
  }

  static std::string text(const train::EvalResult& result) {
    const train::Scores& scores = result.scores;
    std::string out = fmt::format("{}: {} examples, loss {}", part_name(result.part), grouped(scores.n),
                                  measure(scores.loss));
    if (scores.accuracy) out += fmt::format(", accuracy {}", share(*scores.accuracy));
    if (result.subset_accuracy) out += fmt::format(", every label right {}", share(*result.subset_accuracy));
    if (result.top_k_accuracy) out += fmt::format(", top {} {}", result.top_k, share(*result.top_k_accuracy));
    if (result.roc_auc) out += fmt::format(", ROC AUC {}", measure(*result.roc_auc));
    if (result.mse) out += fmt::format(", MSE {}, MAE {}", measure(*result.mse), measure(*result.mae));
    if (result.r2) out += fmt::format(", R2 {}", measure(*result.r2));
    out += "\n";
    if (result.report) out += fmt::format("\n{}", class_table(result));
    const std::size_t classes = result.confusion.size();
    if (classes > 0 && classes <= kMaxShownClasses) out += fmt::format("\n{}", confusion_table(result));
    if (classes > kMaxShownClasses)
      out += fmt::format("{} classes: the confusion table is in --json.\n", classes);
    return out;
  }

  std::string dir_;
  std::optional<std::string> data_, split_, top_k_, threads_;
  View view_;
};

}  // namespace

std::unique_ptr<Verb> make_eval_verb() { return std::make_unique<Eval>(); }

}  // namespace gradus::cli
