#include "train/formula.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <variant>

#include "gradus/op_def.h"
#include "graph/sources.h"

namespace gradus::train {

namespace {

constexpr int kMaxDepth = 16;
constexpr int kMaxOperations =
    64;  // of one formula: values that many others share would be written many times
constexpr std::size_t kMaxLength = 240;

enum Binding { kSum, kProduct, kAtom };  // how strongly a text holds together
struct Text {
  std::string text;
  Binding binding = kAtom;
  std::string at_least(Binding wanted) const { return binding < wanted ? fmt::format("({})", text) : text; }
};

// How ops of two inputs are written between them; all others are written as calls.
struct Infix {
  const char *op, *sign;
  Binding binding, left, right;
};
constexpr Infix kInfix[] = {{"add", " + ", kSum, kSum, kSum},
                            {"sub", " - ", kSum, kSum, kProduct},
                            {"mul", " * ", kProduct, kProduct, kProduct},
                            {"div", " / ", kProduct, kProduct, kAtom},
                            {"greater", " > ", kSum, kAtom, kAtom}};

bool flag(const Node& node, std::string_view name) {
  for (const auto& [key, value] : node.attrs.list())
    if (key == name && std::holds_alternative<bool>(value)) return std::get<bool>(value);
  return false;
}

// The input that is the same numbers under another shape or type, or -1.
int same_numbers(const Node& node) {
  if (node.in.empty()) return -1;
  const OpDef& op = *node.op;
  if (op.kind == OpDef::view || op.stretches) return 0;
  const bool converts = op.kind == OpDef::elementwise && node.in.size() == 1 && is_float(node.out[0].dtype) &&
                        node.in[0].dtype() != node.out[0].dtype;
  if (converts || (op.kind == OpDef::state && node.in.size() == 1)) return 0;
  return op.same_as ? op.same_as(node.attrs, node.in) : -1;
}

Text constant_text(const Tensor& value) {
  const bool uniform = value.size() > 0 && [&] {
    for (std::int64_t i = 1; i < value.size(); ++i)
      if (value.at(i) != value.at(0)) return false;
    return true;
  }();
  if (!uniform) return {"constant"};
  return {fmt::format("{:.6g}", value.at(0)), value.at(0) < 0 ? kSum : kAtom};
}

class Writer {
 public:
  explicit Writer(const Symbols& symbols) : symbols_(symbols) {}

  Text write(const Value& value, int depth, bool itself) {
    if (const std::string symbol = symbols_.of(value); itself && !symbol.empty()) return {symbol};
    const Node& node = value.node();
    if (node.in.empty()) return source(node);
    if (depth >= kMaxDepth || operations_ >= kMaxOperations) return {"..."};
    if (const int same = same_numbers(node); same >= 0)
      return write(node.in[static_cast<std::size_t>(same)], depth, true);
    return operation(node, value.output(), depth + 1);
  }

 private:
  static Text source(const Node& node) {
    if (node.op->kind == OpDef::constant) return constant_text(node.attr<ConstantOptions>().value);
    return {node.name.empty() ? node.op->name : node.name};
  }

  Text operation(const Node& node, int output, int depth) {
    ++operations_;
    std::vector<Text> in;
    for (const Value& value : node.in) in.push_back(write(value, depth, true));
    // The gradient of a sum or of L itself brings factors of 1 with it.
    if (node.op->name == "mul" && in[0].text == "1") return in[1];
    if (node.op->name == "mul" && in[1].text == "1") return in[0];
    for (const Infix& infix : kInfix) {
      if (node.op->name == infix.op)
        return {fmt::format("{}{}{}", in[0].at_least(infix.left), infix.sign, in[1].at_least(infix.right)),
                infix.binding};
    }
    if (node.op->name == "neg") return {fmt::format("-{}", in[0].at_least(kProduct)), kSum};
    if (node.op->kind == OpDef::contraction && node.op->name == "matmul") {
      const auto factor = [&](std::size_t i, const char* transposed) {
        return fmt::format("{}{}", in[i].at_least(kAtom), flag(node, transposed) ? "^T" : "");
      };
      return {fmt::format("{} {}", factor(0, "transpose_a"), factor(1, "transpose_b")), kProduct};
    }
    std::vector<std::string> arguments;
    for (const Text& text : in) arguments.push_back(text.text);
    std::string text = fmt::format("{}({})", node.op->name, fmt::join(arguments, ", "));
    // Of several outputs each is its own number: batch_norm's are y, mean and variance.
    if (node.out.size() > 1) text += fmt::format("[{}]", output);
    return {text};
  }

  const Symbols& symbols_;
  int operations_ = 0;
};

}  // namespace

void Symbols::name(const Value& value, std::string symbol) {
  names_.try_emplace({value.node_id(), value.output()}, std::move(symbol));
}

std::string Symbols::of(const Value& value) const {
  const auto found = names_.find({value.node_id(), value.output()});
  return found == names_.end() ? "" : found->second;
}

std::string formula(const Value& value, const Symbols& symbols, bool itself) {
  std::string text = Writer(symbols).write(value, 0, itself).text;
  if (text.size() > kMaxLength) text = text.substr(0, kMaxLength) + "...";
  return text;
}

}  // namespace gradus::train
