#include "op_reference.h"

#include <fmt/core.h>

#include "gradus/op_def.h"
#include "gradus/ops.h"

namespace gradus {

namespace {

std::string_view name(OpDef::Kind kind) {
  switch (kind) {
    case OpDef::input:
      return "input";
    case OpDef::constant:
      return "constant";
    case OpDef::state:
      return "state";
    case OpDef::elementwise:
      return "elementwise";
    case OpDef::reduction:
      return "reduction";
    case OpDef::view:
      return "view";
    case OpDef::movement:
      return "movement";
    case OpDef::contraction:
      return "contraction";
    case OpDef::random:
      return "random";
    case OpDef::composite:
      return "composite";
  }
  return "?";
}

}  // namespace

std::string op_reference() {
  std::string text =
      "# Ops\n\nEvery built-in op, from its own description. Ops that are compositions of these (`mean`, "
      "`gelu`, the\n"
      "regression losses, ...) are described in include/gradus/ops.h. This page is written by "
      "`write_op_reference`.\n";
  for (const OpDef* op : builtin_ops()) {
    std::string inputs;
    for (const std::string& input : op->inputs) inputs += (inputs.empty() ? "" : ", ") + input;
    text += fmt::format("\n## {}({})\n\n", op->name, inputs);
    const auto line = [&](std::string_view title, std::string_view content) {
      if (!content.empty()) text += fmt::format("- {}: {}\n", title, content);
    };
    line("kind", name(op->kind));
    line("formula", op->doc.formula);
    line("shapes", op->doc.shapes);
    line("gradient", op->doc.gradient);
    line("source", op->doc.source);
  }
  return text;
}

}  // namespace gradus
