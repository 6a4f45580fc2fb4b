// Activations: one node each, or the few that ONNX makes them of.
#include <numbers>

#include "base/check.h"
#include "io/onnx/import/trail.h"

namespace gradus::io::onnx {
namespace {

std::optional<Piece> plain(const Trail& at, const char* op, const char* kind) {
  const std::optional<Step> step = at.only(op);
  if (!step) return {};
  return Piece{.spec = {.kind = kind}, .weights = {}, .value = at.after(*step).value};
}

// With one number.
std::optional<Piece> with_number(const Trail& at, const char* op, const char* kind, const char* option,
                                 double preset) {
  const std::optional<Step> step = at.only(op);
  if (!step) return {};
  const double number = as_written(step->attributes.real("alpha", preset));
  Piece piece{.spec = {.kind = kind}, .weights = {}, .value = at.after(*step).value};
  if (number != preset) piece.spec.options.push_back({.name = option, .value = number});
  return piece;
}

std::optional<Piece> relu(const Trail& at) { return plain(at, "Relu", "relu"); }
std::optional<Piece> sigmoid(const Trail& at) { return plain(at, "Sigmoid", "sigmoid"); }
std::optional<Piece> tanh(const Trail& at) { return plain(at, "Tanh", "tanh"); }
std::optional<Piece> softplus(const Trail& at) { return plain(at, "Softplus", "softplus"); }
std::optional<Piece> identity(const Trail& at) { return plain(at, "Identity", "identity"); }
std::optional<Piece> elu(const Trail& at) { return with_number(at, "Elu", "elu", "alpha", 1); }
std::optional<Piece> leaky_relu(const Trail& at) {
  return with_number(at, "LeakyRelu", "leaky_relu", "slope", 0.01);
}

std::optional<Piece> selu(const Trail& at) {
  const std::optional<Step> step = at.only("Selu");
  if (!step) return {};
  constexpr double kAlpha = 1.6732632, kGamma = 1.0507010;
  const double alpha = step->attributes.real("alpha", kAlpha), gamma = step->attributes.real("gamma", kGamma);
  require(std::abs(alpha - kAlpha) < 1e-5 && std::abs(gamma - kGamma) < 1e-5,
          "its alpha and gamma are not those of the paper (Klambauer et al. 2017).");
  return Piece{.spec = {.kind = "selu"}, .weights = {}, .value = at.after(*step).value};
}

// x Sigmoid(x)
std::optional<Piece> silu(const Trail& at) {
  const std::optional<Step> gate = at.among("Sigmoid"), product = at.among("Mul");
  if (at.readers().size() != 2 || !gate || !product) return {};
  const std::string& gated = gate->node().outputs[0];
  const std::vector<std::string>& factors = product->node().inputs;
  const bool fits = factors == std::vector{at.value, gated} || factors == std::vector{gated, at.value};
  if (!fits || at.after(*gate).readers().size() != 1) return {};
  return Piece{.spec = {.kind = "silu"}, .weights = {}, .value = at.after(*product).value};
}

// Mul(x (1 + Erf(x / sqrt(2))), 1/2)
std::optional<Piece> gelu(const Trail& at) {
  const std::optional<Step> scaled = at.among("Div"), product = at.among("Mul");
  if (at.readers().size() != 2 || !scaled || !product || scaled->constant(1) == nullptr) return {};
  if (!is_number(*scaled->constant(1), std::numbers::sqrt2)) return {};
  const std::optional<Step> erf = at.after(*scaled).only("Erf");
  if (!erf) return {};
  const auto above = at.after(*erf).only_with_constant("Add");
  if (!above || !is_number(above->constant, 1)) return {};
  const Trail factor = at.after(above->step);
  if (!factor.among("Mul") || factor.among("Mul")->index != product->index) return {};
  const auto half = at.after(*product).only_with_constant("Mul");
  if (!half || !is_number(half->constant, 0.5)) return {};
  return Piece{.spec = {.kind = "gelu"}, .weights = {}, .value = at.after(half->step).value};
}

// Softplus(beta x) / beta
std::optional<Piece> sharp_softplus(const Trail& at) {
  const auto factor = at.only_with_constant("Mul");
  if (!factor || factor->constant.size() != 1) return {};
  const std::optional<Step> step = at.after(factor->step).only("Softplus");
  if (!step) return {};
  const double beta = factor->constant.at(0);
  const std::optional<Step> back = at.after(*step).only("Div");
  if (!back || back->constant(1) == nullptr || !is_number(*back->constant(1), beta)) return {};
  return Piece{.spec = {.kind = "softplus", .options = {{.name = "beta", .value = as_written(beta)}}},
               .weights = {},
               .value = at.after(*back).value};
}

// Before opset 13 all axes from `axis` on were one.
std::optional<Piece> softmax(const Trail& at) {
  const std::optional<Step> step = at.only("Softmax");
  if (!step) return {};
  const std::int64_t rank = at.example.rank() + 1;
  const bool is_old = at.net->opset() < 13;
  std::int64_t axis = step->attributes.integer("axis", is_old ? 1 : -1);
  axis = axis < 0 ? axis + rank : axis;
  require(axis >= 0 && axis < rank && (!is_old || axis == rank - 1),
          "its axis {} is not supported in this opset, only the last one.", axis);
  Piece piece{.spec = {.kind = "softmax"}, .weights = {}, .value = at.after(*step).value};
  if (axis != rank - 1) piece.spec.options.push_back({.name = "axis", .value = axis});
  return piece;
}

}  // namespace

std::vector<Recogniser> activation_recognisers() {
  return {{"Relu", relu}, {"Sigmoid", sigmoid},   {"Sigmoid", silu},
          {"Tanh", tanh}, {"Elu", elu},           {"LeakyRelu", leaky_relu},
          {"Selu", selu}, {"Softplus", softplus}, {"Mul", sharp_softplus},
          {"Div", gelu},  {"Softmax", softmax},   {"Identity", identity}};
}

}  // namespace gradus::io::onnx
