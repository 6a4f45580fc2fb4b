// Penalties on weights, added to a loss.
#include "base/check.h"
#include "gradus/nn.h"

namespace gradus::nn {

namespace {

// The scalar factor * sum over the parameters of term(W).
template <class Term>
Value penalty(Graph& graph, const std::vector<Variable>& parameters, double factor,
              const PenaltyOptions& options, std::string_view name, Term term) {
  require(Fault::usage, factor >= 0, "{}: lambda must be at least 0, got {}.", name, factor);
  const DType dtype = parameters.empty() ? DType::f32 : parameters[0].type().dtype;
  Value total;
  for (const Variable& variable : parameters) {
    if (!variable.decays() && !options.decay_all) continue;
    Value part = sum(term(read(graph, variable)));
    if (part.dtype() != dtype) part = cast(part, dtype);
    total = total ? total + part : part;
  }
  return total ? total * factor : scalar(graph, 0, dtype);
}

}  // namespace

Value l2(Graph& graph, const std::vector<Variable>& parameters, double lambda,
         const PenaltyOptions& options) {
  return penalty(graph, parameters, lambda / 2, options, "l2", [](const Value& w) { return square(w); });
}

Value l1(Graph& graph, const std::vector<Variable>& parameters, double lambda,
         const PenaltyOptions& options) {
  return penalty(graph, parameters, lambda, options, "l1", [](const Value& w) { return abs(w); });
}

}  // namespace gradus::nn
