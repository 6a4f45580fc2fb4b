// What the ops on bool tensors share.
#pragma once

#include "ops/support/loops.h"
#include "ops/support/rules.h"
#include "ops/support/samples.h"

namespace gradus {

inline void require_boolean(const Type& type, std::string_view input) {
  require(type.dtype == DType::boolean, "{} must be bool, it is {}. Compare it with something first.", input,
          type.str());
}

// The OpDef of a logical op of two inputs: F()(a, b) gives bool.
template <class F>
OpDef logical_binary(const std::string& name, std::string_view formula) {
  OpDef op = define<NoOptions>(
      {.name = name,
       .inputs = {"a", "b"},
       .kind = OpDef::elementwise,
       .infer = [](const NoOptions&, std::span<const Type> in) -> Types {
         require_boolean(in[0], "a");
         require_boolean(in[1], "b");
         return Type{DType::boolean, broadcast(in[0].shape, in[1].shape)};
       },
       .vjp = not_differentiable,
       .reference =
           [](const NoOptions&, std::span<const Tensor> in, std::span<const Tensor> out) {
             const auto y = out[0].values<bool>();
             detail::for_pairs<bool>(out[0].shape(), in,
                                     [&](std::size_t i, bool a, bool b) { y[i] = F()(a, b); });
           },
       .samples = [] { return binary_samples(0, 1, NoOptions{}, SampleInput::boolean); },
       .doc = {.formula = formula,
               .shapes = "a, b are bool and broadcast to y, which is bool",
               .gradient = "none",
               .source = ""}});
  op.refusals = [name] {
    return std::vector<Refusal>{
        {NoOptions{},
         {{DType::boolean, {2}}, {DType::f32, {2}}},
         name + ": b must be bool, it is f32[2]. Compare it with something first."},
        {NoOptions{},
         {{DType::boolean, {2}}, {DType::boolean, {3}}},
         name + ": shapes [2] and [3] do not broadcast: axis -1 has 2 and 3 elements; they must be equal, or "
                "one of them 1."}};
  };
  return op;
}

}  // namespace gradus
