// Scoring a trained model on its own or on other data.
#include <fmt/format.h>

#include "base/check.h"
#include "base/parallel.h"
#include "base/suggest.h"
#include "train/evaluator.h"
#include "train/open_data.h"
#include "train/prepare.h"
#include "train/report.h"
#include "train/run_folder.h"

namespace gradus::train {

namespace {

namespace fs = std::filesystem;

constexpr std::pair<std::string_view, Part> kParts[] = {
    {"train", Part::train}, {"val", Part::val}, {"test", Part::test}, {"all", Part::all}};

std::string_view name(Part part) {
  for (const auto& [text, known] : kParts)
    if (known == part) return text;
  return "";
}

// The parts asked for; refuses those the data does not have.
std::vector<const data::Dataset*> chosen_parts(const Parts& parts, Part part, const std::string& where) {
  const auto one = [&](const std::optional<data::Dataset>& data) {
    require(Fault::data, data.has_value(), "{}: it has no {} part. Take another --split.", where, name(part));
    return std::vector{&*data};
  };
  if (part == Part::train) return {&parts.train};
  if (part == Part::val) return one(parts.val);
  if (part == Part::test) return one(parts.test);
  std::vector<const data::Dataset*> all = {&parts.train};
  if (parts.val) all.push_back(&*parts.val);
  if (parts.test) all.push_back(&*parts.test);
  return all;
}

}  // namespace

Part parse_part(std::string_view text) {
  std::vector<std::string> names;
  for (const auto& [known, part] : kParts) {
    if (known == text) return part;
    names.emplace_back(known);
  }
  fail(Fault::usage, "--split: one of train, val, test, all was needed, got '{}'.{}", text,
       did_you_mean(text, names));
}

EvalResult evaluate(const fs::path& dir, const EvalOptions& options) {
  require(Fault::usage, options.top_k >= 1, "eval: top_k must be 1 or more, got {}.", options.top_k);
  const Model model = load_model(dir);
  const bool own = options.data.empty();
  // A model alone can be scored on other data.
  RunConfig config;
  if (own || fs::exists(dir / "run.toml")) config = saved_config(dir);
  const std::string spec = own ? config.data : options.data;
  require(Fault::model, !spec.empty(), "{}: its run.toml names no data. Give some with --data.",
          dir.string());
  // Other data is taken whole unless its own parts are asked for.
  const bool split = own || (options.part && *options.part != Part::all);
  DataOptions opening{.seed = config.seed,
                      .val_split = split ? config.val_split : 0.0,
                      .fold = split ? parse_fold(config.fold) : std::nullopt,
                      .loss = model.loss,
                      .labels = {},
                      .csv = model.csv ? &*model.csv : nullptr};
  if (model.kind == data::Kind::classes) opening.labels = model.labels;
  OpenedData opened = open_data(spec, opening);
  const auto use = [&](data::Dataset& part, const std::string& where) {
    require_fits(part, model, where);
    scale_as_trained(part, model);
  };
  use(opened.parts.train, spec);
  if (opened.parts.val) use(*opened.parts.val, spec);
  if (opened.parts.test) use(*opened.parts.test, spec + ": test part");

  EvalResult result;
  result.part = options.part.value_or(opened.parts.test  ? Part::test
                                      : opened.parts.val ? Part::val
                                                         : Part::all);
  const std::vector<const data::Dataset*> parts = chosen_parts(opened.parts, result.part, spec);
  Report report(model, options.top_k);
  const std::int64_t threads = options.threads > 0 ? options.threads : hardware_threads();
  Evaluator evaluator(model, scoring_loss(config), threads);
  result.scores = evaluator.scores(
      parts, [&](const Tensor& output, const data::Batch& batch) { report.add(output, batch); });
  report.finish(result);
  return result;
}

}  // namespace gradus::train
