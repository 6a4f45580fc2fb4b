// What the six comparisons share: everything but the relation itself.
#pragma once

#include "ops/support/loops.h"
#include "ops/support/rules.h"
#include "ops/support/samples.h"

namespace gradus {

namespace detail {

inline std::vector<Sample> comparison_samples() {
  std::vector<Sample> list = binary_samples();
  // Small integers give ties.
  const std::vector<Sample> whole = binary_samples(-2, 2, NoOptions{}, SampleInput::index);
  list.insert(list.end(), whole.begin(), whole.end());
  return list;
}

inline std::vector<Refusal> comparison_refusals(const std::string& name) {
  return {{NoOptions{},
           {{DType::f32, {2, 3}}, {DType::f32, {2, 4}}},
           name + ": shapes [2, 3] and [2, 4] do not broadcast: axis -1 has 3 and 4 elements; they must be "
                  "equal, or one of them 1."},
          {NoOptions{},
           {{DType::f32, {2}}, {DType::i64, {2}}},
           name + ": the inputs differ in element type: f32[2] and i64[2]. cast() one of them."}};
}

}  // namespace detail

// The OpDef of a comparison by F, a struct as for map_binary that gives bool. Its step is its branch: where
// the answer changes, whatever depends on it jumps.
template <class F>
OpDef comparison(const std::string& name, std::string_view formula) {
  OpDef op = define<NoOptions>({.name = name,
                                .inputs = {"a", "b"},
                                .kind = OpDef::elementwise,
                                .infer = infer_comparison,
                                .vjp = not_differentiable,
                                .reference = map_binary<F>,
                                .branch = branch_binary<F>,
                                .samples = detail::comparison_samples,
                                .doc = {.formula = formula,
                                        .shapes = "a, b of one element type broadcast to y, which is bool",
                                        .gradient = "none",
                                        .source = "IEEE 754: NaN is unequal to everything, and unordered"}});
  op.refusals = [name] { return detail::comparison_refusals(name); };
  return op;
}

}  // namespace gradus
