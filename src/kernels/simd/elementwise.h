// Elementwise functions over contiguous runs, compiled for every instruction set (Highway).
#pragma once

#include <array>
#include <cstddef>

#include "gradus/op_def.h"

namespace gradus::simd {

enum class Function : std::uint8_t {
  add,
  sub,
  mul,
  div,
  maximum,
  minimum,
  neg,
  exp,
  log,
  log1p,
  sqrt,
  rsqrt,
  square,
  abs,
  sign,
  clip,
  sigmoid,
  tanh,
  relu,
  leaky_relu,
  softplus,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  select
};

inline constexpr std::size_t kMostOperands = 6;

// One run: `n` outputs; an input marked scalar gives its one element to all of them. `out` may be the
// very address of an input that is not scalar.
struct Run {
  const void* in[kMostOperands] = {};
  bool scalar[kMostOperands] = {};
  void* out = nullptr;
  std::size_t n = 0;
  const double* parameters = nullptr;  // of clip, leaky_relu, softplus
};

using RunFunction = void (*)(const Run&);

// The implementation for the running processor; null if there is none for the element type.
RunFunction find_function(Function function, DType dtype);

// The same for cast.
RunFunction find_cast(DType from, DType to);

// Two ops in one, rounded as the two are.
enum class Pair : std::uint8_t {
  mul_add,        // a b + c
  mul_sub,        // a b - c
  sub_mul,        // c - a b
  add_times,      // (a + b) c
  sub_times,      // (a - b) c
  select_greater  // a > b ? c : b
};
RunFunction find_pair(Pair pair, DType dtype);

// More ops in one, rounded as they are: what optimizers with running averages and normalization are made of.
enum class Chain : std::uint8_t {
  average,         // a b + c d
  average_square,  // a b + c^2 d
  root_step,       // a - b / (sqrt(c) d + e) f
  normalize,       // (a - b) c + d
  normalize_relu,  // relu((a - b) c + d)
  gate             // relu(a b + c) > d ? e : d
};
RunFunction find_chain(Chain chain, DType dtype);

// What carries out an elementwise op; without a function where there is no vector code.
struct Elementwise {
  RunFunction function = nullptr;
  std::array<double, 2> parameters{};
  bool cheap = false;  // arithmetic only
};
Elementwise find_elementwise(const OpDef& op, const Attrs& attrs, DType in, DType out);

}  // namespace gradus::simd
