// Orthonormal matrices from random ones.
#pragma once

#include <cstdint>
#include <vector>

namespace gradus::nn {

// Replaces the row-major `matrix` [rows, columns] by the Q of its QR factorization: orthonormal rows if there
// are at most as many rows as columns, else orthonormal columns. R's diagonal is positive, so a matrix of
// independent normal numbers becomes uniformly distributed among all such Q (Mezzadri 2007).
void orthonormalize(std::vector<double>& matrix, std::int64_t rows, std::int64_t columns);

}  // namespace gradus::nn
