// Matrix products and convolutions, for those that are made of them.
#pragma once

#include "gradus/ops.h"
#include "io/onnx/call.h"

namespace gradus::io::onnx {

// NumPy's matmul, of vectors too. Integers are multiplied as f64: exact below 2^53.
Value matrix_product(const Value& a, const Value& b);

// What Conv computes of x and weight by the node's attributes, without bias; floats.
Value convolution(const Call& call, const Value& x, const Value& weight);

}  // namespace gradus::io::onnx
