// Mutation testing of the gradient checker: a fault planted in any gradient rule must be reported.
#include <gtest/gtest.h>

#include <cmath>
#include <iostream>
#include <set>

#include "base/check.h"
#include "gradus/check.h"
#include "gradus/grad.h"
#include "kernels/reference/run.h"
#include "ops/mutations.h"
#include "ops/sample_graph.h"

namespace gradus {
namespace {

constexpr std::int64_t kLargestSample = 256;  // elements; bigger samples show nothing new here

// Numbers that agree to rounding, or to `tolerance`, at the scale of the largest entry.
bool same_numbers(const Tensor& a, const Tensor& b, double tolerance = 1e-12) {
  double scale = 0, difference = 0;
  for (std::int64_t i = 0; i < a.size(); ++i) {
    scale = std::max({scale, std::abs(a.at(i)), std::abs(b.at(i))});
    difference = std::max(difference, std::abs(a.at(i) - b.at(i)));
  }
  return difference <= tolerance * scale;
}

OpDef with_rule(OpDef op, const GradientRule& rule) {
  op.vjp = rule;
  return op;
}

// Why the gradients of a mutant are those of the true rule on a sample, or "" if they are not.
class Equivalence {
 public:
  Equivalence(const OpDef& op, const Mutant& mutant, const Sample& sample)
      : broken_(with_rule(op, mutant.rule)),
        right_(op, sample, DType::f64),
        wrong_(broken_, sample, DType::f64),
        mutant_(mutant) {}

  std::string reason() {
    const std::vector<Tensor> right = gradients_of(right_), wrong = gradients_of(wrong_);
    bool empty = true, zero = true, same = true;
    for (std::size_t i = 0; i < right.size(); ++i) {
      if (!same_numbers(right[i], wrong[i], CheckOptions().tolerance)) return "";
      same = same && same_numbers(right[i], wrong[i]);
      empty = empty && right[i].size() == 0;
      for (std::int64_t k = 0; k < right[i].size(); ++k) zero = zero && right[i].at(k) == 0;
    }
    if (!same) return "the gradients change by less than the tolerance";
    if (empty) return "the inputs have no elements";
    if (zero) return "the gradients are 0";
    if (!mutant_.trace) return "the gradients it exchanges are equal";
    return hidden_by();
  }

 private:
  // The first node of the rule whose change does not show in what it gives.
  std::string hidden_by() const {
    const auto feeds = reference::feed_inputs(wrong_.graph, wrong_.tensors);
    std::set<std::pair<int, int>> changed;
    std::string hider = "it changes nothing the results use";
    for (const auto& [original, counterpart] : mutant_.trace->pairs) {
      const auto tensors = reference::run(wrong_.graph, {original, counterpart}, feeds);
      const bool same = same_numbers(tensors[0], tensors[1]);
      const Node& node = original.node();
      bool reached = false;
      for (const Value& in : node.in) reached = reached || changed.contains({in.node_id(), in.output()});
      if (!same) changed.insert({original.node_id(), original.output()});
      if (same && node.id == mutant_.trace->replaced)
        return "the replacement of " + node.op->name + " gives the same numbers here";
      if (same && reached) hider = node.op->name + " gives the same numbers from changed ones";
    }
    return hider;
  }

  static std::vector<Tensor> gradients_of(SampleGraph& g) {
    const Value y = g.y();
    const Tensor u(y.type());
    const RandomSequence random(3, stream::kCheck, 7);
    for (std::int64_t i = 0; i < u.size(); ++i) u.set(i, random.normal(static_cast<std::uint64_t>(i)));
    const Values gs =
        gradients(y, g.real, {.upstream = constant(g.graph, u), .unused = GradientOptions::zeros});
    return reference::run(g.graph, gs, reference::feed_inputs(g.graph, g.tensors));
  }

  OpDef broken_;
  SampleGraph right_, wrong_;
  const Mutant& mutant_;
};

std::int64_t elements(const Sample& sample) {
  std::int64_t n = 0;
  for (const SampleInput& in : sample.in) n += in.shape.size();
  return n;
}

bool differentiable(const OpDef& op, const Sample& sample) {
  return SampleGraph(op, sample, DType::f64).has_gradients();
}

std::vector<Mutant> mutants(const OpDef& op, const Sample& sample) {
  SampleGraph g(op, sample, DType::f64);
  Values dys;
  for (const Value& y : g.ys) dys.push_back(input(g.graph, y.type()));
  return mutants_of(op, g.ys[0].node(), g.ys, dys);
}

// Faults that no derivative can show, with the reason; each must then be without effect on every sample.
std::string reason_never_seen(const std::string& op, const std::string& fault) {
  static const std::string ties = "it matters at ties only, where there is no derivative (kinks_test)";
  static const std::string edge = "it matters at a = 0 only, the edge of the domain (kinks_test)";
  static const std::string alone = "one rank alone gets what it gives (split_test has several)";
  static const std::map<std::pair<std::string, std::string>, std::string> reasons = {
      {{"add", "gradients of inputs 0 and 1: swapped"}, "both are dy"},
      {{"all_reduce", "all_reduce#0: only input 0 kept"}, alone},
      {{"maximum", "constant#1: another number"}, ties},
      {{"maximum", "mul#0: only input 0 kept"}, ties},
      {{"maximum", "mul#0: only input 1 kept"}, ties},
      {{"maximum", "select#0: only input 2 kept"}, ties},
      {{"minimum", "constant#1: another number"}, ties},
      {{"minimum", "mul#0: only input 0 kept"}, ties},
      {{"minimum", "mul#0: only input 1 kept"}, ties},
      {{"minimum", "select#0: only input 2 kept"}, ties},
      {{"pow", "constant#0: another number"}, edge},
      {{"pow", "equal#1: turned around"}, edge},
      {{"pow", "select#0: only input 2 kept"}, edge},
      {{"pow", "select#1: only input 2 kept"}, edge},
      {{"sign", "gradient of input 0: sign flipped"}, "the gradient is 0"},
      {{"sign", "gradient of input 0: dropped"}, "the gradient is 0"},
      {{"sign", "gradient of input 0: doubled"}, "the gradient is 0"},
  };
  const auto found = reasons.find({op, fault});
  return found == reasons.end() ? "" : found->second;
}

class PlantedBugs : public testing::TestWithParam<const OpDef*> {
 protected:
  inline static std::int64_t planted = 0, caught = 0;
  inline static std::map<std::string, std::int64_t> equivalent;

  static void TearDownTestSuite() {
    std::cout << "planted " << planted << " faults, caught " << caught << "\n";
    for (const auto& [reason, n] : equivalent)
      std::cout << "  " << n << " without effect: " << reason << "\n";
  }
};

TEST_P(PlantedBugs, AreCaught) {
  const OpDef& op = *GetParam();
  std::map<std::string, bool> ever;  // fault -> caught on some sample
  for (const Sample& sample : op.samples()) {
    if (elements(sample) > kLargestSample || !differentiable(op, sample)) continue;
    for (const Mutant& mutant : mutants(op, sample)) {
      const OpDef broken = with_rule(op, mutant.rule);
      SampleGraph g(broken, sample, DType::f64);
      const GradientCheck check =
          check_gradients(g.y(), g.real, g.tensors, {.every_element = 20, .sample = 5});
      ++planted;
      if (check.worst > check.tolerance) {
        ++caught;
        ever[mutant.fault] = true;
        continue;
      }
      ever.try_emplace(mutant.fault, false);
      const std::string reason = Equivalence(op, mutant, sample).reason();
      EXPECT_NE(reason, "") << mutant.fault << " was not caught on " << g.ys[0].type().str() << "\n"
                            << check.summary();
      ++equivalent[reason];
    }
  }
  for (const auto& [fault, seen] : ever) {
    const std::string why = reason_never_seen(op.name, fault);
    EXPECT_EQ(seen, why.empty()) << fault
                                 << (seen ? " was caught, yet is listed as without effect: " + why
                                          : " has no effect on any sample");
  }
}

std::vector<const OpDef*> differentiable_ops() {
  std::vector<const OpDef*> ops;
  for (const OpDef* op : builtin_ops()) {
    if (op->vjp && op->samples) ops.push_back(op);
  }
  return ops;
}

INSTANTIATE_TEST_SUITE_P(Ops, PlantedBugs, testing::ValuesIn(differentiable_ops()),
                         [](const auto& each) { return each.param->name; });

}  // namespace
}  // namespace gradus
