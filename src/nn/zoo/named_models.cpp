// Models by name: the families together.
#include <fmt/format.h>

#include "base/check.h"
#include "base/suggest.h"
#include "nn/model_spec.h"
#include "nn/zoo/zoo.h"

namespace gradus::nn {

namespace {

const std::vector<zoo::Entry>& entries() {
  static const std::vector<zoo::Entry> table = [] {
    std::vector<zoo::Entry> list;
    for (const auto family : {zoo::dense_models, zoo::convolutional_models, zoo::residual_models,
                              zoo::dense_block_models, zoo::wide_residual_models}) {
      for (zoo::Entry& entry : family()) list.push_back(std::move(entry));
    }
    return list;
  }();
  return table;
}

// Images without a channel axis get one.
Shape image_shape(const Shape& input, const zoo::Entry& entry) {
  const std::string& name = entry.model.name;
  require(
      input.rank() == 2 || input.rank() == 3,
      "model '{}': it takes images [C, H, W], the examples are {}. Take mlp, or a model file with input = "
      "[C, H, W].",
      name, input.str());
  const Shape image = input.rank() == 3 ? input : Shape{1, input[0], input[1]};
  require(
      image[1] >= entry.least && image[2] >= entry.least,
      "model '{}': images of at least {}x{} were needed, the examples are {}. Take a model that shrinks them "
      "less.",
      name, entry.least, entry.least, image.str());
  return image;
}

}  // namespace

const std::vector<NamedModel>& named_models() {
  static const std::vector<NamedModel> list = [] {
    std::vector<NamedModel> models;
    for (const zoo::Entry& entry : entries()) models.push_back(entry.model);
    return models;
  }();
  return list;
}

ModelSpec named_model(std::string_view name, const Shape& input, std::int64_t outputs) {
  std::vector<std::string> names;
  for (const zoo::Entry& entry : entries()) {
    if (entry.model.name == name) {
      const Shape shape = entry.images ? image_shape(input, entry) : input;
      ModelSpec spec{
          .input = shape, .layers = entry.layers(shape, outputs), .where = fmt::format("model '{}'", name)};
      check_model(spec);
      return spec;
    }
    names.push_back(entry.model.name);
  }
  fail(Fault::usage, "model '{}': there is no such model.{} Known are {}; or give a model file.", name,
       did_you_mean(name, names), fmt::join(names, ", "));
}

}  // namespace gradus::nn
