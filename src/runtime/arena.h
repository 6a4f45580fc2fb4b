// Memory for the arrays of a program.
#pragma once

#include <string>

#include "gradus/compile.h"

namespace gradus {

// The arrays of a program's arena that are largest, as "conv2d %4 in layers.0, f32[64, 32, 28, 28], 6.1 MiB;
// ...".
std::string largest_arrays(const Program& program, std::size_t count = 5);

// Room for a program, of at least so many bytes. Fault::model: the machine has none; says how much was asked
// for, and which arrays are the largest.
Workspace make_arena(const Program& program, std::size_t at_least = 0);

}  // namespace gradus
