#include "graph/parse.h"

#include <algorithm>
#include <map>

#include "base/check.h"
#include "base/suggest.h"
#include "gradus/op_def.h"
#include "graph/scanner.h"

namespace gradus {

namespace {

std::string list_types(const std::vector<Type>& types) {
  std::string text;
  for (const Type& type : types) text += (text.empty() ? "" : ", ") + type.str();
  return text.empty() ? "nothing" : text;
}

// Reads one line after the other and appends what it says to the graph.
class Parser {
 public:
  explicit Parser(std::span<const OpDef* const> ops) : ops_(ops) {}

  void line(std::string_view text) {
    text::Scanner scan(text);
    if (scan.at_end() || scan.peek('#')) return;
    scan.peek('%') ? node(scan) : output(scan);
    scan.expect_end();
  }

  Graph take() && { return std::move(graph_); }

 private:
  std::span<const OpDef* const> ops_;
  Graph graph_;
  std::map<std::pair<std::string, std::int64_t>, Variable> variables_;

  // %2: f32[3, 10] = matmul(%0, %1) {transpose_a=false} in "layers.0" named "h"
  void node(text::Scanner& scan) {
    scan.expect("%");
    const std::int64_t id = scan.integer();
    require(id == static_cast<std::int64_t>(graph_.nodes().size()), "node %{} was needed, %{} was given.",
            graph_.nodes().size(), id);
    scan.expect(":");
    std::vector<Type> types;
    if (!scan.peek('=')) {
      do types.push_back(scan.type());
      while (scan.accept(","));
    }
    scan.expect("=");
    const OpDef& op = find(scan.word());
    scan.expect("(");
    Values inputs;
    if (!scan.accept(")")) {
      do inputs.push_back(value(scan));
      while (scan.accept(","));
      scan.expect(")");
    }
    const Attrs attrs = attributes(scan, op);
    const Graph::Path path(graph_, scan.accept("in ") ? scan.string() : "");
    const std::string name = scan.accept("named ") ? scan.string() : "";

    const Values outputs = graph_.add_all(op, attrs, inputs);
    require(graph_.nodes().back().out == types, "{} gives {}, the text says {}.", op.name,
            list_types(graph_.nodes().back().out), list_types(types));
    if (!name.empty() && !outputs.empty()) outputs[0].named(name);
  }

  // output "loss" = %2
  void output(text::Scanner& scan) {
    scan.expect("output ");
    const std::string name = scan.string();
    scan.expect("=");
    graph_.output(value(scan), name);
  }

  const OpDef& find(const std::string& name) const {
    std::vector<std::string> known;
    for (const OpDef* op : ops_) {
      if (op->name == name) return *op;
      known.push_back(op->name);
    }
    fail(Fault::model, "there is no op '{}'.{}", name, did_you_mean(name, known));
  }

  Value value(text::Scanner& scan) {
    scan.expect("%");
    const std::int64_t id = scan.integer(), output = scan.accept(".") ? scan.integer() : 0;
    require(id >= 0 && id < static_cast<std::int64_t>(graph_.nodes().size()), "there is no node %{} above.",
            id);
    require(output >= 0 && output < static_cast<std::int64_t>(graph_.node(static_cast<int>(id)).out.size()),
            "node %{} has no output {}.", id, output);
    return Value(&graph_, static_cast<int>(id), static_cast<int>(output));
  }

  Attrs attributes(text::Scanner& scan, const OpDef& op) {
    AttrList list;
    if (scan.accept("{")) {
      do {
        std::string key = scan.word();
        scan.expect("=");
        list.emplace_back(std::move(key), scan.names_role() ? variable(scan) : scan.attribute());
      } while (scan.accept(","));
      scan.expect("}");
    }
    try {
      return op.make_attrs(list);
    } catch (const Error& error) {
      fail(error.fault(), "{}: {}", op.name, error.what());
    }
  }

  // parameter "w" f32[3, 10] #2
  AttrValue variable(text::Scanner& scan) {
    const Role role = scan.role();
    const std::string name = scan.string();
    const Type type = scan.type();
    const std::int64_t number = scan.accept("#") ? scan.integer() : 1;
    auto [entry, fresh] = variables_.try_emplace({name, number});
    if (fresh) entry->second = Variable(name, type, role);
    require(entry->second.type() == type && entry->second.role() == role,
            "variable '{}' has another type or role in a line above.", name);
    return entry->second;
  }
};

}  // namespace

Graph parse(std::string_view text, std::span<const OpDef* const> ops) {
  Parser parser(ops);
  int number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    ++number;
    try {
      parser.line(text.substr(0, end));
    } catch (const Error& error) {
      fail(error.fault(), "graph text, line {}: {}", number, error.what());
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return std::move(parser).take();
}

}  // namespace gradus
