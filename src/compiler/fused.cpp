#include "compiler/fused.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/check.h"
#include "compiler/rows.h"

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

// Each step on the rows of what it reads; nothing may read a sum before it is whole.
std::optional<OnRows> fused_on_rows(const FusedOptions& op, std::span<const Type>,
                                    const std::vector<bool>& may_cut, std::int64_t rows) {
  FusedBody body = *op.body;
  if (body.steps[0].op->kind == OpDef::contraction)
    return std::nullopt;  // its rows may be columns of an input
  std::vector<bool> cut = may_cut, summed(may_cut.size(), false);
  for (std::size_t i = 0; i < may_cut.size(); ++i)
    if (cut[i]) body.inputs[i] = rows_of(body.inputs[i], rows);
  for (FusedBody::Step& step : body.steps) {
    std::vector<Type> whole, some;
    std::vector<bool> cut_in;
    for (const int value : step.in) {
      const auto v = static_cast<std::size_t>(value);
      if (summed[v]) return std::nullopt;
      whole.push_back(op.body->type(value));
      some.push_back(body.type(value));
      cut_in.push_back(cut[v]);
    }
    const bool any = std::find(cut_in.begin(), cut_in.end(), true) != cut_in.end();
    if (any) {
      std::optional<OnRows> form = on_rows(*step.op, step.attrs, whole, cut_in, rows);
      if (!form || form->in != cut_in) return std::nullopt;
      step.attrs = std::move(form->attrs);
      step.out = step.op->infer(step.attrs, some)[0];
      cut.push_back(form->out[0]);
    } else {
      cut.push_back(false);
    }
    summed.push_back(any && !cut.back());
  }
  std::vector<bool> out;
  for (const int value : body.outputs) {
    const auto v = static_cast<std::size_t>(value);
    if (!cut[v] && !summed[v]) return std::nullopt;
    out.push_back(cut[v]);
  }
  return OnRows{FusedOptions::of(std::move(body)), may_cut, std::move(out)};
}

std::int64_t flops(const FusedOptions& op, std::span<const Type>) {
  std::int64_t sum = 0;
  for (const FusedBody::Step& step : op.body->steps) {
    if (step.op->kind != OpDef::contraction || !step.op->flops) continue;
    std::vector<Type> in;
    for (const int value : step.in) in.push_back(op.body->type(value));
    sum += step.op->flops(step.attrs, in);
  }
  return sum;
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
                          .flops = flops,
                          .on_rows = fused_on_rows,
                          .takes_bf16 = true,
                          .doc = {.formula = "the steps of its body, one after the other"}});

bool runs_in_place(const Node& node) { return node.op->kind == OpDef::elementwise || node.op == &fused_op; }

bool may_take_over(const Node& node, std::size_t input) {
  if (node.op != &fused_op) return runs_in_place(node);
  const FusedBody::Step& first = node.attr<FusedOptions>().body->steps[0];
  return first.op->kind != OpDef::contraction ||
         std::find(first.in.begin(), first.in.end(), static_cast<int>(input)) == first.in.end();
}

}  // namespace gradus
