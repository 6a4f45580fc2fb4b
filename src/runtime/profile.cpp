#include "gradus/profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "compiler/fused.h"
#include "compiler/program.h"

namespace gradus {

namespace {

// What the instruction carries out, as "conv2d %12 in layers.3.0".
std::string label(const Program& program, const Instruction& instruction) {
  if (instruction.node < 0) return "";
  const Node& node = program.graph.node(instruction.node);
  if (node.op != &fused_op) return node.where();
  std::string steps;
  for (const FusedBody::Step& step : node.attr<FusedOptions>().body->steps)
    steps += (steps.empty() ? "" : "+") + step.op->name;
  return node.scope.empty() ? steps : steps + " in " + node.scope;
}

double flops_of(const Program& program, const Instruction& instruction) {
  if (instruction.node < 0) return 0;
  const Node& node = program.graph.node(instruction.node);
  if ((node.op->kind != OpDef::contraction && node.op != &fused_op) || !node.op->flops) return 0;
  std::vector<Type> types;
  for (const Value& in : node.in) types.push_back(in.type());
  return static_cast<double>(node.op->flops(node.attrs, types));
}

double bytes_of(const Program& program, const Instruction& instruction) {
  double bytes = 0;
  if (instruction.node >= 0) {  // a slot may hold one strip only
    const Node& node = program.graph.node(instruction.node);
    for (const Value& in : node.in) bytes += static_cast<double>(in.type().bytes());
    for (const Type& type : node.out) bytes += static_cast<double>(type.bytes());
    return bytes;
  }
  for (const auto* slots : {&instruction.in, &instruction.out}) {
    for (const int slot : *slots)
      bytes += static_cast<double>(program.slots[static_cast<std::size_t>(slot)].type.bytes());
  }
  return bytes;
}

std::vector<ProfileRow> rows(const Program& program, const Profile& profile, bool by_kernel) {
  std::vector<ProfileRow> list;
  std::map<std::string, std::size_t> known;
  for (std::size_t i = 0; i < program.instructions.size() && profile.runs > 0; ++i) {
    const Instruction& instruction = program.instructions[i];
    const std::string name =
        by_kernel ? instruction.kernel_name : instruction.kernel_name + "  " + label(program, instruction);
    const auto [entry, fresh] = known.try_emplace(by_kernel ? name : std::to_string(i), list.size());
    if (fresh) list.push_back({.kernel = name});
    ProfileRow& row = list[entry->second];
    ++row.instructions;
    row.seconds += profile.seconds[i] / static_cast<double>(profile.runs);
    row.flops += flops_of(program, instruction);
    row.bytes += bytes_of(program, instruction);
  }
  std::stable_sort(list.begin(), list.end(),
                   [](const ProfileRow& a, const ProfileRow& b) { return a.seconds > b.seconds; });
  return list;
}

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    if (static_cast<unsigned char>(c) >= 0x20) result += c;
  }
  return result;
}

}  // namespace

std::vector<ProfileRow> profile_by_kernel(const Program& program, const Profile& profile) {
  return rows(program, profile, true);
}
std::vector<ProfileRow> profile_by_instruction(const Program& program, const Profile& profile) {
  return rows(program, profile, false);
}

std::string chrome_trace(const Program& program, const Profile& profile) {
  std::string text = "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[";
  bool first = true;
  for (const std::vector<Profile::Span>& run : profile.last) {
    for (const Profile::Span& span : run) {
      const Instruction& instruction = program.instructions[span.instruction];
      const auto turns = static_cast<double>(instruction.strips);
      text += fmt::format(
          "{}\n{{\"name\":\"{}\",\"cat\":\"{}\",\"ph\":\"X\",\"pid\":1,\"tid\":1,\"ts\":{:.3f},\"dur\":{:.3f}"
          ","
          "\"args\":{{\"flops\":{:.0f},\"bytes\":{:.0f}}}}}",
          first ? "" : ",", escaped(label(program, instruction)), escaped(instruction.kernel_name),
          span.begin * 1e6, (span.end - span.begin) * 1e6, flops_of(program, instruction) / turns,
          bytes_of(program, instruction) / turns);
      first = false;
    }
  }
  return text + "\n]}\n";
}

}  // namespace gradus
