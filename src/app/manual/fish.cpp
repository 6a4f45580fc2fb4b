// Completion for fish.
#include <fmt/ranges.h>

#include "app/manual/completions.h"

namespace gradus::manual {
namespace {

// Within single quotes of fish.
std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\\' || c == '\'') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string candidates(const ValueKind& kind) {
  std::string text = fmt::format("{}", fmt::join(kind.words, " "));
  if (kind.folders) text += (text.empty() ? "" : " ") + std::string("(__fish_complete_directories)");
  return text.empty() ? "" : " -a " + quoted(text);
}

std::string option(const std::string& condition, const cli::ArgumentInfo& argument) {
  std::string text = "complete -c gradus -n " + quoted(condition);
  for (const std::string& name : argument.names) {
    const bool is_long = name.rfind("--", 0) == 0;
    text += (is_long ? " -l " : " -s ") + name.substr(is_long ? 2 : 1);
  }
  const ValueKind kind = value_kind(argument);
  if (takes_value(argument)) {
    if (!may_stand_alone(argument)) text += kind.files ? " -r -F" : " -x";
    text += candidates(kind);
  }
  return text + " -d " + quoted(argument.doc) + "\n";
}

std::string positional(const std::string& condition, const cli::ArgumentInfo& argument) {
  const ValueKind kind = value_kind(argument);
  if (kind.nothing()) return "";
  return "complete -c gradus -n " + quoted(condition) + (kind.files ? " -F" : "") + candidates(kind) + "\n";
}

constexpr const char* kHelpers = R"(# fish completion for gradus
# Whether the command line begins with these words; whether it has no others.
function __gradus_in
    set -l words (commandline -opc)
    set -e words[1]
    test (count $words) -ge (count $argv); and test "$words[1..$(count $argv)]" = "$argv"
end
function __gradus_needs
    set -l words (commandline -opc)
    set -e words[1]
    test "$words" = "$argv"
end
complete -c gradus -f
)";

std::string offer(const std::string& prefix, const std::string& word, const std::string& summary) {
  return fmt::format("complete -c gradus -n '__gradus_needs{}' -a {} -d {}\n", prefix, word, quoted(summary));
}

}  // namespace

std::string fish_completion(const std::vector<VerbPage>& pages) {
  std::string text = kHelpers;
  for (const VerbPage& page : pages) {
    if (page.name.find(' ') == std::string::npos) text += offer("", page.name, page.summary);
  }
  text += "complete -c gradus -n __gradus_needs -l version -d 'show the version'\n";
  text += "complete -c gradus -n __gradus_needs -s h -l help -d 'show the verbs'\n";
  for (const VerbGroup& group : verb_groups(pages)) {
    text += offer("", group.name, group.summary);
    for (const VerbPage* page : group.verbs)
      text += offer(" " + group.name, page->name.substr(group.name.size() + 1), page->summary);
  }
  for (const VerbPage& page : pages) {
    const std::string condition = "__gradus_in " + page.name;
    for (const cli::ArgumentInfo& argument : page.arguments)
      text += argument.names.empty() ? positional(condition, argument) : option(condition, argument);
  }
  return text;
}

}  // namespace gradus::manual
