// The named models, a file per family. They adapt to the examples' shape and the number of outputs.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "gradus/nn.h"

namespace gradus::nn::zoo {

struct Entry {
  NamedModel model;
  bool images = false;  // examples are [C, H, W] with H, W >= least
  std::int64_t least = 1;
  std::function<std::vector<LayerSpec>(const Shape& input, std::int64_t outputs)> layers;
};

std::vector<Entry> dense_models();          // linear, logistic, mlp, seed
std::vector<Entry> convolutional_models();  // lenet5, cnn
std::vector<Entry> residual_models();       // plain20 ... resnet110
std::vector<Entry> dense_block_models();    // densenet40, densenet-bc-100
std::vector<Entry> wide_residual_models();  // wrn-16-4

// ---- Entries of their layers

LayerSpec dense(std::int64_t units);
// A 3x3 convolution with a zero on each side.
LayerSpec conv3x3(std::int64_t filters, std::int64_t stride, bool bias);
inline void append(std::vector<LayerSpec>& list, const std::vector<LayerSpec>& more) {
  list.insert(list.end(), more.begin(), more.end());
}

}  // namespace gradus::nn::zoo
