// What every use of a trained model begins and ends with.
#pragma once

#include <string>

#include "gradus/train.h"

namespace gradus::train {

// x [N, ...] or one example as examples of the model: checked, and scaled as its training data were.
// Fault::data, opened by `where`.
data::Dataset examples_of(const Model& model, const Tensor& x, const std::string& where);

// [N, ...]: room for the outputs of so many examples.
Tensor room_for_outputs(const Model& model, std::int64_t examples);

// Raw outputs with what they say.
Predictions read_outputs(const Model& model, const Tensor& output);

}  // namespace gradus::train
