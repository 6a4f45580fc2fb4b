// The graph: nodes with typed outputs, handles to those outputs, and the state that lives between steps.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gradus/tensor.h"

#pragma GCC visibility push(default)  // what the shared library exports
namespace gradus {

class Attrs;
class Graph;
struct Node;
struct OpDef;

// What a variable is for; each role has its own contiguous arena in a session.
enum class Role : std::uint8_t { parameter, optimizer, statistic, control };

// State that outlives a step: a parameter, an optimizer's moment, a running statistic, or a control
// (learning rate, random counter). A handle: copies mean the same variable. Its tensor is moved into
// an arena, once, by the first Session that uses it; value() always shows the current elements.
class Variable {
 public:
  Variable() = default;
  Variable(std::string name, const Type& type, Role role = Role::parameter);

  bool defined() const { return data_ != nullptr; }
  const std::string& name() const;
  void rename(std::string name) const;
  const Type& type() const;
  Role role() const;
  // Shares the variable's memory: writing to it sets the variable. The first session moves that memory,
  // so take value() anew rather than keep copies of it.
  const Tensor& value() const;
  void set(const Tensor& value) const;  // copies; Error if the type differs

  // Settings an optimizer honours.
  bool trainable() const;  // false: the optimizer leaves it alone (frozen)
  void set_trainable(bool trainable) const;
  bool decays() const;  // false: left out of weight decay and L2 (biases, norms)
  void set_decays(bool decays) const;
  double lr_scale() const;  // multiplies the learning rate
  void set_lr_scale(double scale) const;
  int unit_axis() const;  // the axis along which units or filters lie: each one's weights have a norm
  void set_unit_axis(int axis) const;

  // For sessions: moves the elements to `memory` (bytes() long) and keeps them there. Only once.
  bool bound() const;
  void bind(std::shared_ptr<std::byte> memory) const;

  bool operator==(const Variable& other) const { return data_ == other.data_; }
  const void* id() const { return data_.get(); }

 private:
  struct Data;
  std::shared_ptr<Data> data_;
};

// A handle to one output of a node: its element type and static shape are known while the graph is built.
class Value {
 public:
  Value() = default;
  Value(Graph* graph, int node, int output = 0) : graph_(graph), node_(node), output_(output) {}

  explicit operator bool() const { return graph_ != nullptr; }
  // Error for an empty handle.
  Graph& graph() const {
    if (graph_ == nullptr) refuse_empty();
    return *graph_;
  }
  const Node& node() const;
  int node_id() const { return node_; }
  int output() const { return output_; }
  const Type& type() const;
  DType dtype() const { return type().dtype; }
  const Shape& shape() const { return type().shape; }
  // Names the node for printing, profiles and messages; returns the same handle.
  const Value& named(std::string name) const;
  bool operator==(const Value&) const = default;

 private:
  [[noreturn]] static void refuse_empty();
  Graph* graph_ = nullptr;
  int node_ = -1;
  int output_ = 0;
};

// What ops of several inputs take, and ops of several outputs give.
using Values = std::vector<Value>;

// A list of nodes in an order in which every node comes after its inputs.
// What a step must do: compute outputs(), and carry out every state write among the nodes.
class Graph {
 public:
  Graph();
  ~Graph();
  Graph(Graph&&) noexcept;  // handles to its values stay with the old object: take new ones by find(),
                            // outputs()
  Graph(const Graph&) = delete;
  Graph& operator=(Graph&&) = delete;
  Graph& operator=(const Graph&) = delete;

  // Appends a node after checking its inputs against the op's shape rule. Errors name the op, the
  // enclosing scope, the shapes and the fix. add() is for ops with one output, add_all() for any.
  Value add(const OpDef& op, Attrs attrs, const Values& inputs = {});
  Values add_all(const OpDef& op, Attrs attrs, const Values& inputs = {});

  const std::deque<Node>& nodes() const { return nodes_; }
  const Node& node(int id) const;

  // Declares what a run gives back, in this order.
  void output(const Value& value, std::string name);
  const std::vector<std::pair<std::string, Value>>& outputs() const { return outputs_; }
  // The input nodes, in the order they were made; and the distinct variables nodes read or write.
  Values inputs() const;
  std::vector<Variable> variables() const;
  // The node that reads `variable`, or none yet.
  Value find(const Variable& variable) const;

  // Nodes made while a Scope lives carry its path ("layers.0"): it shows in messages and profiles.
  class Scope {
   public:
    Scope(Graph& graph, const std::string& name);  // "" adds nothing; starts at the enclosing scope
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Graph& graph_;
    std::string before_;
  };
  // Nodes made while a Path lives carry exactly `path`, whatever encloses it (gradient nodes take the
  // path of the node they belong to).
  class Path {
   public:
    Path(Graph& graph, std::string path);
    ~Path();
    Path(const Path&) = delete;
    Path& operator=(const Path&) = delete;

   private:
    Graph& graph_;
    std::string before_;
  };
  const std::string& scope() const { return scope_; }

 private:
  friend class Value;
  std::deque<Node> nodes_;
  std::vector<std::pair<std::string, Value>> outputs_;
  std::string scope_;
};

}  // namespace gradus
#pragma GCC visibility pop
