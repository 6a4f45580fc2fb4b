// What the compiler needs to know of kernels: a kernel carries out one node; a launch is a kernel bound
// to the buffers of one session.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "gradus/op_def.h"

namespace gradus {

// The operands of one instruction. The tensors are views of the session's buffers and stay valid, at
// the same addresses, as long as the session lives. An elementwise op's output may be the very buffer
// of an input of the same type.
struct Bindings {
  std::vector<Tensor> in, out;
  std::byte* scratch = nullptr;
};

// Runs one instruction; locks nothing, and allocates nothing unless a library does so inside.
class Launch {
 public:
  virtual ~Launch() = default;
  virtual void run() = 0;
};

// A way to carry out one node, prepared for its types and thread count. Immutable: sessions share it.
class Kernel {
 public:
  virtual ~Kernel() = default;
  virtual std::size_t scratch_bytes() const { return 0; }
  virtual std::unique_ptr<Launch> bind(const Bindings& bindings) const = 0;
};

// A launch made of a callable.
template <class F>
std::unique_ptr<Launch> make_launch(F f) {
  struct Callable final : Launch {
    explicit Callable(F g) : call(std::move(g)) {}
    void run() override { call(); }
    F call;
  };
  return std::make_unique<Callable>(std::move(f));
}

// A kernel made of a function from bindings to a launch.
template <class F>
std::shared_ptr<const Kernel> make_kernel(F bind, std::size_t scratch_bytes = 0) {
  struct Simple final : Kernel {
    Simple(F f, std::size_t bytes) : function(std::move(f)), scratch(bytes) {}
    std::size_t scratch_bytes() const override { return scratch; }
    std::unique_ptr<Launch> bind(const Bindings& bindings) const override { return function(bindings); }
    F function;
    std::size_t scratch;
  };
  return std::make_shared<const Simple>(std::move(bind), scratch_bytes);
}

struct KernelRequest {
  const Node& node;
  int threads;
};

// A prepared kernel, or the reason there is none.
using KernelChoice = std::variant<std::shared_ptr<const Kernel>, std::string>;

// One implementation of an op: accepts a node or says why not.
struct KernelDef {
  std::string name;  // "onednn.matmul"
  std::function<KernelChoice(const KernelRequest&)> prepare;
};

// The implementations of each op, fastest first; then what takes any op.
class KernelSet {
 public:
  void add(const OpDef& op, KernelDef def) { kernels_[&op].push_back(std::move(def)); }
  void add_fallback(KernelDef def) { fallback_.push_back(std::move(def)); }
  // Every candidate for `op`, in the order to try them.
  std::vector<const KernelDef*> candidates(const OpDef& op) const {
    std::vector<const KernelDef*> result;
    if (const auto found = kernels_.find(&op); found != kernels_.end()) {
      for (const KernelDef& def : found->second) result.push_back(&def);
    }
    for (const KernelDef& def : fallback_) result.push_back(&def);
    return result;
  }

 private:
  std::unordered_map<const OpDef*, std::vector<KernelDef>> kernels_;
  std::vector<KernelDef> fallback_;
};

}  // namespace gradus
