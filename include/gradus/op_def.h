// How an op describes itself. One OpDef holds everything the system knows about an op: the shape rule,
// the gradient rule, the plain kernel, samples, refusals and documentation. Users define their own ops
// the same way and add them with Graph::add.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "gradus/error.h"
#include "gradus/value.h"

#pragma GCC visibility push(default)  // what the shared library exports
namespace gradus {

// One attribute of a node. Enumerations travel as integers.
using AttrValue = std::variant<bool, std::int64_t, double, std::string, std::vector<std::int64_t>, DType,
                               Shape, Tensor, Variable>;
using AttrList = std::vector<std::pair<std::string, AttrValue>>;

// A node's options: any plain struct with one visitor over its fields,
//     static void fields(auto& self, auto&& visit) { visit("beta", self.beta); }
// from which equality, hashing, printing and parsing follow.
class Attrs {
 public:
  template <class Options>
  requires(!std::is_same_v<std::remove_cvref_t<Options>, Attrs>)
      Attrs(Options options);  // implicit: a node's options are written as the struct itself

  template <class Options>
  const Options& get() const;
  const AttrList& list() const { return *list_; }
  bool operator==(const Attrs& other) const;
  std::size_t hash() const;

 private:
  std::shared_ptr<const void> options_;
  std::shared_ptr<const AttrList> list_;
  const void* tag_ = nullptr;  // one address per Options type
};

// The options of ops that have none.
struct NoOptions {
  static void fields(auto&, auto&&) {}
};

// A node: an op with options applied to values.
struct Node {
  int id = 0;
  const OpDef* op = nullptr;
  Attrs attrs = NoOptions{};
  Values in;
  std::vector<Type> out;
  Graph* graph = nullptr;
  std::string name;   // "" unless given
  std::string scope;  // path of the layer it belongs to

  template <class Options>
  const Options& attr() const {
    return attrs.get<Options>();
  }
  std::string where() const;  // "matmul %4 in layers.0", "exp 'name'": for messages
};

// The types of an op's outputs; most ops have one.
class Types {
 public:
  Types(Type type) : types_{std::move(type)} {}  // implicit: `return in[0];` in a shape rule
  Types(std::vector<Type> types) : types_(std::move(types)) {}
  std::vector<Type> list() && { return std::move(types_); }

 private:
  std::vector<Type> types_;
};

// Says that an op passes no gradient to its inputs (comparisons, argmax, random numbers).
struct NotDifferentiable {};
inline constexpr NotDifferentiable not_differentiable;

// Vector-Jacobian product: from a node, its outputs and the gradients that arrive at them (a missing
// one is an empty Value), the gradient of each input; an empty Value where there is none.
class GradientRule {
 public:
  using Single = Values (*)(const Node& node, const Value& y, const Value& dy);  // ops with one output
  using Many = std::function<Values(const Node& node, const Values& y, const Values& dy)>;
  GradientRule(NotDifferentiable) {}
  GradientRule(Single rule);
  GradientRule(Many rule) : rule_(std::move(rule)) {}
  explicit operator bool() const { return static_cast<bool>(rule_); }
  Values operator()(const Node& node, const Values& y, const Values& dy) const { return rule_(node, y, dy); }

 private:
  Many rule_;
};

// What one input of a sample looks like. `real` becomes f32 or f64; `index` is i64 in [low, high);
// `boolean` is true or false.
struct SampleInput {
  enum Kind { real, index, boolean };
  Shape shape;
  double low = -2, high = 2;
  Kind kind = real;
};

// A legal use of an op: every check of the op table runs on it.
struct Sample {
  Attrs attrs;
  std::vector<SampleInput> in;
};

// An illegal use, and the exact message it must give.
struct Refusal {
  Attrs attrs;
  std::vector<Type> in;
  std::string message;
};

// Lines for docs/ops.md: formula, shapes with their axes, the gradient with its choice at kinks, source.
struct OpDoc {
  std::string_view formula = {}, shapes = {}, gradient = {}, source = {};
};

// The form an op takes when its images come with their axes in another order.
struct Reordered {
  Attrs attrs;
  std::vector<bool> in, out;  // which inputs and outputs have the new order; the others stay as they are
};

// The form an op takes on some rows, places along axis 0, of its inputs: some examples of a batch.
struct OnRows {
  Attrs attrs;
  std::vector<bool> in;   // which inputs are cut to those rows; the others stay whole
  std::vector<bool> out;  // which outputs are their rows; the others are sums over the rows
};

// An output that is made of pieces of the inputs, one after the other along an axis.
struct Pieces {
  struct Piece {
    int input;
    std::int64_t begin, count;  // places along the axis
  };
  int axis;
  std::vector<Piece> list;
};

// Everything about an op. Made by define<Options>() and kept in a constant of static lifetime.
struct OpDef {
  enum Kind : std::uint8_t {
    input,        // a value the caller feeds
    constant,     // a value fixed in the graph
    state,        // reads a variable (no inputs) or writes it (one input)
    elementwise,  // output element i depends on element i of each (broadcast) input; may run in place
    reduction,    // fewer elements along some axes
    view,         // same elements in the same order under another shape: no work at run time
    movement,     // elements copied to other places
    contraction,  // sums of products: matmul, convolution
    random,       // a function of a counter input
    composite     // several of these in one stable kernel: softmax, losses
  };

  std::string name;
  std::vector<std::string> inputs;  // names; a last one that ends in "..." takes any number
  Kind kind = composite;
  // Types of the outputs; throws Error when the inputs do not fit. Graph::add puts the op's name and
  // scope in front of the message.
  std::function<std::vector<Type>(const Attrs&, std::span<const Type> in)> infer;
  GradientRule vjp = not_differentiable;
  // Plain loops; out tensors are allocated, their contents undefined.
  std::function<void(const Attrs&, std::span<const Tensor> in, std::span<const Tensor> out)> reference;
  // Which smooth piece each output element is on (sign of relu's input, index of max's winner): two
  // inputs with different lists have a kink between them. Absent for smooth ops.
  std::function<std::vector<std::int64_t>(const Attrs&, std::span<const Tensor> in)> branch;
  // Floating-point operations (a multiply-add counts two); absent means not counted.
  std::function<std::int64_t(const Attrs&, std::span<const Type> in)> flops;
  // The input that the output is always equal to as numbers, and in type, or -1: what x + 0 and 1 x
  // give (a -0 stays -0). Absent when there is no such case.
  std::function<int(const Attrs&, const Values& in)> same_as;
  // The output is the input under NumPy's broadcasting: elementwise ops can read the input itself.
  bool stretches = false;
  // The same op on inputs of rank order.size() whose axis i was axis order[i] before; none where it has no
  // such form. Elementwise ops need no rule.
  std::function<std::optional<Reordered>(const Node&, std::span<const int> order)> reordered;
  // The same op on `rows` of the rows of inputs, of which `may_cut` says what has rows; none where a row
  // depends on others. Elementwise ops need no rule.
  std::function<std::optional<OnRows>(const Attrs&, std::span<const Type> in,
                                      const std::vector<bool>& may_cut, std::int64_t rows)>
      on_rows;
  // Of an op of kind movement, whether and how it joins pieces or takes one.
  std::function<std::optional<Pieces>(const Attrs&, std::span<const Type> in)> pieces;
  // Works on images [N, C, H, W] and is fastest where the channels come last.
  bool channels_last = false;
  // Whether inputs and results may be bf16; others are refused before `infer` sees them.
  bool takes_bf16 = false;
  // The outputs of `node` made of simpler ops, which a compiler can join with what surrounds them; empty
  // where the op itself is better.
  std::function<Values(const Node& node, const Values& in)> expand;
  std::function<std::vector<Sample>()> samples;
  std::function<std::vector<Refusal>()> refusals;
  OpDoc doc;
  std::function<Attrs(const AttrList&)> make_attrs;  // for the parser; Error names unknown attributes
};

// The typed form an op's file writes, with designated initializers.
template <class Options>
struct OpSpec {
  std::string name;
  std::vector<std::string> inputs;
  OpDef::Kind kind = OpDef::composite;
  Types (*infer)(const Options&, std::span<const Type> in);
  GradientRule vjp;
  void (*reference)(const Options&, std::span<const Tensor> in, std::span<const Tensor> out);
  std::vector<std::int64_t> (*branch)(const Options&, std::span<const Tensor> in) = nullptr;
  std::int64_t (*flops)(const Options&, std::span<const Type> in) = nullptr;
  int (*same_as)(const Options&, const Values& in) = nullptr;
  bool stretches = false;
  std::optional<Reordered> (*reordered)(const Node&, std::span<const int> order) = nullptr;
  std::optional<OnRows> (*on_rows)(const Options&, std::span<const Type> in, const std::vector<bool>& may_cut,
                                   std::int64_t rows) = nullptr;
  std::optional<Pieces> (*pieces)(const Options&, std::span<const Type> in) = nullptr;
  bool channels_last = false;
  bool takes_bf16 = false;
  Values (*expand)(const Node& node, const Values& in) = nullptr;
  std::vector<Sample> (*samples)() = nullptr;
  std::vector<Refusal> (*refusals)() = nullptr;
  OpDoc doc = {};
};

template <class Options>
OpDef define(OpSpec<Options> spec);

// ---------------------------------------------------------------------------- implementation

namespace detail {

template <class Options>
inline constexpr char options_tag = 0;

struct ListAttributes {
  AttrList& list;
  template <class T>
  void operator()(std::string_view name, const T& value) const {
    if constexpr (std::is_enum_v<T> && !std::is_same_v<T, DType>) {
      list.emplace_back(std::string(name), static_cast<std::int64_t>(value));
    } else {
      list.emplace_back(std::string(name), value);
    }
  }
};

struct AssignAttributes {
  const AttrList& list;
  std::size_t used = 0;
  template <class T>
  void operator()(std::string_view name, T& value) {
    for (const auto& [key, given] : list) {
      if (key != name) continue;
      ++used;
      if constexpr (std::is_enum_v<T> && !std::is_same_v<T, DType>) {
        if (const auto* number = std::get_if<std::int64_t>(&given))
          return void(value = static_cast<T>(*number));
      } else {
        if (const auto* exact = std::get_if<T>(&given)) return void(value = *exact);
        if constexpr (std::is_same_v<T, double>) {
          if (const auto* whole = std::get_if<std::int64_t>(&given))
            return void(value = static_cast<double>(*whole));
        }
      }
      throw Error("attribute '" + key + "' has the wrong kind of value.");
    }
  }
};

}  // namespace detail

template <class Options>
requires(!std::is_same_v<std::remove_cvref_t<Options>, Attrs>) Attrs::Attrs(Options options)
    : tag_(&detail::options_tag<Options>) {
  AttrList list;
  Options::fields(std::as_const(options), detail::ListAttributes{list});
  list_ = std::make_shared<const AttrList>(std::move(list));
  options_ = std::make_shared<const Options>(std::move(options));
}

template <class Options>
const Options& Attrs::get() const {
  if (tag_ != &detail::options_tag<Options>) throw Error("these are not the options of that op.");
  return *static_cast<const Options*>(options_.get());
}

// The OpDef of a spec. Error: no name, or no shape rule.
template <class Options>
OpDef define(OpSpec<Options> spec) {
  if (spec.name.empty() || spec.infer == nullptr)
    throw Error("op: it needs a name and a shape rule (infer).");
  OpDef op;
  op.name = std::move(spec.name);
  op.inputs = std::move(spec.inputs);
  op.kind = spec.kind;
  op.infer = [f = spec.infer](const Attrs& attrs, std::span<const Type> in) {
    return f(attrs.get<Options>(), in).list();
  };
  op.vjp = spec.vjp;
  if (spec.reference) {
    op.reference = [f = spec.reference](const Attrs& attrs, std::span<const Tensor> in,
                                        std::span<const Tensor> out) { f(attrs.get<Options>(), in, out); };
  }
  if (spec.branch) {
    op.branch = [f = spec.branch](const Attrs& attrs, std::span<const Tensor> in) {
      return f(attrs.get<Options>(), in);
    };
  }
  if (spec.flops) {
    op.flops = [f = spec.flops](const Attrs& attrs, std::span<const Type> in) {
      return f(attrs.get<Options>(), in);
    };
  }
  if (spec.same_as) {
    op.same_as = [f = spec.same_as](const Attrs& attrs, const Values& in) {
      return f(attrs.get<Options>(), in);
    };
  }
  op.stretches = spec.stretches;
  op.reordered = spec.reordered;
  if (spec.on_rows) {
    op.on_rows = [f = spec.on_rows](const Attrs& attrs, std::span<const Type> in,
                                    const std::vector<bool>& may_cut,
                                    std::int64_t rows) { return f(attrs.get<Options>(), in, may_cut, rows); };
  }
  if (spec.pieces) {
    op.pieces = [f = spec.pieces](const Attrs& attrs, std::span<const Type> in) {
      return f(attrs.get<Options>(), in);
    };
  }
  op.channels_last = spec.channels_last;
  op.takes_bf16 = spec.takes_bf16;
  if (spec.expand) op.expand = spec.expand;
  op.samples = spec.samples;
  op.refusals = spec.refusals;
  op.doc = spec.doc;
  op.make_attrs = [](const AttrList& list) {
    Options options{};
    detail::AssignAttributes assign{list};
    Options::fields(options, assign);
    if (assign.used != list.size()) {
      for (const auto& [key, value] : list) {
        bool known = false;
        Options::fields(options, [&, wanted = std::string_view(key)](std::string_view name, auto&) {
          known = known || name == wanted;
        });
        if (!known) throw Error("there is no attribute '" + key + "'.");
      }
    }
    return Attrs(options);
  };
  return op;
}

}  // namespace gradus
#pragma GCC visibility pop
