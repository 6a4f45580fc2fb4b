// Completion for bash. It needs nothing but bash itself.
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "app/manual/completions.h"

namespace gradus::manual {
namespace {

// The words a verb's command line may hold, by way of which `_gradus` completes: "files", "folders" or words.
std::string reply(const ValueKind& kind) {
  std::string text;
  if (kind.folders) text += " _gradus_folders;";
  if (kind.files) text += " _gradus_files;";
  if (!kind.words.empty()) text += fmt::format(" _gradus_words '{}';", fmt::join(kind.words, " "));
  return text.empty() ? " :;" : text;
}

std::string flag_words(const VerbPage& page) {
  std::vector<std::string> names;
  for (const cli::ArgumentInfo& argument : page.arguments)
    names.insert(names.end(), argument.names.begin(), argument.names.end());
  return fmt::format("{}", fmt::join(names, " "));
}

// The cases of `_gradus_value`: which values follow which flag of which verb.
std::string value_cases(const std::vector<VerbPage>& pages) {
  std::map<std::string, std::vector<std::string>> places;  // by reply, so that equal ones stand together
  for (const VerbPage& page : pages) {
    for (const cli::ArgumentInfo& argument : page.arguments) {
      if (!takes_value(argument)) continue;
      for (const std::string& name : argument.names) {
        // Alone it is complete: its value stands behind an equals sign.
        const std::string place = may_stand_alone(argument) ? name + "=" : name;
        places[reply(value_kind(argument))].push_back(fmt::format("'{} {}'", page.name, place));
        if (!may_stand_alone(argument))
          places[reply(value_kind(argument))].push_back(fmt::format("'{} {}='", page.name, name));
      }
    }
  }
  std::string text;
  for (const auto& [answer, names] : places)
    text += fmt::format("    {}){};\n", fmt::join(names, "|"), answer);
  return text;
}

std::string verb_cases(const std::vector<VerbPage>& pages) {
  std::string text;
  for (const VerbPage& page : pages) {
    std::string positional = " :;";
    for (const cli::ArgumentInfo& argument : page.arguments)
      if (argument.names.empty()) positional = reply(value_kind(argument));
    text += fmt::format("    '{}') flags='{}'; [[ $cur == -* ]] || {{{} }} ;;\n", page.name, flag_words(page),
                        positional);
  }
  return text;
}

std::string first_words(const std::vector<VerbPage>& pages) {
  std::vector<std::string> words;
  for (const VerbPage& page : pages) {
    const std::string word = page.name.substr(0, page.name.find(' '));
    if (words.empty() || words.back() != word) words.push_back(word);
  }
  return fmt::format("{} --help --version", fmt::join(words, " "));
}

std::string second_words(const VerbGroup& group) {
  std::string words;
  for (const VerbPage* page : group.verbs) words += page->name.substr(group.name.size() + 1) + " ";
  return words + "--help";
}

constexpr const char* kHelpers = R"(# bash completion for gradus
_gradus_words() {
  COMPREPLY+=($(compgen -W "$1" -- "$cur"))
  # A path follows a colon.
  [[ ${COMPREPLY[*]} != *: ]] || compopt -o nospace 2> /dev/null
  return 0
}
_gradus_files() {
  compopt -o filenames 2> /dev/null
  local IFS=$'\n'
  COMPREPLY+=($(compgen -f -- "$cur"))
  return 0
}
_gradus_folders() {
  compopt -o filenames 2> /dev/null
  local IFS=$'\n'
  COMPREPLY+=($(compgen -d -- "$cur"))
  return 0
}
)";

// bash cuts words at = and :, as it is set up by default.
constexpr const char* kStart = R"(_gradus() {
  local cur=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} verb=${COMP_WORDS[1]} flags=
  COMPREPLY=()
  case $before in
    =) before=${COMP_WORDS[COMP_CWORD - 2]}= ;;
    :) _gradus_files; return ;;
  esac
  case $cur in
    =) cur=; before+== ;;
    :) cur=; _gradus_files; return ;;
  esac
)";

constexpr const char* kEnd = R"(  if [[ -n $flags && $cur == -* ]]; then _gradus_words "$flags"; fi
}
complete -F _gradus gradus
)";

}  // namespace

std::string bash_completion(const std::vector<VerbPage>& pages) {
  std::string text = kHelpers;
  text += "# The values of a flag; fails for flags that take none.\n";
  text += "_gradus_value() {\n  case $1 in\n" + value_cases(pages) + "    *) return 1 ;;\n  esac\n}\n";
  text += kStart;
  text += fmt::format("  if ((COMP_CWORD == 1)); then _gradus_words '{}'; return; fi\n", first_words(pages));
  for (const VerbGroup& group : verb_groups(pages)) {
    text += fmt::format("  if [[ $verb == {} ]]; then\n", group.name);
    text +=
        fmt::format("    if ((COMP_CWORD == 2)); then _gradus_words '{}'; return; fi\n", second_words(group));
    text += "    verb+=\" ${COMP_WORDS[2]}\"\n  fi\n";
  }
  text += "  if _gradus_value \"$verb $before\"; then return; fi\n";
  text += "  case $verb in\n" + verb_cases(pages) + "  esac\n";
  return text + kEnd;
}

}  // namespace gradus::manual
