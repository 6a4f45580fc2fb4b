#include "compiler/program.h"

#include "base/check.h"

namespace gradus {

namespace {

std::string place(const Slot& slot) {
  switch (slot.place) {
    case Slot::arena:
      return fmt::format("@{}", slot.at);
    case Slot::input:
      return fmt::format("input{}", slot.at);
    case Slot::constant:
      return fmt::format("constant{}", slot.at);
    case Slot::variable:
      return fmt::format("variable{}", slot.at);
  }
  return "?";
}

}  // namespace

std::string Program::str() const {
  std::string text = fmt::format("program: {} instructions, arena {} bytes ({} without reuse), {} threads\n",
                                 instructions.size(), arena_bytes, unplanned_bytes, threads);
  for (std::size_t i = 0; i < instructions.size(); ++i) {
    const Instruction& instruction = instructions[i];
    std::string operands;
    for (const int slot : instruction.out) {
      const Slot& s = slots[static_cast<std::size_t>(slot)];
      operands += fmt::format("{} {} ", s.type.str(), place(s));
    }
    operands += "<-";
    for (const int slot : instruction.in) {
      const Slot& s = slots[static_cast<std::size_t>(slot)];
      operands += fmt::format(" {} {}", s.type.str(), place(s));
    }
    const std::string where = instruction.node < 0 ? "" : graph.node(instruction.node).where();
    const std::string strips = instruction.strip ? fmt::format("in {} strips: ", instruction.strips) : "";
    text += fmt::format("{:4}  {:28} {:40} {}{}\n", i, instruction.kernel_name, where, strips, operands);
    for (const std::string& reason : instruction.refused) text += fmt::format("      not {}\n", reason);
  }
  for (std::size_t i = 0; i < variables.size(); ++i) {
    text += fmt::format("variable{} = {} {}\n", i, variables[i].name(), variables[i].type().str());
  }
  return text;
}

}  // namespace gradus
