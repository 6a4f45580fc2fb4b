// What a trained model does: confusion, mistakes, weights and gradients.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/figures/bars.h"
#include "app/figures/svg.h"
#include "gradus/tensor.h"
#include "train/review.h"

namespace gradus::report {

// Absent where there is nothing to draw: other kinds of targets, or more classes than can be told apart.
std::optional<figures::Figure> confusion_map(const train::Review& review);
std::optional<figures::Figure> predictions_over_truth(const train::Review& review);
std::vector<figures::BarRow> histograms(const train::Review& review);  // by parameter

// "shirt taken for coat: 34", the most frequent first.
std::vector<std::string> frequent_confusions(const train::Review& review);

// An example that is an image, u8 [C, H, W] with C 1 or 3; undefined for others.
Tensor picture_of(const Tensor& x);
// The mistakes that are images as one picture; undefined where there are none.
Tensor mistakes_sheet(const train::Review& review);

std::string part_text(train::Part part);  // "test part"

}  // namespace gradus::report
