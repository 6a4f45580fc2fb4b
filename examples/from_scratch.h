// Reverse-mode differentiation from nothing: a tape of matrices, each with the rule that passes its gradient
// on. docs/from-scratch.md walks through it. It needs the standard library and nothing else.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

namespace scratch {

// A matrix [rows, cols], row after row.
struct Matrix {
  std::size_t rows = 0, cols = 0;
  std::vector<double> elements = {};

  Matrix() = default;
  Matrix(std::size_t r, std::size_t c, double fill = 0) : rows(r), cols(c), elements(r * c, fill) {}
  double& operator()(std::size_t i, std::size_t j) { return elements[i * cols + j]; }
  double operator()(std::size_t i, std::size_t j) const { return elements[i * cols + j]; }
};

inline Matrix transposed(const Matrix& a) {
  Matrix result(a.cols, a.rows);
  for (std::size_t i = 0; i < a.rows; ++i)
    for (std::size_t j = 0; j < a.cols; ++j) result(j, i) = a(i, j);
  return result;
}

// [m, k] [k, n] -> [m, n].
inline Matrix product(const Matrix& a, const Matrix& b) {
  Matrix result(a.rows, b.cols);
  for (std::size_t i = 0; i < a.rows; ++i)
    for (std::size_t k = 0; k < a.cols; ++k)
      for (std::size_t j = 0; j < b.cols; ++j) result(i, j) += a(i, k) * b(k, j);
  return result;
}

// f of the elements of a, or of the pairs of elements of a and b.
template <class F>
Matrix each(Matrix a, F f) {
  for (double& element : a.elements) element = f(element);
  return a;
}
template <class F>
Matrix each(Matrix a, const Matrix& b, F f) {
  for (std::size_t i = 0; i < a.elements.size(); ++i) a.elements[i] = f(a.elements[i], b.elements[i]);
  return a;
}

// The place of an entry on the tape.
using Id = std::size_t;

class Tape {
 public:
  Tape() = default;
  Tape(const Tape&) = delete;  // the rules know this tape by its address
  Tape& operator=(const Tape&) = delete;

  const Matrix& value(Id id) const { return entries_[id].value; }
  const Matrix& gradient(Id id) const { return entries_[id].gradient; }

  // Gives every entry its gradient of the loss [1, 1].
  void backward(Id loss) {
    for (Entry& entry : entries_) entry.gradient = Matrix(entry.value.rows, entry.value.cols);
    entries_[loss].gradient(0, 0) = 1;
    for (Id id = loss + 1; id-- > 0;) entries_[id].rule(entries_[id].gradient);
  }

  // A matrix that is made of nothing else: data or a parameter.
  Id leaf(Matrix value) {
    return record(std::move(value), [](const Matrix&) {});
  }

  // x [N, in], w [out, in] -> x w^T [N, out].
  Id times_transposed(Id x, Id w) {
    return record(product(value(x), transposed(value(w))), [=, this](const Matrix& dy) {
      add(x, product(dy, value(w)));
      add(w, product(transposed(dy), value(x)));
    });
  }

  // z [N, n], b [1, n] -> [N, n]: b added to every row.
  Id plus_row(Id z, Id b) {
    Matrix y = value(z);
    for (std::size_t i = 0; i < y.rows; ++i)
      for (std::size_t j = 0; j < y.cols; ++j) y(i, j) += value(b)(0, j);
    return record(std::move(y), [=, this](const Matrix& dy) {
      add(z, dy);
      add(b, product(Matrix(1, dy.rows, 1), dy));
    });
  }

  Id sigmoid(Id z) {
    const Id a = entries_.size();
    return record(each(value(z), [](double v) { return 1 / (1 + std::exp(-v)); }),
                  [=, this](const Matrix& dy) {
                    add(z, each(dy, value(a), [](double d, double v) { return d * v * (1 - v); }));
                  });
  }

  // Element by element.
  Id times(Id a, Id b) {
    return record(each(value(a), value(b), std::multiplies()), [=, this](const Matrix& dy) {
      add(a, each(dy, value(b), std::multiplies()));
      add(b, each(dy, value(a), std::multiplies()));
    });
  }
  Id plus(Id a, Id b) {
    return record(each(value(a), value(b), std::plus()), [=, this](const Matrix& dy) {
      add(a, dy);
      add(b, dy);
    });
  }

  // factor times the sum of all elements, [1, 1].
  Id scaled_sum(Id x, double factor) {
    double total = 0;
    for (const double element : value(x).elements) total += element;
    return record(Matrix(1, 1, factor * total), [=, this](const Matrix& dy) {
      add(x, Matrix(value(x).rows, value(x).cols, factor * dy(0, 0)));
    });
  }

  // logits [N, K], the true class of each row -> the mean of lse(z) - z_class, [1, 1].
  Id softmax_cross_entropy(Id logits, const std::vector<std::size_t>& classes) {
    const Matrix& z = value(logits);
    const double n = static_cast<double>(z.rows);
    Matrix slope(z.rows, z.cols), loss(1, 1);  // slope: (p - t) / N
    for (std::size_t i = 0; i < z.rows; ++i) {
      double largest = z(i, 0), sum = 0;
      for (std::size_t k = 1; k < z.cols; ++k) largest = std::max(largest, z(i, k));
      for (std::size_t k = 0; k < z.cols; ++k) sum += std::exp(z(i, k) - largest);
      loss(0, 0) += (largest + std::log(sum) - z(i, classes[i])) / n;
      for (std::size_t k = 0; k < z.cols; ++k)
        slope(i, k) = (std::exp(z(i, k) - largest) / sum - (k == classes[i] ? 1 : 0)) / n;
    }
    return record(std::move(loss), [=, this](const Matrix& dy) {
      add(logits, each(slope, [&](double s) { return s * dy(0, 0); }));
    });
  }

 private:
  using Rule = std::function<void(const Matrix& dy)>;
  struct Entry {
    Matrix value;
    Rule rule;
    Matrix gradient = {};
  };

  Id record(Matrix value, Rule rule) {
    entries_.push_back({std::move(value), std::move(rule)});
    return entries_.size() - 1;
  }
  void add(Id id, const Matrix& part) {
    Matrix& gradient = entries_[id].gradient;
    gradient = each(std::move(gradient), part, std::plus());
  }

  std::vector<Entry> entries_;
};

}  // namespace scratch
