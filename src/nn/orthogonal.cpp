#include "nn/orthogonal.h"

#include <cmath>
#include <numeric>

namespace gradus::nn {

namespace {

std::vector<double> transposed(const std::vector<double>& matrix, std::size_t rows, std::size_t columns) {
  std::vector<double> result(matrix.size());
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < columns; ++j) result[j * rows + i] = matrix[i * columns + j];
  return result;
}

// Gram-Schmidt over the rows. Going twice over the earlier rows keeps them orthogonal to rounding (Giraud,
// Langou & Rozloznik 2005).
void orthonormalize_rows(std::vector<double>& matrix, std::size_t rows, std::size_t columns) {
  for (std::size_t i = 0; i < rows; ++i) {
    double* const row = matrix.data() + i * columns;
    for (int pass = 0; pass < 2; ++pass) {
      for (std::size_t k = 0; k < i; ++k) {
        const double* const earlier = matrix.data() + k * columns;
        const double share = std::inner_product(row, row + columns, earlier, 0.0);
        for (std::size_t j = 0; j < columns; ++j) row[j] -= share * earlier[j];
      }
    }
    const double norm = std::sqrt(std::inner_product(row, row + columns, row, 0.0));
    for (std::size_t j = 0; j < columns; ++j) row[j] /= norm;
  }
}

}  // namespace

void orthonormalize(std::vector<double>& matrix, std::int64_t rows, std::int64_t columns) {
  const auto m = static_cast<std::size_t>(rows), n = static_cast<std::size_t>(columns);
  if (m <= n) return orthonormalize_rows(matrix, m, n);
  std::vector<double> turned = transposed(matrix, m, n);
  orthonormalize_rows(turned, n, m);
  matrix = transposed(turned, n, m);
}

}  // namespace gradus::nn
