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

constexpr std::int64_t kLargestSample = 64;  // elements; bigger samples show nothing new here

// Numbers that agree to rounding, at the scale of the larger tensor entry.
bool same_numbers(const Tensor& a, const Tensor& b) {
  double scale = 0, difference = 0;
  for (std::int64_t i = 0; i < a.size(); ++i) {
    scale = std::max({scale, std::abs(a.at(i)), std::abs(b.at(i))});
    difference = std::max(difference, std::abs(a.at(i) - b.at(i)));
  }
  return difference <= 1e-12 * scale;
}

// Why the gradients of a mutant are those of the true rule on a sample, or "" if they are not.
class Equivalence {
 public:
  Equivalence(const OpDef& op, const Mutant& mutant, const Sample& sample)
      : truth_(op, sample, DType::f64), mutant_(mutant) {
    OpDef broken = op;
    broken.vjp = mutant.rule;
    graph_ = std::make_unique<SampleGraph>(broken, sample, DType::f64);
  }

  std::string reason() {
    const std::vector<Tensor> right = gradients_of(truth_), wrong = gradients_of(*graph_);
    bool empty = true, zero = true;
    for (std::size_t i = 0; i < right.size(); ++i) {
      if (!same_numbers(right[i], wrong[i])) return "";
      empty = empty && right[i].size() == 0;
      for (std::int64_t k = 0; k < right[i].size(); ++k) zero = zero && right[i].at(k) == 0;
    }
    if (empty) return "the inputs have no elements";
    if (zero) return "the gradients are 0";
    if (!mutant_.trace) return "the gradients it exchanges are equal";
    return hidden_by();
  }

 private:
  // The first node of the rule whose change does not show in what it gives.
  std::string hidden_by() const {
    const auto feeds = reference::feed_inputs(graph_->graph, graph_->tensors);
    std::set<std::pair<int, int>> changed;
    std::string hider = "it changes nothing the results use";
    for (const auto& [original, counterpart] : mutant_.trace->pairs) {
      const auto tensors = reference::run(graph_->graph, {original, counterpart}, feeds);
      const bool same = same_numbers(tensors[0], tensors[1]);
      const Node &a = original.node(), &b = counterpart.node();
      const bool replaced = a.op != b.op || !(a.attrs == b.attrs);
      bool reached = false;
      for (const Value& in : a.in) reached = reached || changed.contains({in.node_id(), in.output()});
      if (!same) changed.insert({original.node_id(), original.output()});
      if (replaced && same) return "the replacement of " + a.op->name + " gives the same numbers here";
      if (reached && same) hider = a.op->name + " gives the same numbers from changed ones";
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

  SampleGraph truth_;
  std::unique_ptr<SampleGraph> graph_;
  const Mutant& mutant_;
};

std::int64_t elements(const Sample& sample) {
  std::int64_t n = 0;
  for (const SampleInput& in : sample.in) n += in.shape.size();
  return n;
}

bool differentiable(const OpDef& op, const Sample& sample) {
  const SampleGraph g(op, sample, DType::f64);
  for (const Value& y : g.ys) {
    if (y.dtype() != DType::f64) return false;
  }
  return op.vjp && !g.real.empty();
}

std::vector<Mutant> mutants(const OpDef& op, const Sample& sample) {
  SampleGraph g(op, sample, DType::f64);
  Values dys;
  for (const Value& y : g.ys) dys.push_back(input(g.graph, y.type()));
  return mutants_of(op, g.ys[0].node(), g.ys, dys);
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
      OpDef broken = op;
      broken.vjp = mutant.rule;
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
  for (const auto& [fault, seen] : ever) EXPECT_TRUE(seen) << fault << " has no effect on any sample";
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
