// From graph to running program: compile(), Session, and compile() of a C++ function.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "gradus/value.h"

#pragma GCC visibility push(default)  // what the shared library exports
namespace gradus {

class Communicator;  // gradus/communicator.h
struct Program;
struct Profile;  // gradus/profile.h

struct CompileOptions {
  int threads = 0;  // 0: as many as the machine offers
  enum Kernels { fast, reference } kernels = fast;
  std::vector<std::string> disabled_passes = {};  // prune, fold, cse, layout, expand, parts, bf16, fuse,
                                                  // recompute, epilogue, strips, reuse, in_place
  // What the arrays of a node should take at most. Nodes with more go through their batch together, some rows
  // at a time, so that what one makes is still in the cache when the next one reads it.
  std::size_t strip_bytes = std::size_t{12} << 20;
  // Mixed precision: products and convolutions of f32 read their factors rounded to bf16, add in f32, and
  // store images as bf16. Variables, sums, statistics and losses stay f32. Fast where has_fast_bf16().
  bool bf16 = false;
  Communicator* ranks = nullptr;  // that all_reduce sums over; none: this process alone
  // Sees the graph at "start" and after each pass.
  std::function<void(std::string_view pass, const Graph&)> watch = {};
};

// Whether this build and this processor have bf16 instructions; elsewhere the same products are slower than
// in f32.
bool has_fast_bf16();

// Passes, memory plan, kernels. The program is immutable; threads may share it, each with a Session.
std::shared_ptr<const Program> compile(const Graph& graph, const CompileOptions& options = {});

// A table of a program's instructions: kernel, operands, and which faster kernels refused and why.
std::string describe(const Program& program);
// What a session of it takes, in bytes, besides variables.
std::size_t arena_bytes(const Program& program);

// Memory for the arenas of sessions that never run at the same time: a run overwrites what the others left
// there, their outputs too. Copies mean the same memory.
class Workspace {
 public:
  explicit Workspace(std::size_t bytes);
  std::size_t bytes() const { return bytes_; }
  const std::shared_ptr<std::byte>& memory() const { return memory_; }

 private:
  std::shared_ptr<std::byte> memory_;
  std::size_t bytes_;
};

struct SessionOptions {
  bool poison = false;  // fills the arena with NaN before every run: finds reads of stale memory
  // Where its arena lies, of at least arena_bytes(program); none: memory of its own.
  std::optional<Workspace> workspace = {};
};

// The buffers of one running program. The first session that uses a variable moves its elements into a
// contiguous arena, one for each Role. A run locks nothing, prints nothing, and allocates nothing where
// Highway kernels serve every node, as they do in dense networks (oneDNN, taken for large products, and
// some plain kernels allocate inside). Sessions that only read their variables may run at the same time in
// different threads. A run takes numbers below the smallest normal one (1.2e-38 in f32) as 0. When a run
// throws (a label out of range), variables may hold part of that step.
class Session {
 public:
  explicit Session(std::shared_ptr<const Program> program, const SessionOptions& options = {});
  ~Session();
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;

  // The tensor that input `index` (in the order the graph declares them) reads: fill it before run().
  const Tensor& input(std::size_t index) const;
  std::size_t inputs() const;
  // Copies `value` there. Error if its type differs.
  void feed(std::size_t index, const Tensor& value);

  void run();
  // The same, calling `made` with each output once it is complete: what makes others runs on after the call.
  void run(const std::function<void(std::size_t output)>& made);
  // The same, adding the time of each instruction to a profile.
  void run(Profile& profile);
  // The same, looking at every result: gives the first node that made a NaN or an infinity from healthy
  // inputs, as "exp %7 in layers.2", and stops there. Slow; for finding a fault.
  std::optional<std::string> run_checked();

  // A view of output `index`: overwritten by the next run.
  const Tensor& output(std::size_t index) const;
  const std::vector<Tensor>& outputs() const;

  const Program& program() const;
  std::vector<Variable> variables() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

namespace detail {

// The sessions of a traced function, one for each list of argument types.
class FunctionCore {
 public:
  explicit FunctionCore(CompileOptions options);
  ~FunctionCore();
  FunctionCore(FunctionCore&&) noexcept;
  FunctionCore& operator=(FunctionCore&&) noexcept;
  // Feeds the arguments to the session for their types, runs it and gives it back; where there is none yet,
  // it compiles what `trace` makes of inputs of these types.
  const Session& run(std::span<const Tensor* const> arguments,
                     const std::function<Values(const Values&)>& trace);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

template <class F, std::size_t... I>
decltype(auto) call(F& f, const Values& values, std::index_sequence<I...>) {
  return f(values[I]...);
}

}  // namespace detail

// A C++ function over Values, traced and compiled once for each list of argument types. Calls feed the
// arguments, run, and give views of the results that the next call overwrites.
template <class F>
class Function {
 public:
  Function(F f, CompileOptions options) : f_(std::move(f)), core_(std::move(options)) {}

  template <class... Tensors>
  auto operator()(const Tensors&... arguments) {
    static_assert((std::is_same_v<Tensors, Tensor> && ...), "arguments are Tensors");
    using Indices = std::index_sequence_for<Tensors...>;
    using Result = decltype(detail::call(f_, std::declval<const Values&>(), Indices()));
    const std::array<const Tensor*, sizeof...(arguments)> list{&arguments...};
    const Session& session = core_.run(list, [this](const Values& values) -> Values {
      if constexpr (std::is_void_v<Result>)
        return detail::call(f_, values, Indices()), Values{};
      else if constexpr (std::is_same_v<std::remove_cvref_t<Result>, Value>)
        return {detail::call(f_, values, Indices())};
      else
        return detail::call(f_, values, Indices());
    });
    if constexpr (std::is_same_v<std::remove_cvref_t<Result>, Value>)
      return session.output(0);
    else if constexpr (!std::is_void_v<Result>)
      return session.outputs();
  }

 private:
  F f_;
  detail::FunctionCore core_;
};

// auto step = compile([&](Value x, Value labels) { ...; return loss; });   step(x, y);
template <class F>
requires(!std::is_convertible_v<F, const Graph&>) Function<F> compile(F f, CompileOptions options = {}) {
  return Function<F>(std::move(f), std::move(options));
}

}  // namespace gradus
#pragma GCC visibility pop
