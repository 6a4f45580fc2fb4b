// Plain loops for reference kernels: maps over broadcast operands, walks over strided axes.
#pragma once

#include <array>
#include <span>

#include "gradus/op_def.h"
#include "ops/support/rules.h"
#include "tensor/dispatch.h"

namespace gradus {

using Strides = std::array<std::int64_t, Shape::kMaxRank>;

// Element strides of a dense tensor of `shape` seen as `to` (0 along stretched axes), one per axis of `to`.
Strides broadcast_strides(const Shape& shape, const Shape& to);
// Element strides of a dense tensor.
inline Strides dense_strides(const Shape& shape) { return broadcast_strides(shape, shape); }

// Visits every index of `shape` in row-major order and calls body(i, offsets...) with the element
// number and the offset each stride list gives.
template <std::size_t Operands, class Body>
void walk(const Shape& shape, const std::array<Strides, Operands>& strides, Body&& body) {
  std::array<std::int64_t, Shape::kMaxRank> index{};
  std::array<std::int64_t, Operands> offset{};
  const std::int64_t n = shape.size();
  for (std::int64_t i = 0; i < n; ++i) {
    body(i, offset);
    for (int axis = shape.rank() - 1; axis >= 0; --axis) {
      const auto a = static_cast<std::size_t>(axis);
      for (std::size_t k = 0; k < Operands; ++k) offset[k] += strides[k][a];
      if (++index[a] < shape[axis]) break;
      for (std::size_t k = 0; k < Operands; ++k) offset[k] -= strides[k][a] * shape[axis];
      index[a] = 0;
    }
  }
}

// out[i] = F()(options, x[i]) for float tensors; the result's type is what F returns. F is a struct with
//     template <class T> T operator()(const Options&, T x) const;
template <class F, class Options>
void map_unary(const Options& options, std::span<const Tensor> in, std::span<const Tensor> out) {
  dispatch_float(in[0].dtype(), [&](auto zero) {
    using T = decltype(zero);
    using R = decltype(F()(options, T{}));
    const auto x = in[0].values<const T>();
    const auto y = out[0].values<R>();
    for (std::size_t i = 0; i < x.size(); ++i) y[i] = F()(options, x[i]);
  });
}

namespace detail {

// body(i, a, b) for every element of `shape`, with the elements of type T that broadcast to it.
template <class T, class Body>
void for_pairs(const Shape& shape, std::span<const Tensor> in, Body&& body) {
  const std::array strides = {broadcast_strides(in[0].shape(), shape),
                              broadcast_strides(in[1].shape(), shape)};
  const auto a = in[0].values<const T>(), b = in[1].values<const T>();
  walk(shape, strides, [&](std::int64_t i, const auto& at) {
    body(static_cast<std::size_t>(i), a[static_cast<std::size_t>(at[0])], b[static_cast<std::size_t>(at[1])]);
  });
}

template <class T, class F, class Options>
void map_pairs(const Options& options, std::span<const Tensor> in, const Tensor& out) {
  using R = decltype(F()(options, T{}, T{}));
  const auto y = out.values<R>();
  for_pairs<T>(out.shape(), in, [&](std::size_t i, T a, T b) { y[i] = F()(options, a, b); });
}

}  // namespace detail

// out[i] = F()(options, a[i], b[i]) with broadcasting; the result's type is what F returns.
template <class F, class Options>
void map_binary(const Options& options, std::span<const Tensor> in, std::span<const Tensor> out) {
  dispatch(in[0].dtype(), [&](auto zero) { detail::map_pairs<decltype(zero), F>(options, in, out[0]); });
}

// The same for float tensors only.
template <class F, class Options>
void map_binary_float(const Options& options, std::span<const Tensor> in, std::span<const Tensor> out) {
  dispatch_float(in[0].dtype(),
                 [&](auto zero) { detail::map_pairs<decltype(zero), F>(options, in, out[0]); });
}

// For OpDef::branch: F()(options, x[i]) is the number of the smooth piece that x[i] is on.
template <class F, class Options>
std::vector<std::int64_t> branch_unary(const Options& options, std::span<const Tensor> in) {
  std::vector<std::int64_t> piece(static_cast<std::size_t>(in[0].size()));
  dispatch_float(in[0].dtype(), [&](auto zero) {
    const auto x = in[0].values<const decltype(zero)>();
    for (std::size_t i = 0; i < piece.size(); ++i) piece[i] = F()(options, x[i]);
  });
  return piece;
}

// The same of two operands, with broadcasting.
template <class F, class Options>
std::vector<std::int64_t> branch_binary(const Options& options, std::span<const Tensor> in) {
  const Shape shape = broadcast(in[0].shape(), in[1].shape());
  std::vector<std::int64_t> piece(static_cast<std::size_t>(shape.size()));
  dispatch(in[0].dtype(), [&](auto zero) {
    using T = decltype(zero);
    detail::for_pairs<T>(shape, in, [&](std::size_t i, T a, T b) { piece[i] = F()(options, a, b); });
  });
  return piece;
}

}  // namespace gradus
