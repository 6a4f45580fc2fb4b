// Completion for zsh, by its function _arguments.
#include <fmt/ranges.h>

#include "app/manual/completions.h"

namespace gradus::manual {
namespace {

// Within single quotes of the shell, and within a spec of _arguments, where some characters have a meaning.
std::string spec(std::string_view text, std::string_view special = ":[]\\") {
  std::string out;
  for (const char c : text) {
    if (special.find(c) != std::string_view::npos) out += '\\';
    out += c == '\'' ? "'\\''" : std::string(1, c);
  }
  return out;
}

// What completes a value: "_files", "(sgd adam)", or both.
std::string action(const ValueKind& kind) {
  const std::string path = kind.files ? "_files" : kind.folders ? "_files -/" : "";
  if (kind.words.empty()) return path;
  const std::string words = spec(fmt::format("{}", fmt::join(kind.words, " ")), ":");
  return path.empty() ? "(" + words + ")" : "{compadd " + words + "; " + path + "}";
}

std::string option(const cli::ArgumentInfo& argument) {
  const std::string many = argument.repeats ? "*" : "";
  const std::string doc = "[" + spec(argument.doc) + "]";
  std::string value, equals;
  if (takes_value(argument)) {
    std::string name = argument.placeholder;
    if (name.front() == '[') name = name.substr(2, name.size() - 3);  // "[=FILE]"
    value = (may_stand_alone(argument) ? "::" : ":") + spec(name) + ":" + action(value_kind(argument));
    equals = may_stand_alone(argument) ? "=-" : "=";
  }
  std::string text;
  for (const std::string& name : argument.names) {
    const bool is_long = name.rfind("--", 0) == 0;
    // One of two names excludes the other.
    const std::string others =
        argument.names.size() > 1 ? fmt::format("({})", fmt::join(argument.names, " ")) : "";
    text += fmt::format("    '{}{}{}{}{}{}'\n", others, many, name, is_long ? equals : "", doc, value);
  }
  return text;
}

std::string positional(const cli::ArgumentInfo& argument) {
  return fmt::format("    '{}:{}:{}'\n", argument.repeats ? "*" : ":", spec(argument.placeholder),
                     action(value_kind(argument)));
}

std::string listed(const std::string& name, const std::string& summary) {
  return fmt::format(" '{}:{}'", name, spec(summary, ":\\"));
}

std::string verb_case(const VerbPage& page) {
  std::string text = fmt::format("  '{}') specs=(\n", page.name);
  for (const cli::ArgumentInfo& argument : page.arguments)
    text += argument.names.empty() ? positional(argument) : option(argument);
  return text + "    ) ;;\n";
}

}  // namespace

std::string zsh_completion(const std::vector<VerbPage>& pages) {
  std::string text =
      "#compdef gradus\n# zsh completion for gradus\nlocal -a specs verbs\nlocal verb=$words[2]\n";
  text += "if ((CURRENT == 2)); then\n  verbs=(";
  for (const VerbPage& page : pages)
    if (page.name.find(' ') == std::string::npos) text += listed(page.name, page.summary);
  for (const VerbGroup& group : verb_groups(pages)) text += listed(group.name, group.summary);
  text +=
      ")\n  _describe verb verbs\n  _arguments '(-h --help)'{-h,--help}'[show the verbs]' '--version[show "
      "the version]'\n";
  text += "  return\nfi\n";
  for (const VerbGroup& group : verb_groups(pages)) {
    text += fmt::format("if [[ $verb == {} ]]; then\n  if ((CURRENT == 3)); then\n    verbs=(", group.name);
    for (const VerbPage* page : group.verbs)
      text += listed(page->name.substr(group.name.size() + 1), page->summary);
    text +=
        ")\n    _describe verb verbs\n    return\n  fi\n  verb+=\" $words[3]\"\n  shift words; "
        "((CURRENT--))\nfi\n";
  }
  text += "case $verb in\n";
  for (const VerbPage& page : pages) text += verb_case(page);
  return text + "esac\nshift words; ((CURRENT--))\n(($#specs)) && _arguments $specs\n";
}

}  // namespace gradus::manual
