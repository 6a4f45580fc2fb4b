// A run in plain words.
#include <fmt/format.h>

#include "app/report/curves.h"
#include "app/report/page.h"
#include "base/text.h"

namespace gradus::report {
namespace {

std::string model_text(const RunFacts& facts) {
  std::int64_t parameters = 0;
  for (const nn::SummaryRow& row : facts.layers) parameters += row.parameters;
  const std::string name =
      facts.config.layers ? "A network" : fmt::format("The model {}", facts.config.model);
  if (facts.layers.empty()) return name;
  return fmt::format("{} ({}, {})", name, counted(static_cast<std::int64_t>(facts.layers.size()), "layer"),
                     counted(parameters, "parameter"));
}

// How far it came.
std::string progress_text(const RunFacts& facts) {
  const train::RunHistory& history = facts.history;
  if (history.finish) {
    const train::TrainResult& r = *history.finish;
    if (facts.config.optimizer == "least_squares")
      return fmt::format("was solved for in {}", duration(r.seconds));
    return fmt::format("was trained for {}, {}, in {}", counted(r.epochs, "epoch"), counted(r.steps, "step"),
                       duration(r.seconds));
  }
  std::int64_t step = 0, epoch = 0;
  if (!history.steps.empty()) step = history.steps.back().step, epoch = history.steps.back().epoch;
  if (!history.epochs.empty() && history.epochs.back().step >= step)
    step = history.epochs.back().step, epoch = history.epochs.back().epoch;
  if (step == 0) return "has no recorded step yet";
  return fmt::format("has recorded training up to step {}, epoch {}", grouped(step), grouped(epoch));
}

std::string end_text(const RunFacts& facts) {
  if (const auto& end = facts.history.end) {
    const bool diverged = end->cause == train::RunEnd::diverged;
    return " " + end->str() +
           (diverged ? " Take a smaller --lr, or cut gradients off with --clip-norm 1." : "");
  }
  if (!facts.history.finish)
    return " The run has not come to its end: it goes on, was interrupted, or failed.";
  std::string text;
  if (facts.history.finish->stopped_early)
    text += fmt::format(" It stopped early: the validation loss had not fallen for {}.",
                        counted(facts.config.patience, "epoch"));
  if (facts.history.finish->best_epoch)
    text += fmt::format(" The weights of epoch {} were kept, where the validation loss was lowest.",
                        *facts.history.finish->best_epoch);
  return text;
}

std::string score_text(const RunFacts& facts) {
  if (!facts.history.finish) return "";
  const train::TrainResult& r = *facts.history.finish;
  const bool labels = facts.review && facts.review->result.subset_accuracy;
  const char* what = labels ? "labels of the " : "";
  const auto& [held, name] = r.test ? std::pair(&r.test, "test") : std::pair(&r.val, "validation");
  if (!*held || !r.train) {
    return !r.train || !r.train->accuracy
               ? ""
               : fmt::format(
                     " It is right about {} of the training examples; no examples were held out to tell "
                     "how it does on new ones.",
                     share(*r.train->accuracy), what);
  }
  if (!(*held)->accuracy)
    return fmt::format(" The {} loss is {}, the training loss {}.", name, measure((*held)->loss),
                       measure(r.train->loss));
  std::string text =
      fmt::format(" It is right about {} of the {}{} examples", share(*(*held)->accuracy), what, name);
  if (r.train->accuracy) text += fmt::format(" and {} of the training examples", share(*r.train->accuracy));
  return text + ".";
}

}  // namespace

std::string summary_text(const RunFacts& facts) {
  return fmt::format("{} {} on {} with {}.{}{}", model_text(facts), progress_text(facts), facts.config.data,
                     facts.config.optimizer, end_text(facts), score_text(facts));
}

}  // namespace gradus::report
