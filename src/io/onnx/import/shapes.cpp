// flatten, reshape, dropout.
#include <algorithm>

#include "base/check.h"
#include "io/onnx/import/trail.h"

namespace gradus::io::onnx {
namespace {

std::optional<Piece> flatten(const Trail& at) {
  const std::optional<Step> step = at.only("Flatten");
  if (!step) return {};
  const std::int64_t axis = step->attributes.integer("axis", 1);
  require(axis == 1 || axis == -at.example.rank(), "its axis must be 1: the batch stays, it is {}.", axis);
  return Piece{.spec = {.kind = "flatten"}, .weights = {}, .value = at.after(*step).value};
}

// The first extent is the batch's: 0, -1, or the number the file was made with.
std::optional<Piece> reshape(const Trail& at) {
  const std::optional<Step> step = at.only("Reshape");
  if (!step) return {};
  std::vector<std::int64_t> shape =
      step->has(1) ? step->integers(1, "shape") : step->attributes.integers("shape");
  require(step->attributes.integer("allowzero", 0) == 0, "its allowzero must be 0.");
  require(!shape.empty(), "it takes the batch axis away.");
  const bool opens_batch = shape[0] == -1;
  shape.erase(shape.begin());
  std::int64_t known = 1, open = 0;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 0 && static_cast<int>(i) < at.example.rank()) shape[i] = at.example[static_cast<int>(i)];
    require(shape[i] >= 1 || (shape[i] == -1 && !opens_batch),
            "its extent {} along axis {} is not supported.", shape[i], i + 1);
    if (shape[i] == -1)
      ++open;
    else
      require(!__builtin_mul_overflow(known, shape[i], &known), "its shape is too large.");
  }
  const std::int64_t elements = at.example.size();
  require(open <= 1 && (open == 1 ? elements % known == 0 : elements == known),
          "its shape does not hold the {} elements of an example {}; the batch must stay as it is.", elements,
          at.example.str());
  std::replace(shape.begin(), shape.end(), std::int64_t{-1}, elements / known);
  Piece piece{.spec = {.kind = "flatten"}, .weights = {}, .value = at.after(*step).value};
  if (shape.size() != 1) piece.spec = {.kind = "reshape", .options = {{.name = "shape", .value = shape}}};
  return piece;
}

std::optional<Piece> dropout(const Trail& at) {
  const std::optional<Step> step = at.only("Dropout");
  if (!step) return {};
  double rate = step->attributes.real("ratio", 0.5);
  step->attributes.ignore("is_test");
  step->attributes.ignore("seed");
  if (step->has(1)) {
    const Tensor ratio = step->numbers(1, "ratio");
    require(ratio.size() == 1, "its ratio must be one number, it is {}.", ratio.shape().str());
    rate = ratio.at(0);
  }
  const Tensor* training = step->constant(2);
  require(!step->has(2) || (training != nullptr && training->size() == 1 && training->at(0) == 0),
          "its training_mode must be false.");
  rate = as_written(rate);
  Piece piece{.spec = {.kind = "dropout"}, .weights = {}, .value = at.after(*step).value};
  if (rate != 0.5) piece.spec.options.push_back({.name = "rate", .value = rate});
  return piece;
}

}  // namespace

std::vector<Recogniser> shape_recognisers() {
  return {{"Flatten", flatten}, {"Reshape", reshape}, {"Dropout", dropout}};
}

}  // namespace gradus::io::onnx
