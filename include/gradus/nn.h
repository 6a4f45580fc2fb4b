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

#include "gradus/ops.h"

namespace gradus::nn {

// ---- Initializers -------------------------------------------------------------------------------

// How a weight [out, in, ...] is drawn at the start. fan_in is the product of all extents but the first,
// fan_out the product of all but the second.
class Initializer {
 public:
  static Initializer zeros();
  static Initializer constant(double value);
  static Initializer uniform(double low, double high);
  static Initializer normal(double mean, double std);
  static Initializer uniform_fan_in();  // U(-b, b), b = 1 / sqrt(fan_in)
  static Initializer glorot_uniform();  // U(-b, b), b = sqrt(6 / (fan_in + fan_out)) (Glorot & Bengio 2010)
  static Initializer glorot_normal();   // N(0, 2 / (fan_in + fan_out))
  static Initializer he_uniform();      // U(-b, b), b = sqrt(6 / fan_in) (He et al. 2015)
  static Initializer he_normal();       // N(0, 2 / fan_in)
  static Initializer lecun_uniform();   // U(-b, b), b = sqrt(3 / fan_in) (LeCun et al. 1998)
  static Initializer lecun_normal();    // N(0, 1 / fan_in)
  // The weight as a matrix [out, rest] gets orthonormal rows or columns, whichever are fewer, times `gain`
  // (Saxe, McClelland & Ganguli 2014).
  static Initializer orthogonal(double gain = 1.0);

  // From text: a name above with its numbers, "he_uniform", "constant:value=0.1", "normal:mean=0,std=0.02".
  // Unknown names and numbers are refused (Fault::model).
  static Initializer parse(std::string_view text);
  static std::vector<std::string> names();
  std::string str() const;  // what parse() reads
  bool operator==(const Initializer& other) const;

  // Fills `weight` (f32 or f64): a function of (seed, number, shape) only, and equal in both dtypes up to
  // rounding. Those with a fan in their formula, and orthogonal, refuse weights of fewer than two axes.
  void fill(const Tensor& weight, std::uint64_t seed, std::uint32_t number) const;

  struct Maker;  // a row of the table of initializers

 private:
  Initializer(const Maker& maker, double first, double second) : maker_(&maker), numbers_{first, second} {}
  const Maker* maker_;
  double numbers_[2];
};

// ---- Layers -------------------------------------------------------------------------------------

class Layer;
using LayerPtr = std::shared_ptr<Layer>;

// What a layer must know of the pass it is built into.
struct Pass {
  bool training = true;   // false: dropout passes everything, batch_norm uses running statistics
  Variable counter = {};  // i64 [2] = (seed, step): where random layers take their numbers from
  // Called with every layer that was built, inner ones first, and its output.
  std::function<void(const Layer&, const Value& y)> watch = {};
};

// A node builder with variables and inner layers. Copies share their variables. Every layer is initialized
// with seed 0 when it is made; Sequential initializes its layers anew, numbered through the whole network.
class Layer {
 public:
  virtual ~Layer() = default;

  // Appends the layer to x's graph under the scope "layers.2 (dense)".
  Value operator()(const Value& x, const Pass& pass = {}) const;

  const std::string& kind() const { return kind_; }  // "dense"
  const std::string& path() const { return path_; }  // "layers.2"; "" outside a Sequential
  std::string title() const;                         // "layers.2 (dense)", or the kind alone
  const std::vector<LayerPtr>& children() const { return children_; }
  std::vector<Variable> parameters() const;      // own ones, then the children's in order
  std::vector<Variable> own_parameters() const;  // without the children's
  std::vector<Variable> variables() const;       // the same with running statistics

  // Draws parameter i of this layer's traversal from the random sequence (seed, stream of parameter i).
  void initialize(std::uint64_t seed) const;
  // Names this layer and all inside it: its variables become PATH.weight, its children PATH.0, PATH.1, ...
  void place(const std::string& path);
  // Whether it zeroes about half of its input's variance: the layer before it then defaults to He's.
  virtual bool rectifies() const { return false; }

 protected:
  explicit Layer(std::string kind) : kind_(std::move(kind)) {}
  virtual Value build(const Value& x, const Pass& pass) const = 0;

  // Makes a variable of this layer. Without an initializer: he_uniform where a layer that rectifies()
  // follows directly, else glorot_uniform.
  Variable own(std::string name, const Type& type, std::optional<Initializer> init,
               Role role = Role::parameter);
  // Takes in the next layers of a chain, as children.
  void adopt_chain(std::vector<LayerPtr> chain);

 private:
  struct State {
    std::string name;
    Variable variable;
    std::optional<Initializer> init;
  };
  void number(std::uint64_t seed, std::uint32_t& next) const;

  std::string kind_, path_;
  std::vector<State> states_;
  std::vector<LayerPtr> children_;
  bool rectifier_follows_ = false;
};

struct DenseOptions {
  std::int64_t in = 0, out = 0;  // features, at least 1 each
  bool bias = true;
  std::optional<Initializer> init = {};
  Initializer bias_init = Initializer::zeros();
  DType dtype = DType::f32;               // f32 or f64
  std::optional<std::uint64_t> seed = 0;  // none: variables stay zero until initialize()
};

// y = x W^T + b over the last axis: x [..., in], weight [out, in], bias [out] -> [..., out]. The bias takes
// no weight decay. Refused: x whose last axis is not `in`, another dtype, a weight of more than 2^31
// elements.
class Dense : public Layer {
 public:
  explicit Dense(const DenseOptions& options);
  const Variable& weight() const { return weight_; }
  const Variable& bias() const { return bias_; }  // undefined without bias

 private:
  Value build(const Value& x, const Pass& pass) const override;
  Variable weight_, bias_;
};

// The op of the same name (gradus/ops.h), per element; Softmax along an axis.
class Activation : public Layer {
 public:
  bool rectifies() const override { return rectifies_; }

 protected:
  using Function = std::function<Value(const Value&)>;
  Activation(std::string kind, Function function, bool rectifies = false)
      : Layer(std::move(kind)), function_(std::move(function)), rectifies_(rectifies) {}

 private:
  Value build(const Value& x, const Pass&) const override { return function_(x); }
  Function function_;
  bool rectifies_;
};

struct Sigmoid : Activation {
  Sigmoid();
};
struct Tanh : Activation {
  Tanh();
};
struct Relu : Activation {
  Relu();
};
struct LeakyRelu : Activation {
  explicit LeakyRelu(const LeakyReluOptions& options = {});
};
struct Elu : Activation {
  explicit Elu(const EluOptions& options = {});
};
struct Selu : Activation {
  Selu();
};
struct Gelu : Activation {
  Gelu();
};
struct Silu : Activation {
  Silu();
};
struct Softplus : Activation {
  explicit Softplus(const SoftplusOptions& options = {});
};
struct Softmax : Activation {
  explicit Softmax(const AxisOptions& options = {});
};
struct Identity : Activation {
  Identity();
};

// [N, ...] -> [N, product of the rest].
class Flatten : public Layer {
 public:
  Flatten() : Layer("flatten") {}

 private:
  Value build(const Value& x, const Pass&) const override { return flatten(x); }
};

// [N, ...] -> [N, shape...], as many elements. One extent may be -1: what is left.
class Reshape : public Layer {
 public:
  explicit Reshape(std::vector<std::int64_t> shape);

 private:
  Value build(const Value& x, const Pass&) const override;
  std::vector<std::int64_t> shape_;
};

template <class T>
concept IsLayer = std::is_base_of_v<Layer, T>;

// One layer after the other. At the top its variables are named layers.0.weight, ...; inside another one
// layers.1.0.weight, ... (every entry counted). No two entries may share a variable.
class Sequential : public Layer {
 public:
  Sequential() : Sequential(std::vector<LayerPtr>()) {}  // passes x on
  template <IsLayer First, IsLayer... Rest>
  explicit Sequential(First first, Rest... rest)
      : Sequential(std::vector<LayerPtr>{std::make_shared<First>(std::move(first)),
                                         std::make_shared<Rest>(std::move(rest))...}) {}
  explicit Sequential(std::vector<LayerPtr> layers, std::optional<std::uint64_t> seed = 0);

 private:
  Value build(const Value& x, const Pass& pass) const override;
};

// ---- Losses, metrics, penalties -----------------------------------------------------------------

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
// { dense = 10 } or { dense = { units = 10, bias = false } }. Every layer takes `freeze = true` (left alone
// by the optimizer) and `lr = X` (multiplies the learning rate). Anything unknown, of the wrong type or out
// of range is refused (Fault::model) with FILE:LINE:COLUMN. Top-level keys in `other_keys` are left to
// others.
ModelSpec parse_model(std::string_view toml, const std::string& where,
                      const std::vector<std::string>& other_keys = {});
// The text parse_model() reads back to an equal spec.
std::string to_toml(const ModelSpec& spec);

struct BuildOptions {
  std::int64_t outputs = 0;  // features the network must at least end in; 0: not checked
  std::uint64_t seed = 0;
  DType dtype = DType::f32;
};

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

struct NamedModel {
  std::string name, description;
};
const std::vector<NamedModel>& named_models();
// The named model for examples of shape `input`, ending in `outputs` units. Fault::usage for other names.
ModelSpec named_model(std::string_view name, const Shape& input, std::int64_t outputs);

struct SummaryRow {
  std::string path, kind;
  Shape output;                            // with the batch axis
  std::int64_t parameters = 0, flops = 0;  // forward, a multiply-add counts two
};
// A row per layer in the order they are built; layers with children only if they have parameters of their
// own.
std::vector<SummaryRow> summary(const Network& network, std::int64_t batch = 1);

}  // namespace gradus::nn
