#include "train/report.h"

#include "train/outputs.h"

namespace gradus::train {

Report::Report(const Model& model, std::int64_t top_k)
    : model_(model),
      top_k_(top_k),
      classes_(class_count(model)),
      numbers_(model.kind == data::Kind::real ? model.network.output.size() : 0) {
  const auto k = static_cast<std::size_t>(classes_);
  if (names_one_class(model.kind)) confusion_.assign(k, std::vector<std::int64_t>(k, 0));
  if (model.kind == data::Kind::multi_label) labels_.resize(k);
}

void Report::add(const Tensor& output, const data::Batch& batch) {
  examples_ += batch.size;
  if (model_.kind == data::Kind::real) return add_numbers(output, batch);
  if (model_.kind == data::Kind::multi_label) return add_labels(output, batch);
  add_classes(output, batch);
}

void Report::add_classes(const Tensor& output, const data::Batch& batch) {
  const std::vector<std::int64_t> said = classes_of(output, model_.loss);
  const bool indices = model_.kind == data::Kind::classes;
  const std::vector<std::int64_t> likeliest = indices ? std::vector<std::int64_t>() : largest_of(batch.y);
  const std::span<const std::int64_t> is = indices ? batch.y.values<std::int64_t>() : std::span(likeliest);
  for (std::size_t i = 0; i < said.size(); ++i) {
    ++confusion_[static_cast<std::size_t>(is[i])][static_cast<std::size_t>(said[i])];
    const std::vector<double> row = row_of(output, static_cast<std::int64_t>(i));
    if (classes_ == 2) {
      scores_.push_back(row.size() == 1 ? row[0] : row[1] - row[0]);
      positives_.push_back(is[i] == 1);
    }
    if (classes_ > top_k_) in_top_k_ += metrics::in_top_k(row, is[i], top_k_);
  }
}

void Report::add_labels(const Tensor& output, const data::Batch& batch) {
  for (std::int64_t i = 0; i < batch.size; ++i) {
    bool all = true;
    for (std::int64_t k = 0; k < classes_; ++k) {
      const bool said = output.at(i * classes_ + k) > 0, is = batch.y.at(i * classes_ + k) > 0.5;
      metrics::ClassScores& label = labels_[static_cast<std::size_t>(k)];
      label.support += is;
      label.predicted += said;
      label.right += is && said;
      all = all && is == said;
    }
    all_right_ += all;
  }
}

void Report::add_numbers(const Tensor& output, const data::Batch& batch) {
  for (std::int64_t i = 0; i < batch.size; ++i) numbers_.add(row_of(output, i), row_of(batch.y, i));
}

void Report::finish(EvalResult& result) const {
  const auto n = static_cast<double>(examples_);
  if (model_.kind == data::Kind::real) {
    result.mse = numbers_.mse();
    result.mae = numbers_.mae();
    result.r2 = numbers_.r2();
    return;
  }
  result.class_names = names_of_classes(model_);
  if (model_.kind == data::Kind::multi_label) {
    result.report = metrics::class_report(labels_);
    result.subset_accuracy = static_cast<double>(all_right_) / n;
    return;
  }
  result.confusion = confusion_;
  result.report = metrics::class_report(confusion_);
  result.top_k = top_k_;
  if (classes_ > top_k_) result.top_k_accuracy = static_cast<double>(in_top_k_) / n;
  if (classes_ == 2) result.roc_auc = metrics::roc_auc(scores_, positives_);
}

}  // namespace gradus::train
