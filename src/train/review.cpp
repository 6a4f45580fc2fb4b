#include "train/review.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/check.h"
#include "base/text.h"
#include "train/evaluator.h"
#include "train/explain_step.h"
#include "train/outputs.h"
#include "train/prepare.h"
#include "train/report.h"

namespace gradus::train {

namespace {

constexpr std::size_t kHistogramParts = 40;
constexpr std::int64_t kShownTargets = 4, kShownLabels = 6;

double softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }

// The loss of one example by itself: without weights and smoothing.
double loss_of(const std::string& loss, const std::vector<double>& output, std::vector<double> target,
               bool is_index) {
  const auto k = static_cast<double>(output.size());
  if (is_index && output.size() > 1) {
    const auto label = static_cast<std::size_t>(target[0]);
    target.assign(output.size(), 0);
    if (label < target.size()) target[label] = 1;
  }
  double sum = 0;
  if (loss == "softmax_cross_entropy") {
    const double largest = *std::max_element(output.begin(), output.end());
    double total = 0, share = 0;
    for (const double x : output) total += std::exp(x - largest);
    for (const double t : target) share += t;
    for (std::size_t j = 0; j < output.size(); ++j)
      sum -= target[j] * (output[j] - largest - std::log(total));
    return share > 0 ? sum / share : sum;
  }
  for (std::size_t j = 0; j < std::min(output.size(), target.size()); ++j) {
    const double residual = output[j] - target[j];
    if (loss == "sigmoid_cross_entropy")
      sum += softplus(output[j]) - target[j] * output[j];
    else
      sum += loss == "mse" ? residual * residual : std::abs(residual);
  }
  return sum / k;
}

std::string numbers_text(const std::vector<double>& row) {
  std::string text;
  for (std::size_t j = 0; j < row.size(); ++j) {
    if (static_cast<std::int64_t>(j) == kShownTargets) return text + ", ...";
    text += (j == 0 ? "" : ", ") + measure(row[j]);
  }
  return text;
}

std::string labels_text(const std::vector<double>& row, double above, const std::vector<std::string>& names) {
  std::string text;
  std::int64_t shown = 0;
  for (std::size_t j = 0; j < row.size(); ++j) {
    if (!(row[j] > above)) continue;
    if (shown++ == kShownLabels) return text + ", ...";
    text += (text.empty() ? "" : ", ") + names[j];
  }
  return text.empty() ? "none" : text;
}

// Example i of a part, as the data had it.
Tensor example_of(const data::Dataset& part, std::int64_t i,
                  const std::optional<data::Standardizer>& scaling) {
  Tensor x = part.x.rows(i, i + 1).clone().reshaped(part.example_shape());
  if (!scaling) return x;
  x = x.cast(DType::f64);
  for (std::int64_t j = 0; j < x.size(); ++j) {
    const auto at = static_cast<std::size_t>(j);
    x.set(j, x.at(j) * scaling->std[at] + scaling->mean[at]);
  }
  return x;
}

// Looks at each example as it passes, and remembers the worst.
class Watch {
 public:
  Watch(const Model& model, const ReviewOptions& options)
      : model_(model),
        options_(options),
        names_(model.kind == data::Kind::real ? std::vector<std::string>() : names_of_classes(model)) {}

  void add(const Tensor& output, const data::Batch& batch) {
    const bool is_index = model_.kind == data::Kind::classes;
    for (std::int64_t i = 0; i < batch.size; ++i, ++seen_) {
      const std::vector<double> said = row_of(output, i), is = row_of(batch.y, i);
      if (model_.kind == data::Kind::real) {
        for (std::size_t j = 0; j < is.size() && points_.size() < options_.points; ++j)
          points_.emplace_back(is[j], said[j]);
      }
      const double loss = loss_of(model_.loss, said, is, is_index);
      const double order = std::isnan(loss) ? std::numeric_limits<double>::infinity() : loss;
      if (worst_.size() == options_.mistakes && !(order > worst_.back().first)) continue;
      const auto place = std::upper_bound(worst_.begin(), worst_.end(), order,
                                          [](double a, const auto& b) { return a > b.first; });
      worst_.emplace(place, order, described(output, batch, i, said, is, loss));
      if (worst_.size() > options_.mistakes) worst_.pop_back();
    }
  }

  std::vector<Mistake> mistakes() {
    std::vector<Mistake> list;
    for (auto& [order, mistake] : worst_) list.push_back(std::move(mistake));
    return list;
  }
  std::vector<std::pair<double, double>> take_points() { return std::move(points_); }

 private:
  Mistake described(const Tensor& output, const data::Batch& batch, std::int64_t i,
                    const std::vector<double>& said, const std::vector<double>& is, double loss) const {
    Mistake m{
        .row = seen_, .loss = loss, .right = false, .truth = {}, .predicted = {}, .probability = {}, .x = {}};
    if (model_.kind == data::Kind::real) {
      m.truth = numbers_text(is);
      m.predicted = numbers_text(said);
      return m;
    }
    if (model_.kind == data::Kind::multi_label) {
      m.truth = labels_text(is, 0.5, names_);
      m.predicted = labels_text(said, 0, names_);
      m.right = true;
      for (std::size_t j = 0; j < is.size(); ++j) m.right = m.right && (is[j] > 0.5) == (said[j] > 0);
      return m;
    }
    const Tensor one = output.rows(i, i + 1), target = batch.y.rows(i, i + 1);
    const std::int64_t is_class =
        model_.kind == data::Kind::classes ? static_cast<std::int64_t>(is[0]) : largest_of(target)[0];
    const std::int64_t said_class = classes_of(one, model_.loss)[0];
    m.right = is_class == said_class;
    m.truth = names_[static_cast<std::size_t>(is_class)];
    m.predicted = names_[static_cast<std::size_t>(said_class)];
    m.probability = probabilities_of(one, model_).at(said_class);
    return m;
  }

  const Model& model_;
  const ReviewOptions& options_;
  std::vector<std::string> names_;
  std::vector<std::pair<double, Mistake>> worst_;  // largest loss first
  std::vector<std::pair<double, double>> points_;
  std::int64_t seen_ = 0;
};

std::vector<ParameterView> look_at_parameters(const Prepared& run, std::int64_t most,
                                              std::int64_t& examples) {
  Prepared small = run;
  small.config.batch_size = std::min(batch_size(run), most);
  const LookedBatch batch = batch_to_look_at(small, std::nullopt);
  LookedStep step(small, batch);
  const std::vector<Tensor> gradients = values_of(step.graph, step.dw, small, batch);
  std::vector<ParameterView> views;
  for (std::size_t i = 0; i < step.parameters.size(); ++i) {
    const Variable& parameter = step.parameters[i];
    views.push_back({.name = parameter.name(),
                     .shape = parameter.type().shape,
                     .weights = histogram_of(parameter.value(), kHistogramParts),
                     .gradients = histogram_of(gradients[i], kHistogramParts)});
  }
  examples = batch.examples;
  return views;
}

// Of `most` examples those that cost no more than `flops`: all, or a multiple of `batch`, which is the least.
std::int64_t affordable(std::int64_t most, std::int64_t batch, double flops, double flops_each) {
  const double batches = std::min(flops / std::max(flops_each * static_cast<double>(batch), 1.0), 1e9);
  return std::min(most, std::max<std::int64_t>(static_cast<std::int64_t>(batches), 1) * batch);
}

}  // namespace

Review review(const Prepared& run, const ReviewOptions& options) {
  Review found;
  EvalResult& result = found.result;
  result.part = run.parts.test ? Part::test : run.parts.val ? Part::val : Part::train;
  const data::Dataset& part = run.parts.test  ? *run.parts.test
                              : run.parts.val ? *run.parts.val
                                              : run.parts.train;
  found.all = part.size();
  double flops = 0;  // of one example, forward
  for (const nn::SummaryRow& row : nn::summary(run.model.network)) flops += static_cast<double>(row.flops);
  found.examples = affordable(std::min(found.all, options.examples), 256, options.flops, flops);
  std::vector<std::int64_t> rows(static_cast<std::size_t>(found.examples));
  for (std::size_t i = 0; i < rows.size(); ++i)
    rows[i] = static_cast<std::int64_t>(i) * found.all / found.examples;
  const bool whole = found.examples == found.all;
  const data::Dataset scored = whole ? part : part.subset(rows);

  Report report(run.model, 5);
  Watch watch(run.model, options);
  Evaluator evaluator(run.model, scoring_loss(run.config), run.config.threads);
  result.scores = evaluator.scores({&scored}, [&](const Tensor& output, const data::Batch& batch) {
    report.add(output, batch);
    watch.add(output, batch);
  });
  report.finish(result);
  found.mistakes = watch.mistakes();
  found.points = watch.take_points();
  for (Mistake& mistake : found.mistakes) {
    mistake.row = rows[static_cast<std::size_t>(mistake.row)];
    mistake.x = example_of(part, mistake.row, run.model.standardizer);
  }
  found.parameters = look_at_parameters(run, affordable(options.batch_size, 16, options.flops, 3 * flops),
                                        found.gradient_batch);
  return found;
}

}  // namespace gradus::train
