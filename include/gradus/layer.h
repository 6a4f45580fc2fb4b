// The base of all layers: how a weight starts, what a layer knows of its pass, names and traversal.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gradus/value.h"

#pragma GCC visibility push(default)  // what the shared library exports
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
class OnnxWriter;  // gradus/onnx_form.h
struct OnnxValue;
// Layers are shared: a network and whoever made the layer hold the same one.
using LayerPtr = std::shared_ptr<Layer>;

// What a layer must know of the pass it is built into.
struct Pass {
  bool training = true;   // false: dropout passes everything, batch_norm uses running statistics
  Variable counter = {};  // i64 [2] = (seed, step): where random layers take their numbers from
  Value numbers = {};     // i64 [3] = (seed, step, row): the same, where x holds the rows from that one on
  // Scalar of x's type: the number of examples all ranks have together. With it, batch_norm takes the
  // statistics of all of them.
  Value examples = {};
  // Called with every layer that was built, inner ones first, and its output.
  std::function<void(const Layer&, const Value& y)> watch = {};
  // Layers that may change places do so although they are watched.
  bool watch_as_trained = false;
};

// A node builder with variables and inner layers. Copies share their variables. Every layer is initialized
// with seed 0 when it is made; Sequential initializes its layers anew, numbered through the whole network.
class Layer {
 public:
  virtual ~Layer();
  Layer(const Layer&);
  Layer(Layer&&) noexcept;
  Layer& operator=(const Layer&);
  Layer& operator=(Layer&&) noexcept;

  // Appends the layer to x's graph under the scope "layers.2 (dense)".
  Value operator()(const Value& x, const Pass& pass = {}) const;

  // Appends the layer in evaluation, as ONNX's operators put it. Error (Fault::model): it has no such form.
  OnnxValue write_onnx(OnnxWriter& to, const OnnxValue& x) const;

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
  // Whether it zeroes about half of its input's variance: the weights before it then default to He's. None
  // for layers that pass it on to the next one (normalization, pooling, dropout, flatten).
  virtual std::optional<bool> rectifies() const { return false; }
  // Whether it commutes with taking the largest: an elementwise f that is exact and never decreases, as relu.
  virtual bool keeps_order() const { return false; }
  // Whether each element of its output is the largest of some of its input.
  virtual bool takes_largest() const { return false; }

 protected:
  explicit Layer(std::string kind);
  virtual Value build(const Value& x, const Pass& pass) const = 0;
  // What write_onnx() appends; refused unless a kind says it.
  virtual OnnxValue onnx(OnnxWriter& to, const OnnxValue& x) const;

  // Makes a variable of this layer. Without an initializer: he_uniform where a rectifier follows, else
  // glorot_uniform.
  Variable own(std::string name, const Type& type, std::optional<Initializer> init,
               Role role = Role::parameter);
  // A parameter that takes no weight decay: biases and normalization's.
  Variable own_undecayed(std::string name, const Type& type, const Initializer& init);
  // Takes in layers that follow each other, as children. Called again it begins another chain.
  void adopt_chain(std::vector<LayerPtr> chain);
  // What the first chain does to its input.
  std::optional<bool> chain_rectifies() const;
  // The first chain built onto x. A layer that keeps order and one behind it that takes the largest change
  // places, unless someone watches and did not allow it: max_pool2d(relu(x)) = relu(max_pool2d(x)), and the
  // relu has fewer elements. The gradient is the same: where the largest is not above 0, none passes.
  Value build_chain(const Value& x, const Pass& pass) const;
  OnnxValue onnx_chain(OnnxWriter& to, const OnnxValue& x) const;
  // Told whether a rectifier follows this layer.
  virtual void follow(bool rectifier);

 private:
  struct State;  // one of its own variables
  void number(std::uint64_t seed, std::uint32_t& next) const;
  std::size_t first_chain_end() const;

  std::string kind_, path_;
  std::vector<State> states_;
  std::vector<LayerPtr> children_;
  std::vector<std::size_t> chains_;  // where each begins among the children
  bool rectifier_follows_ = false;
};

}  // namespace gradus::nn
#pragma GCC visibility pop
