#include "app/manual/verb_page.h"

#include "app/cli/verb.h"
#include "base/text.h"

namespace gradus::manual {

std::vector<VerbPage> verb_pages() {
  std::vector<VerbPage> pages;
  for (const cli::VerbInfo& info : cli::verbs()) {
    const std::unique_ptr<cli::Verb> verb = info.make();
    cli::Arguments arguments(info.name, info.summary);
    verb->define(arguments);
    pages.push_back({info.name, info.summary, arguments.list(), arguments.examples()});
  }
  return pages;
}

ValueKind value_kind(const cli::ArgumentInfo& argument) {
  const std::string& name = argument.placeholder;
  const auto has = [&](std::string_view part) { return name.find(part) != std::string::npos; };
  ValueKind kind;
  kind.words = argument.choices;
  kind.files = has("FILE") || has(".toml") || has("MODEL") || has("WORKLOAD") || has("SPEC");
  kind.folders = !kind.files && (has("DIR") || name == "D");
  // Of specs only those that begin with a path.
  if (has("SPEC")) kind.files = argument.names == std::vector<std::string>{"--model"};
  return kind;
}

bool takes_value(const cli::ArgumentInfo& argument) { return !argument.placeholder.empty(); }

bool may_stand_alone(const cli::ArgumentInfo& argument) {
  return argument.placeholder.empty() || argument.placeholder.front() == '[';
}

std::vector<VerbGroup> verb_groups(const std::vector<VerbPage>& pages) {
  std::vector<VerbGroup> groups;
  for (const VerbPage& page : pages) {
    const std::size_t space = page.name.find(' ');
    if (space == std::string::npos) continue;
    const std::string name = page.name.substr(0, space);
    if (groups.empty() || groups.back().name != name) groups.push_back({name, "", {}});
    VerbGroup& group = groups.back();
    group.verbs.push_back(&page);
    group.summary += (group.summary.empty() ? "" : ", ") + page.name.substr(space + 1);
  }
  return groups;
}

}  // namespace gradus::manual
