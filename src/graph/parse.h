// Graphs from text.
#pragma once

#include <span>
#include <string_view>

#include "gradus/value.h"

namespace gradus {

struct OpDef;

// The graph that print() wrote, made of the given ops. Blank lines and lines that start with # are skipped.
// Each variable is a new one, zeroed, with the name, type and role in the text; nodes that name it again
// share it. Error: "graph text, line 3: ..." for anything that print() would not write: an unknown op or
// attribute, a type that is not what the op gives, a node out of order, an elided constant.
Graph parse(std::string_view text, std::span<const OpDef* const> ops);

}  // namespace gradus
