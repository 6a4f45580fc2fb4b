// What shells need to complete verbs, flags and values of the command line.
#pragma once

#include <string>
#include <vector>

#include "app/manual/verb_page.h"

namespace gradus::manual {

std::string bash_completion(const std::vector<VerbPage>& pages);
std::string zsh_completion(const std::vector<VerbPage>& pages);
std::string fish_completion(const std::vector<VerbPage>& pages);

}  // namespace gradus::manual
