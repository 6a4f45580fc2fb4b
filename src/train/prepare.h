// Steps of prepare() that other uses of a run share.
#pragma once

#include "gradus/train.h"

namespace gradus::train {

// Refuses data that a model cannot be used on: examples of another size, targets of another kind, labels
// beyond its outputs (Fault::data). `where` opens messages.
void require_fits(const data::Dataset& part, const Model& model, const std::string& where);

// Applies the model's standardization, or leaves its normalization to the loader.
void scale_as_trained(data::Dataset& part, const Model& model);

// The training part as it is trained: with the network's number of classes, and class weights beside its own.
data::Dataset training_part(const Prepared& run);

// A run's settings and data once more, for weights of its own. Fault::model: no run there.
Prepared prepare_again(const std::filesystem::path& dir);
// The same with its trained weights. Fault::model: no run there, weights missing.
Prepared prepare_trained(const std::filesystem::path& dir);

// A network of f64 variables with the values of another.
nn::Network in_f64(const nn::Network& network);

// How a run goes through its training part: the examples of a batch, at most all; updates in an epoch, the
// last perhaps of fewer batches; updates in all.
std::int64_t batch_size(const Prepared& run);
std::int64_t steps_per_epoch(const Prepared& run);
std::int64_t total_steps(const Prepared& run);
// Steps between the lines of history.jsonl; 0: none.
std::int64_t log_interval(const Prepared& run);

// What the settings say about the changes of training examples.
data::Augmentation training_augmentation(const RunConfig& config);

// What the settings say about the loss, while training and when scoring (no smoothing).
nn::LossSettings training_loss(const RunConfig& config);
nn::LossSettings scoring_loss(const RunConfig& config);

}  // namespace gradus::train
