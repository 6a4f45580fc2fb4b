// The pass of mixed precision.
#pragma once

#include "gradus/op_def.h"

namespace gradus {

// Contractions of f32 read bf16 instead, and what they give as bf16 is stored so. Other ops compute in f32;
// an array that a contraction reads is stored once, as bf16, for them too. What is fed, fixed or kept in a
// variable stays f32, and so do outputs, though what a convolution gives is rounded.
Graph to_bf16(const Graph& graph, Value (*cast)(const Value& x, DType dtype));

}  // namespace gradus
