// Man pages, in the macros of man(7).
#pragma once

#include <string>
#include <vector>

#include "app/manual/verb_page.h"

namespace gradus::manual {

// The page of gradus(1), with a list of the verbs.
std::string man_overview(const std::vector<VerbPage>& pages);
// The page of one verb: "data make" is gradus-data-make(1).
std::string man_page(const VerbPage& page);
std::string man_name(const VerbPage& page);  // "gradus-data-make"

}  // namespace gradus::manual
