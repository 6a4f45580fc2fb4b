#include "app/cli/config_flags.h"

#include <algorithm>

#include "app/cli/choices.h"

namespace gradus::cli {
namespace {

struct Group {
  const char* title;
  std::vector<std::string> keys;
};

// How help sorts the settings; one that stands nowhere here comes last.
const std::vector<Group>& groups() {
  static const std::vector<Group> all = {
      {"What",
       {"data", "val_split", "fold", "standardize", "normalize", "augment", "model", "init_from",
        "init_layers", "freeze", "loss"}},
      {"How long", {"epochs", "steps", "batch_size", "accumulate", "patience"}},
      {"Optimization",
       {"optimizer", "lr", "momentum", "weight_decay", "decay_all", "schedule", "clip_norm", "clip_value",
        "max_norm", "ema", "on_nan"}},
      {"Loss", {"l1", "l2", "label_smoothing", "huber_delta", "class_weight"}},
      {"Execution", {"seed", "threads", "precision", "shards", "sync_batch_norm", "shard_optimizer"}},
      {"Files",
       {"out", "resume", "dry_run", "checkpoint_every", "log_every", "probe", "health_every", "tensorboard",
        "no_report"}},
  };
  return all;
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string group_of(const std::string& key) {
  for (const Group& group : groups()) {
    if (contains(group.keys, key)) return group.title;
  }
  return "More";
}

std::string doc_of(const train::ConfigKey& key) {
  std::string doc = key.doc;
  for (const std::string& choice : key.choices) {
    const bool shown_already = key.value_name.find(choice) != std::string::npos;
    if (!shown_already) doc += (choice == key.choices.front() ? ": " : ", ") + choice;
  }
  return doc;
}

// What a shell offers for a value.
std::vector<std::string> choices_of(const train::ConfigKey& key) {
  if (key.name == "data") return data_choices();
  if (key.name == "model") return model_choices();
  if (key.name == "schedule") return schedule_choices();
  return key.choices;
}

}  // namespace

void ConfigFlags::define(Arguments& arguments, const std::vector<std::string>& keys) {
  std::vector<std::string> titles;
  for (const Group& group : groups()) titles.emplace_back(group.title);
  titles.emplace_back("More");
  for (const std::string& title : titles) {
    arguments.group(title);
    for (const train::ConfigKey& key : train::config_keys()) {
      if (group_of(key.name) != title || (!keys.empty() && !contains(keys, key.name))) continue;
      if (key.type == train::ConfigKey::boolean)
        arguments.flag(switches_[key.name], key.flag, key.doc);
      else
        arguments.value(values_[key.name],
                        {key.flag, key.value_name, doc_of(key), key.default_text, choices_of(key)});
    }
  }
}

void ConfigFlags::apply(train::RunConfig& config) const {
  // In the table's order, so that of two faults always the same one is told.
  for (const train::ConfigKey& key : train::config_keys()) {
    const auto value = values_.find(key.name);
    if (value != values_.end() && value->second) train::set_from_text(config, key.name, *value->second);
    const auto is_on = switches_.find(key.name);
    if (is_on != switches_.end() && is_on->second) key.set(config, true, key.flag);
  }
}

std::string ConfigFlags::first_given() const {
  for (const train::ConfigKey& key : train::config_keys()) {
    const auto value = values_.find(key.name);
    const auto is_on = switches_.find(key.name);
    if ((value != values_.end() && value->second) || (is_on != switches_.end() && is_on->second))
      return key.flag;
  }
  return "";
}

}  // namespace gradus::cli
