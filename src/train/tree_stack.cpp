#include "train/tree_stack.h"

#include <bit>
#include <cstring>

#include "base/buffer.h"
#include "base/check.h"
#include "tensor/dispatch.h"

namespace gradus::train {

namespace {

// to = a + leaf, or leaf alone.
template <class T>
void place(std::span<T> to, const T* a, const std::vector<Piece>& leaf) {
  std::size_t at = 0;
  const auto zeros = [&](std::size_t end) {
    for (; at < end; ++at) to[at] = a != nullptr ? a[at] + T(0) : T(0);
  };
  for (const Piece& piece : leaf) {
    zeros(piece.first);
    const auto values = piece.values.values<const T>();
    const T* from = values.data();
    T* put = to.data() + at;
    if (a != nullptr) {
      const T* other = a + at;
      for (std::size_t i = 0; i < values.size(); ++i) put[i] = other[i] + from[i];
    } else {
      std::memcpy(put, from, values.size_bytes());
    }
    at += values.size();
  }
  zeros(to.size());
}

}  // namespace

void put(const Tensor& to, const Piece& piece) {
  std::memcpy(to.data() + piece.first * size_of(to.dtype()), piece.values.data(), piece.values.byte_size());
}

void add_to(const Tensor& to, const Tensor& more, std::int64_t begin, std::int64_t end) {
  dispatch_float(to.dtype(), [&](auto zero) {
    using T = decltype(zero);
    T* x = to.values<T>().data();
    const T* y = more.values<const T>().data();
    for (std::int64_t i = begin; i < end; ++i) x[i] += y[i];
  });
}

void add_to(Totals& to, const Totals& more) {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] += more[i];
}

TreeStack::TreeStack(const Type& type, std::int64_t leaves) {
  GRADUS_CHECK(leaves > 0 && std::has_single_bit(static_cast<std::uint64_t>(leaves)));
  for (std::int64_t width = 1; width <= leaves; width *= 2) {
    memory_ = allocate(type.bytes());
    levels_.push_back({.vector = Tensor(type, memory_)});
  }
}

void TreeStack::begin() { leaf_ = 0; }

// The leaf meets the sums that wait for it: as many as its number ends in ones.
void TreeStack::add(const std::vector<Piece>& pieces, const Totals& totals) {
  const auto waiting = static_cast<std::size_t>(std::countr_one(leaf_++));
  Level& to = levels_[waiting];
  const std::int64_t n = to.vector.size();
  dispatch_float(to.vector.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T* first = waiting > 0 ? levels_[0].vector.values<T>().data() : nullptr;
    place<T>(to.vector.values<T>(), first, pieces);
  });
  to.totals = totals;
  for (std::size_t level = 0; level < waiting; ++level) {
    if (level > 0) add_to(to.vector, levels_[level].vector, 0, n);
    add_to(to.totals, levels_[level].totals);
  }
}

}  // namespace gradus::train
