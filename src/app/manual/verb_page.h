// The command line as tables: what man pages and completions are made of. The same that --help shows.
#pragma once

#include <string>
#include <vector>

#include "app/cli/arguments.h"

namespace gradus::manual {

struct VerbPage {
  std::string name, summary;  // "data make"
  std::vector<cli::ArgumentInfo> arguments;
  std::vector<std::string> examples;
};

// In the order of help.
std::vector<VerbPage> verb_pages();

// What a value is, as far as a shell can complete it.
struct ValueKind {
  bool folders = false, files = false;  // files: and the folders they lie in
  std::vector<std::string> words;
  bool nothing() const { return !folders && !files && words.empty(); }
};
ValueKind value_kind(const cli::ArgumentInfo& argument);

// Whether a value follows the flag, in the same word or the next; of "[=FILE]" it may be left out, and stands
// in the same.
bool takes_value(const cli::ArgumentInfo& argument);
bool may_stand_alone(const cli::ArgumentInfo& argument);

// Verbs that stand before others, as "data" of "data make", with what follows them.
struct VerbGroup {
  std::string name, summary;
  std::vector<const VerbPage*> verbs;  // of `pages`
};
std::vector<VerbGroup> verb_groups(const std::vector<VerbPage>& pages);

}  // namespace gradus::manual
