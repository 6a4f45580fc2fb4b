// Neural networks as graph builders: layers, initializers, losses, metrics, penalties, the model file and the
// named models. Nothing here computes: a layer called on a Value appends nodes to that Value's graph.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "gradus/layers.h"

#pragma GCC visibility push(default)  // what the shared library exports
namespace gradus::nn {

// ---- Losses, metrics, penalties -----------------------------------------------------------------

// Settings of those losses that have some.
struct LossSettings {
  double label_smoothing = 0.0;  // in [0, 1); softmax_cross_entropy and sigmoid_cross_entropy only
  double huber_delta = 1.0;
};

// Predictions that were right, as an i64 scalar, of `per_example` predictions for each example. So sums over
// batches of any size add up exactly: accuracy = sum of counts / (examples * per_example).
struct Correct {
  Value count;
  std::int64_t per_example = 1;
};

// A loss by name. The targets a loss takes:
//   softmax_cross_entropy   logits [N, K]; classes [N] (i32, i64) or probabilities [N, K]
//   sigmoid_cross_entropy   logits [N, K]; 0 and 1 [N, K]; classes [N] with K = 1 (0 or 1) or one-hot to K
//   mse, mae, huber         y [N, ...]; numbers of as many elements, integers too
struct LossDef {
  std::string name, doc;
  bool classifies;
  // The mean over the batch of the examples' losses (means over an example's elements), a scalar of the
  // output's dtype. With weights [N] >= 0: sum w_i l_i / sum w_i, and 0 where all are 0.
  std::function<Value(const Value& output, const Value& target, const Value& weights, const LossSettings&)>
      build;
  // softmax: argmax equals the class (of probabilities: their argmax). sigmoid: each logit > 0 is compared
  // with its target > 0.5, so with K labels an example counts K predictions (the element-wise mean); with
  // classes [N] and K > 1: argmax. Absent for regression.
  std::function<Correct(const Value& output, const Value& target)> correct;
};
const std::vector<LossDef>& losses();
const LossDef& find_loss(std::string_view name);  // Fault::usage with the known names

struct PenaltyOptions {
  bool decay_all = false;  // also variables whose decays() is false (biases, normalization)
};
// lambda / 2 * sum of squares of the parameters that decay (gradient lambda W); lambda * sum of magnitudes
// (gradient lambda sign(W), 0 at 0). A scalar of the first parameter's dtype.
Value l2(Graph& graph, const std::vector<Variable>& parameters, double lambda,
         const PenaltyOptions& options = {});
Value l1(Graph& graph, const std::vector<Variable>& parameters, double lambda,
         const PenaltyOptions& options = {});

// ---- The model file -----------------------------------------------------------------------------

struct LayerSpec;
// What an option of a model file holds.
using OptionValue =
    std::variant<bool, std::int64_t, double, std::string, std::vector<std::int64_t>, std::vector<LayerSpec>>;
// Where something stands in a model file; line 0: nowhere.
struct Place {
  std::int64_t line = 0, column = 0;
};
struct OptionSpec {
  std::string name;
  OptionValue value;
  Place place = {};
};
struct LayerSpec {
  std::string kind;
  std::vector<OptionSpec> options = {};
  Place place = {};
};
// A network described: what a model file says. Places take no part in equality.
struct ModelSpec {
  std::optional<Shape> input = {};  // without the batch axis
  std::vector<LayerSpec> layers = {};
  std::string where = "model";  // opens messages: the file
};
bool operator==(const OptionSpec& a, const OptionSpec& b);
bool operator==(const LayerSpec& a, const LayerSpec& b);
bool operator==(const ModelSpec& a, const ModelSpec& b);

// Reads a model file: `input = [1, 28, 28]` (may be absent) and `layers = [...]`, whose entries are "relu",
// { dense = 10 } or { dense = { units = 10, bias = false } }; a list is a `sequential`. Every layer takes
// `freeze = true` (left alone by the optimizer) and `lr = X` (multiplies the learning rate). Anything
// unknown, of the wrong type or out of range is refused (Fault::model) with FILE:LINE:COLUMN. Top-level keys
// in `other_keys` are left to others.
ModelSpec parse_model(std::string_view toml, const std::string& where,
                      const std::vector<std::string>& other_keys = {});
// The text parse_model() reads back to an equal spec.
std::string to_toml(const ModelSpec& spec);

struct BuildOptions {
  std::int64_t outputs = 0;  // features the network must at least end in; 0: not checked
  std::uint64_t seed = 0;
  DType dtype = DType::f32;
};

// A network that was built: its description, its layers, and what it takes and gives.
struct Network {
  ModelSpec spec;
  Shape input = {}, output = {};  // without the batch axis
  DType dtype = DType::f32;
  Sequential layers = {};

  // x [N, ...] with the elements of `input`; it is reshaped to [N, input...] if it has another shape.
  Value operator()(const Value& x, const Pass& pass = {}) const;
  std::vector<Variable> parameters() const { return layers.parameters(); }
  std::vector<Variable> variables() const { return layers.variables(); }
};

// Makes the layers for examples of shape `input`, each layer's input size taken from the layers before it.
// A layer that does not fit is refused (Fault::model) by its place, path and kind, with both shapes; so is
// an `input` of the spec that holds another number of elements.
Network build(const ModelSpec& spec, const Shape& input, const BuildOptions& options = {});

// A model that gradus knows by name.
struct NamedModel {
  std::string name, description, paper = {};  // no paper: ""
  Shape input = {};                           // of the examples its paper, or else our benchmark, is about
  std::int64_t outputs = 10;
};
// All of them, in the order of `gradus models`.
const std::vector<NamedModel>& named_models();
// The named model for examples of shape `input`, ending in `outputs` units. Models of images take [H, W] as
// [1, H, W]. Fault::usage for other names, Fault::model for examples that do not fit.
ModelSpec named_model(std::string_view name, const Shape& input, std::int64_t outputs);

// A line about a layer.
struct SummaryRow {
  std::string path, kind;
  Shape output;                            // with the batch axis
  std::int64_t parameters = 0, flops = 0;  // forward, a multiply-add counts two
};
// A row per layer in the order they are built; layers with children only if they have parameters of their
// own.
std::vector<SummaryRow> summary(const Network& network, std::int64_t batch = 1);

}  // namespace gradus::nn
#pragma GCC visibility pop
