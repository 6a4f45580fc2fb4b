// One model from the weights of several runs.
#include <algorithm>

#include "base/check.h"
#include "base/file.h"
#include "base/parallel.h"
#include "train/evaluator.h"
#include "train/prepare.h"
#include "train/run_folder.h"
#include "train/statistics.h"

namespace gradus::train {

namespace {

namespace fs = std::filesystem;

void require_alike(const Model& first, const Model& other, const fs::path& a, const fs::path& b) {
  const auto must = [&](bool equal, const char* what) {
    require(Fault::model, equal, "{}: its {} must be those of {}; they differ. Average runs of one model.",
            b.string(), what, a.string());
  };
  must(first.network.spec == other.network.spec, "layers");
  must(first.kind == other.kind && first.labels == other.labels, "labels");
  must(first.standardizer == other.standardizer && first.normalizer == other.normalizer &&
           first.csv == other.csv,
       "standardization and columns");
}

// The mean of each variable over the models, in double.
void set_mean(const nn::Network& target, const std::vector<Model>& models) {
  const std::vector<Variable> to = target.variables();
  for (std::size_t k = 0; k < to.size(); ++k) {
    Tensor mean(DType::f64, to[k].type().shape);
    for (const Model& model : models) {
      const Tensor value = model.network.variables()[k].value();
      for (std::int64_t i = 0; i < mean.size(); ++i)
        mean.set(i, mean.at(i) + value.at(i) / static_cast<double>(models.size()));
    }
    to[k].set(mean.cast(to[k].type().dtype));
  }
}

}  // namespace

AverageResult average(const std::vector<fs::path>& dirs, const AverageOptions& options) {
  require(Fault::usage, dirs.size() >= 2, "average: at least two runs were needed, got {}.", dirs.size());
  require(Fault::usage, !options.out.empty(),
          "average: a folder for the new model was needed. Add --out DIR.");
  for (std::size_t i = 0; i < dirs.size(); ++i) {
    const bool again = std::find(dirs.begin(), dirs.begin() + static_cast<std::ptrdiff_t>(i), dirs[i]) !=
                       dirs.begin() + static_cast<std::ptrdiff_t>(i);
    require(Fault::usage, !again, "average: {} is given twice. Leave one out.", dirs[i].string());
  }
  require_writable(options.out);
  require_free(options.out);
  std::vector<Model> models;
  for (const fs::path& dir : dirs) {
    models.push_back(load_model(dir));
    require_alike(models[0], models.back(), dirs[0], dir);
  }
  RunConfig config = saved_config(dirs[0]);
  config.init_from.clear();
  config.init_layers = "all";
  config.threads = options.threads > 0 ? options.threads : hardware_threads();
  const Prepared run = prepare(config);
  set_mean(run.model.network, models);

  AverageResult result{.runs = dirs.size(), .train = {}, .val = {}, .test = {}};
  result.recomputed = options.recompute_statistics && recompute_statistics(run);
  Evaluator evaluator(run.model, scoring_loss(run.config), config.threads);
  TrainResult finish;
  finish.train = result.train = evaluator.scores(run.parts.train);
  if (run.parts.val) finish.val = result.val = evaluator.scores(*run.parts.val);
  if (run.parts.test) finish.test = result.test = evaluator.scores(*run.parts.test);
  for (const Variable& parameter : run.model.network.parameters())
    finish.parameters += parameter.type().shape.size();

  make_folder(options.out);
  save_model(options.out, run.model);
  History(options.out).finish(finish);
  write_file(fs::path(options.out) / "run.toml", to_toml(run.config));
  return result;
}

}  // namespace gradus::train
