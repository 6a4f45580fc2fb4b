#include "compiler/fused.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/check.h"

namespace gradus {

namespace {

Types infer(const FusedOptions& op, std::span<const Type> in) {
  require(op.body != nullptr, "what it does is known to the compiler only.");
  const FusedBody& body = *op.body;
  require(std::equal(in.begin(), in.end(), body.inputs.begin(), body.inputs.end()),
          "its inputs are not those of its body {}.", op.text);
  std::vector<Type> out;
  for (const int value : body.outputs) out.push_back(body.type(value));
  return out;
}

void reference(const FusedOptions& op, std::span<const Tensor> in, std::span<const Tensor> out) {
  const std::vector<Tensor> made = carry_out(*op.body, in);
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i].copy_from(made[static_cast<std::size_t>(op.body->outputs[i]) - in.size()]);
}

}  // namespace

const Type& FusedBody::type(int value) const {
  const auto at = static_cast<std::size_t>(value);
  return at < inputs.size() ? inputs[at] : steps[at - inputs.size()].out;
}

std::vector<Tensor> carry_out(const FusedBody& body, std::span<const Tensor> inputs) {
  std::vector<Tensor> values(inputs.begin(), inputs.end());
  for (const FusedBody::Step& step : body.steps) {
    std::vector<Tensor> operands;
    for (const int value : step.in) operands.push_back(values[static_cast<std::size_t>(value)]);
    const Tensor result(step.out);
    step.op->reference(step.attrs, operands, std::span(&result, 1));
    values.push_back(result);
  }
  return {values.begin() + static_cast<std::ptrdiff_t>(inputs.size()), values.end()};
}

std::string FusedBody::str() const {
  std::string text;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    text += fmt::format("{}={}({}", inputs.size() + i, steps[i].op->name, fmt::join(steps[i].in, ","));
    for (const auto& [name, value] : steps[i].attrs.list()) {
      if (const auto* number = std::get_if<double>(&value)) text += fmt::format(",{}={}", name, *number);
    }
    text += fmt::format(" -> {}) ", steps[i].out.str());
  }
  return text + fmt::format("-> {}", fmt::join(outputs, ","));
}

FusedOptions FusedOptions::of(FusedBody body) {
  std::string text = body.str();
  return {std::move(text), std::make_shared<const FusedBody>(std::move(body))};
}

extern const OpDef fused_op =
    define<FusedOptions>({.name = "fused",
                          .inputs = {"x..."},
                          .kind = OpDef::composite,
                          .infer = infer,
                          .vjp = not_differentiable,
                          .reference = reference,
                          .takes_bf16 = true,
                          .doc = {.formula = "the steps of its body, one after the other"}});

bool runs_in_place(const Node& node) { return node.op->kind == OpDef::elementwise || node.op == &fused_op; }

}  // namespace gradus
