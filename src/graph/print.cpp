#include "graph/print.h"

#include <fmt/core.h>

#include <map>

#include "gradus/op_def.h"
#include "graph/text.h"
#include "tensor/dispatch.h"

namespace gradus {

namespace {

template <class List, class Format>
std::string join(const List& list, Format&& format) {
  std::string result;
  for (const auto& item : list) {
    if (!result.empty()) result += ", ";
    result += format(item);
  }
  return result;
}

std::string tensor_text(const Tensor& tensor) {
  if (tensor.size() > text::kMaxPrinted) return tensor.type().str() + "{...}";
  return dispatch(tensor.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const auto element = [](T value) {
      if constexpr (std::is_floating_point_v<T>)
        return text::number(value);
      else
        return fmt::format("{}", value);
    };
    return fmt::format("{}{{{}}}", tensor.type().str(), join(tensor.values<const T>(), element));
  });
}

std::string value_text(const Value& value) {
  return value.output() == 0 ? fmt::format("%{}", value.node_id())
                             : fmt::format("%{}.{}", value.node_id(), value.output());
}

// Prints attributes; remembers which variables share a name.
class AttributePrinter {
 public:
  std::string operator()(const Attrs& attrs) {
    return join(attrs.list(), [&](const auto& entry) {
      return fmt::format("{}={}", entry.first,
                         std::visit([&](const auto& value) { return str(value); }, entry.second));
    });
  }

 private:
  std::map<std::string, std::vector<Variable>> seen_;

  static std::string str(bool value) { return value ? "true" : "false"; }
  static std::string str(std::int64_t value) { return fmt::format("{}", value); }
  static std::string str(double value) { return text::number(value); }
  static std::string str(const std::string& value) { return text::quoted(value); }
  static std::string str(const std::vector<std::int64_t>& value) {
    return fmt::format("[{}]", join(value, [](std::int64_t x) { return fmt::format("{}", x); }));
  }
  static std::string str(DType value) { return std::string(name(value)); }
  static std::string str(const Shape& value) { return "shape" + value.str(); }
  static std::string str(const Tensor& value) { return tensor_text(value); }

  std::string str(const Variable& value) {
    std::vector<Variable>& twins = seen_[value.name()];
    std::size_t number = 0;
    while (number < twins.size() && !(twins[number] == value)) ++number;
    if (number == twins.size()) twins.push_back(value);
    std::string result(text::kRoles[static_cast<std::size_t>(value.role())].second);
    result += fmt::format(" {} {}", text::quoted(value.name()), value.type().str());
    if (number > 0) result += fmt::format(" #{}", number + 1);
    return result;
  }
};

}  // namespace

std::string print(const Graph& graph) {
  AttributePrinter attributes;
  std::string result;
  for (const Node& node : graph.nodes()) {
    result +=
        fmt::format("%{}: {} = {}({})", node.id, join(node.out, [](const Type& type) { return type.str(); }),
                    node.op->name, join(node.in, value_text));
    if (!node.attrs.list().empty()) result += fmt::format(" {{{}}}", attributes(node.attrs));
    if (!node.scope.empty()) result += fmt::format(" in {}", text::quoted(node.scope));
    if (!node.name.empty()) result += fmt::format(" named {}", text::quoted(node.name));
    result += '\n';
  }
  for (const auto& [name, value] : graph.outputs()) {
    result += fmt::format("output {} = {}\n", text::quoted(name), value_text(value));
  }
  return result;
}

}  // namespace gradus
