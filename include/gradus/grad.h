// Differentiation: gradients as more graph.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "gradus/value.h"

#pragma GCC visibility push(default)  // what the shared library exports
namespace gradus {

struct GradientOptions {
  // dL/dy to start from, of y's type; without it y must be a scalar and the start is 1.
  Value upstream = {};
  // What to give for an x that y does not depend on (through differentiable ops): an Error that names
  // it, or zeros.
  enum Unused { error, zeros } unused = error;
};

// dy/dx for each x, appended to y's graph as ordinary nodes by the reverse chain rule (Linnainmaa 1970;
// Griewank & Walther 2008): each gradient has the type of its x. Gradients are themselves differentiable.
Values gradients(const Value& y, const Values& xs, const GradientOptions& options = {});

// The same with respect to variables that y's graph reads.
Values gradients(const Value& y, const std::vector<Variable>& variables, const GradientOptions& options = {});

// H v for each x: the gradient of <dy/dx, v>, where vs have the types of xs (Pearlmutter 1994).
// The cost is a small multiple of one gradient; H itself is never formed.
Values hessian_vector_product(const Value& y, const Values& xs, const Values& vs);

}  // namespace gradus
#pragma GCC visibility pop
