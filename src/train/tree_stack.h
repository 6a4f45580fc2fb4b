// Sums of vectors in the order of a binary tree.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "gradus/tensor.h"

namespace gradus::train {

// What is summed beside the vectors.
using Totals = std::array<double, 4>;

// What a leaf adds, and where in the vector.
struct Piece {
  Tensor values;
  std::size_t first = 0;  // element
};

// ((0 + 1) + (2 + 3)) + ...: takes 2^k leaves one after the other, in k + 1 vectors.
class TreeStack {
 public:
  // Vectors of this type; their number of leaves is a power of two.
  TreeStack(const Type& type, std::int64_t leaves);

  void begin();
  // The next leaf; elements in no piece are 0.
  void add(const std::vector<Piece>& pieces, const Totals& totals);
  // Once all were added. They may be written to.
  const Tensor& sum() const { return levels_.back().vector; }
  Totals& totals() { return levels_.back().totals; }
  std::size_t bytes() const { return levels_.size() * levels_.front().vector.byte_size(); }
  const std::shared_ptr<std::byte>& memory() const { return memory_; }  // of sum()

 private:
  struct Level {
    Tensor vector;
    Totals totals{};
  };
  std::vector<Level> levels_;
  std::shared_ptr<std::byte> memory_;
  std::size_t leaf_ = 0;
};

// One of its pieces into a vector.
void put(const Tensor& to, const Piece& piece);
// to += more.
void add_to(const Tensor& to, const Tensor& more, std::int64_t begin, std::int64_t end);
void add_to(Totals& to, const Totals& more);

}  // namespace gradus::train
