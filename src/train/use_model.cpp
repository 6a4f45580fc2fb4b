#include "train/use_model.h"

#include "base/check.h"
#include "train/outputs.h"
#include "train/prepare.h"

namespace gradus::train {

namespace {

Shape many(std::int64_t count, const Shape& one) {
  std::vector<std::int64_t> extents = one.list();
  extents.insert(extents.begin(), count);
  return Shape(extents);
}

}  // namespace

data::Dataset examples_of(const Model& model, const Tensor& x, const std::string& where) {
  require(Fault::data, x.defined(), "{}: an array was needed, none was given.", where);
  const bool single = x.shape() == model.network.input && x.shape().rank() > 0;
  const Shape shape = single ? many(1, x.shape()) : x.shape();
  data::Dataset data = data::from_arrays(x.reshaped(shape), {}, {.where = where});
  require_fits(data, model, where);
  scale_as_trained(data, model);
  return data;
}

Tensor room_for_outputs(const Model& model, std::int64_t examples) {
  return Tensor(model.network.dtype, many(examples, model.network.output));
}

Predictions read_outputs(const Model& model, const Tensor& output) {
  Predictions p;
  p.output = output;
  p.kind = model.kind;
  if (model.kind == data::Kind::real) {
    p.target_names = model.target_names;
    return p;
  }
  p.probabilities = probabilities_of(p.output, model);
  p.class_names = names_of_classes(model);
  if (names_one_class(model.kind)) p.classes = classes_of(p.output, model.loss);
  return p;
}

}  // namespace gradus::train
