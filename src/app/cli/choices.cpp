#include "app/cli/choices.h"

#include "gradus/data.h"
#include "gradus/nn.h"
#include "optim/schedule_curves.h"

namespace gradus::cli {

std::vector<std::string> data_choices() {
  std::vector<std::string> names;
  for (const data::SourceInfo& source : data::sources()) {
    const bool takes_path = source.form.find(':') != std::string::npos;
    names.push_back(source.name + (takes_path ? ":" : ""));
  }
  return names;
}

std::vector<std::string> model_choices() {
  std::vector<std::string> names;
  for (const nn::NamedModel& model : nn::named_models()) names.push_back(model.name);
  return names;
}

std::vector<std::string> schedule_choices() {
  std::vector<std::string> names;
  for (const optim::Schedule::Curve& curve : optim::schedule_curves()) names.emplace_back(curve.name);
  return names;
}

}  // namespace gradus::cli
