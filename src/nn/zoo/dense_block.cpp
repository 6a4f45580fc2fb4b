// Densely connected networks for small images (Huang et al. 2017): three dense blocks with growth 12.
#include "nn/zoo/zoo.h"

namespace gradus::nn::zoo {

namespace {

struct Form {
  std::int64_t first = 16, layers = 12;  // channels of the first convolution; layers of each block
  bool bottleneck = false;
  double compression = 1;
};

std::vector<LayerSpec> densenet(const Form& form, std::int64_t outputs) {
  LayerSpec block{
      .kind = "dense_block",
      .options = {{.name = "layers", .value = form.layers}, {.name = "growth", .value = std::int64_t{12}}}};
  if (form.bottleneck) block.options.push_back({.name = "bottleneck", .value = true});
  LayerSpec transition{.kind = "transition"};
  if (form.compression < 1) transition.options.push_back({.name = "compression", .value = form.compression});
  return {conv3x3(form.first, 1, false),
          block,
          transition,
          block,
          transition,
          block,
          {.kind = "batch_norm"},
          {.kind = "relu"},
          {.kind = "global_avg_pool2d"},
          dense(outputs)};
}

Entry entry(std::string name, std::string description, const Form& form) {
  return {.model = {.name = std::move(name),
                    .description = std::move(description),
                    .paper = "Huang, Liu, van der Maaten & Weinberger 2017",
                    .input = {3, 32, 32}},
          .images = true,
          .least = 4,
          .layers = [form](const Shape&, std::int64_t outputs) { return densenet(form, outputs); }};
}

}  // namespace

std::vector<Entry> dense_block_models() {
  return {entry("densenet40", "40 layers, three dense blocks of 12 with growth 12", {}),
          entry("densenet-bc-100", "100 layers, bottlenecks, half the channels kept between blocks",
                {.first = 24, .layers = 16, .bottleneck = true, .compression = 0.5})};
}

}  // namespace gradus::nn::zoo
