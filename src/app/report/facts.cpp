#include "app/report/facts.h"

#include <fmt/format.h>

#include "base/check.h"
#include "base/text.h"
#include "io/crc32c.h"
#include "train/outputs.h"
#include "train/prepare.h"
#include "train/run_folder.h"

namespace gradus::report {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kChecked = std::size_t{64} << 20;  // bytes; more would take longer than the rest

PartFacts facts_of(const char* name, const data::Dataset& part) {
  PartFacts facts{.name = name, .examples = part.size(), .checksum = {}};
  if (part.x.byte_size() + part.y.byte_size() > kChecked) return facts;
  const auto sum = [](const Tensor& array) { return io::crc32c({array.data(), array.byte_size()}); };
  facts.checksum = fmt::format("{:08x} {:08x}", sum(part.x), sum(part.y));
  return facts;
}

std::string targets_text(const data::Dataset& part) {
  const Shape shape = part.y.shape().without(0);
  switch (part.kind) {
    case data::Kind::classes:
      return part.classes == 1 ? "1 class" : fmt::format("{} classes", part.classes);
    case data::Kind::probabilities:
      return fmt::format("probabilities of {} classes", part.classes);
    case data::Kind::multi_label:
      return fmt::format("{} labels, each yes or no", part.classes);
    case data::Kind::real:
      return shape.size() == 1 ? "a number" : fmt::format("numbers {}", shape.str());
  }
  return "";
}

std::string scaling_text(const train::Model& model) {
  if (model.standardizer) return "features to mean 0, deviation 1 (fitted on the training part)";
  if (model.normalizer) return "channels to mean 0, deviation 1 (fitted on the training part)";
  return "none";
}

DataFacts data_facts(const train::Prepared& run) {
  const data::Dataset& training = run.parts.train;
  DataFacts facts;
  facts.parts.push_back(facts_of("training", training));
  if (run.parts.val) facts.parts.push_back(facts_of("validation", *run.parts.val));
  if (run.parts.test) facts.parts.push_back(facts_of("test", *run.parts.test));
  facts.inputs = fmt::format("{} {}", name(training.x.dtype()), training.example_shape().str());
  facts.targets = targets_text(training);
  facts.feature_names = training.feature_names;
  facts.scaling = scaling_text(run.model);
  if (training.kind != data::Kind::real) facts.class_names = train::names_of_classes(run.model);
  if (training.kind == data::Kind::classes) {
    facts.class_counts.resize(facts.class_names.size());
    for (const std::int64_t label : training.y.values<std::int64_t>())
      if (static_cast<std::size_t>(label) < facts.class_counts.size())
        ++facts.class_counts[static_cast<std::size_t>(label)];
  }
  return facts;
}

// Without a trained model: what its settings alone tell about layers and data.
void look_at_settings(RunFacts& facts) {
  try {
    train::RunConfig config = facts.config;
    config.init_from.clear();
    const train::Prepared run = train::prepare(config);
    facts.layers = nn::summary(run.model.network);
    facts.data = data_facts(run);
  } catch (const Error& error) {
    facts.notes.push_back(fmt::format("Model and data cannot be described: {}", error.what()));
  }
}

// Without its data.
void look_at_saved_layers(RunFacts& facts) {
  try {
    facts.layers = nn::summary(train::load_model(facts.dir).network);
  } catch (const Error&) {
    // Said already: without a model nothing could be looked at.
  }
}

void look_at_model(RunFacts& facts, const train::Prepared* run) {
  try {
    std::optional<train::Prepared> opened;
    if (run == nullptr) run = &opened.emplace(train::prepare_trained(facts.dir));
    facts.layers = nn::summary(run->model.network);
    facts.data = data_facts(*run);
    facts.review = train::review(*run);
  } catch (const Error& error) {
    facts.notes.push_back(fmt::format("The trained model could not be looked at: {}", error.what()));
  }
}

}  // namespace

RunFacts gather(const fs::path& dir, const train::Prepared* run) {
  RunFacts facts;
  facts.dir = dir;
  facts.config = train::saved_config(dir);
  facts.history = train::read_history(dir);
  const bool has_model = run != nullptr || fs::exists(dir / "model.safetensors");
  if (has_model)
    look_at_model(facts, run);
  else
    facts.notes.emplace_back(
        "The run has saved no trained model, so there is nothing to say about its mistakes.");
  if (facts.layers.empty() && has_model) look_at_saved_layers(facts);
  if (facts.layers.empty()) look_at_settings(facts);
  return facts;
}

}  // namespace gradus::report
