#include "train/notes.h"

#include <fmt/format.h>

#include <algorithm>

namespace gradus::train {

namespace {

// The name of the one class there is, if so.
std::optional<std::string> only_class(const data::Dataset& data) {
  if (data.kind != data::Kind::classes) return std::nullopt;
  const auto labels = data.y.values<std::int64_t>();
  if (std::any_of(labels.begin(), labels.end(), [&](std::int64_t label) { return label != labels[0]; }))
    return std::nullopt;
  const auto index = static_cast<std::size_t>(labels[0]);
  return index < data.class_names.size() ? "'" + data.class_names[index] + "'" : fmt::to_string(index);
}

}  // namespace

std::vector<std::string> notes_for(const Prepared& run) {
  std::vector<std::string> notes;
  const RunConfig& c = run.config;
  const bool solves = c.optimizer == "least_squares";
  if (c.out.empty()) notes.emplace_back("nothing is saved: give --out DIR to keep the model");
  if (c.optimizer == "adamw" && *c.weight_decay == 0)
    notes.emplace_back("adamw without weight decay is the same as adam");
  if (solves) {
    std::vector<std::string> idle;
    for (const char* key : {"epochs", "steps", "batch_size", "patience", "checkpoint_every", "log_every",
                            "probe", "health_every", "tensorboard"}) {
      if (c.given.contains(key)) idle.emplace_back(key);
    }
    if (!idle.empty())
      notes.push_back(
          fmt::format("least_squares solves at once: these have no effect: {}", fmt::join(idle, ", ")));
  }
  if (const auto name = only_class(run.parts.train))
    notes.push_back(fmt::format("all training examples are of class {}", *name));
  const std::vector<Variable> parameters = run.model.network.parameters();
  const bool trains =
      std::any_of(parameters.begin(), parameters.end(), [](const Variable& p) { return p.trainable(); });
  if (!trains) notes.emplace_back("every layer is frozen or has no weights: nothing is trained");
  if (c.lr && *c.lr == 0) notes.emplace_back("a learning rate of 0 leaves the weights as they are");
  if (c.given.contains("patience") && !run.parts.val)
    notes.emplace_back("patience has no effect without a validation part: give --val-split X");
  if (c.given.contains("patience") && c.steps)
    notes.emplace_back("patience has no effect with --steps, which never stops early");
  return notes;
}

}  // namespace gradus::train
