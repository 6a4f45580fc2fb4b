// Gradient checking: analytic gradients against numeric ones, in double, on the reference executor.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "gradus/value.h"

#pragma GCC visibility push(default)  // what the shared library exports
namespace gradus {

struct CheckOptions {
  double tolerance = 1e-6;            // the largest error that passes
  std::int64_t every_element = 1000;  // an x of up to this many elements is checked at each of them
  std::int64_t sample = 100;          // of a bigger x: at this many random elements,
  std::int64_t directions = 4;        // and along this many random directions through all of it
  std::uint64_t seed = 0;             // of the upstream gradient, the sample and the directions
};

// What a check found.
struct GradientCheck {
  double tolerance = 0;
  double worst = 0;                // the largest error; infinite if a gradient or a difference is not finite
  std::string where;               // where it is, with both numbers; "" if nothing was compared
  std::int64_t checked = 0;        // numbers compared
  std::vector<std::string> kinks;  // what was skipped, and why

  // No error above the tolerance; and if anything was skipped, something else was compared.
  bool passed() const { return worst <= tolerance && (checked > 0 || kinks.empty()); }
  std::string summary() const;  // a line, and one more for each of the first kinks
};

// Checks gradients(y, xs) for y f64 of any shape and xs f64, each an input, a variable's node or any other
// value of y's graph. `inputs` holds a tensor for each of the graph's inputs, in their order; variables have
// the values they have, and are left untouched. The gradient's nodes are appended to the graph.
//
// y is contracted with fixed random numbers u, |u| in [0.5, 1.5], so that no two elements weigh the same:
// F(x) = sum of u y. For each element, and for directions v with largest entry 1,
//     numeric = (4 D(h/2) - D(h)) / 3,  D(h) = (F(x + h) - F(x - h)) / 2h
// (Richardson 1911), for h = 1e-4 and, where that is not settled or meets a kink, 6e-6 (the cube root of the
// rounding unit), times max(1, |x|). The error, for elements with g = dF/dx, is
//     |numeric - analytic| / max(|numeric|, |analytic|, 0.001 max |g|, 0.001 sum |u y|, noise / 1e-6);
// for a direction the norm of g v per element stands for max |g|. The noise is what rounding can make of the
// difference: 12 eps M sum |u| / h, M the largest magnitude met between x and y. It matters where F is tiny
// beside the numbers it is computed from, as a loss is after perfect training.
// An x that y does not depend on through differentiable ops has gradient 0, and is checked as such.
//
// Where an op is on different smooth pieces (OpDef::branch) at x + h and x - h for both h, the element is
// skipped and listed: "x 'w'[3]: relu 'r' in layers.1, element 7, within 6e-06 of its kink".
// Error: y or an x is not f64, or belongs to another graph; faults of the run.
GradientCheck check_gradients(const Value& y, const Values& xs, std::span<const Tensor> inputs,
                              const CheckOptions& options = {});

// The same for the second derivatives: checks the gradients of <gradients(y, xs, u), v> with respect to xs
// and u, for random v. The tolerance is that of the options, too.
GradientCheck check_second_order(const Value& y, const Values& xs, std::span<const Tensor> inputs,
                                 const CheckOptions& options = {.tolerance = 1e-5});

}  // namespace gradus
#pragma GCC visibility pop
