#include "train/tensorboard_log.h"

#include "gradus/error.h"

namespace gradus::train {

TensorBoardLog::TensorBoardLog(const std::filesystem::path& run, std::vector<Variable> parameters,
                               std::int64_t log_every)
    : log_every_(log_every), parameters_(std::move(parameters)), file_(run / "tensorboard") {}

void TensorBoardLog::step(const StepEvent& e) {
  file_.scalar("loss/step", e.step, e.loss);
  file_.scalar("run/lr", e.step, e.lr);
  file_.scalar("run/samples_per_s", e.step, e.samples_per_s);
}

void TensorBoardLog::epoch(const EpochEvent& e) {
  scores("train", e.train, e.step);
  if (e.val) scores("val", *e.val, e.step);
  for (const Variable& parameter : parameters_)
    file_.histogram("weights/" + parameter.name(), e.step, parameter.value());
  try {
    file_.flush();
  } catch (const Error&) {  // it waits for the next epoch; a run does not end for it
  }
}

void TensorBoardLog::probe(const ProbeEvent& e) {
  for (const ParameterProbe& parameter : e.parameters) {
    file_.scalar("weight_norm/" + parameter.name, e.step, parameter.norm);
    file_.scalar("gradient_norm/" + parameter.name, e.step, parameter.gradient_norm);
  }
}

void TensorBoardLog::gradients(const LookedGradients& looked) {
  for (const auto& [name, gradient] : looked.gradients)
    file_.histogram("gradients/" + name, looked.step, gradient);
}

void TensorBoardLog::health(const HealthEvent& e) {
  for (const LayerHealth& layer : e.layers) {
    file_.scalar("activation_mean/" + layer.path, e.step, layer.mean);
    file_.scalar("activation_std/" + layer.path, e.step, layer.std);
    file_.scalar("gradient_norm/" + layer.path, e.step, layer.gradient_norm);
    if (layer.dead) file_.scalar("dead_units/" + layer.path, e.step, *layer.dead);
    if (layer.saturated) file_.scalar("saturated/" + layer.path, e.step, *layer.saturated);
  }
  for (const ParameterHealth& parameter : e.parameters) {
    file_.scalar("weight_norm/" + parameter.name, e.step, parameter.norm);
    file_.scalar("gradient_norm/" + parameter.name, e.step, parameter.gradient_norm);
    file_.scalar("update_ratio/" + parameter.name, e.step, parameter.update_ratio());
  }
}

void TensorBoardLog::scores(const std::string& part, const Scores& scores, std::int64_t step) {
  file_.scalar("loss/" + part, step, scores.loss);
  if (scores.accuracy) file_.scalar("accuracy/" + part, step, *scores.accuracy);
}

}  // namespace gradus::train
