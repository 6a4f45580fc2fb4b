// What a network's raw outputs say.
#pragma once

#include <cstdint>
#include <vector>

#include "gradus/train.h"

namespace gradus::train {

// Whether an example of this kind of targets is of one class.
bool names_one_class(data::Kind kind);

// Row i of [N, ...] as doubles.
std::vector<double> row_of(const Tensor& rows, std::int64_t i);

// The place of the first of the largest in each row of [N, K].
std::vector<std::int64_t> largest_of(const Tensor& rows);

// The class of each example from logits [N, K]: the first of the largest; of one sigmoid unit 1 where its
// logit is above 0.
std::vector<std::int64_t> classes_of(const Tensor& output, const std::string& loss);
std::int64_t class_count(const Model& model);  // classes the outputs can name

// [N, K]: softmax over the outputs, or each one's sigmoid; of one sigmoid unit [1 - p, p] for two classes.
Tensor probabilities_of(const Tensor& output, const Model& model);

// A name for each class: those of the data, else the written labels, else "0", "1", ...
std::vector<std::string> names_of_classes(const Model& model);

}  // namespace gradus::train
