// Shapes the op table is checked on: size-1 and size-0 axes, odd sizes, scalars, broadcasting.
#pragma once

#include "gradus/op_def.h"

namespace gradus {

// At least 20 shapes for an op of one input with elements in [low, high).
std::vector<Sample> unary_samples(double low = -2, double high = 2, const Attrs& attrs = NoOptions{});
// The same shapes, with the given options in turn.
std::vector<Sample> cycled_samples(double low, double high, std::initializer_list<Attrs> options);
// At least 20 pairs of shapes that broadcast.
std::vector<Sample> binary_samples(double low = -2, double high = 2, const Attrs& attrs = NoOptions{},
                                   SampleInput::Kind kind = SampleInput::real);
// The shapes of unary_samples, for ops with more inputs or options.
const std::vector<Shape>& sample_shapes();
// The pairs of binary_samples.
const std::vector<std::pair<Shape, Shape>>& sample_pairs();

}  // namespace gradus
