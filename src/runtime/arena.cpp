#include "runtime/arena.h"

#include <algorithm>
#include <vector>

#include "base/check.h"
#include "base/text.h"
#include "compiler/program.h"

namespace gradus {

std::string largest_arrays(const Program& program, std::size_t count) {
  struct Array {
    std::size_t bytes;
    std::string text;
  };
  std::vector<Array> arrays;
  for (const Instruction& instruction : program.instructions) {
    for (const int index : instruction.out) {
      const Slot& slot = program.slots[static_cast<std::size_t>(index)];
      if (slot.place != Slot::arena) continue;
      arrays.push_back({slot.type.bytes(), fmt::format("{}, {}", program.graph.node(instruction.node).where(),
                                                       slot.type.str())});
    }
  }
  std::stable_sort(arrays.begin(), arrays.end(),
                   [](const Array& a, const Array& b) { return a.bytes > b.bytes; });
  std::string text;
  for (std::size_t i = 0; i < std::min(count, arrays.size()); ++i)
    text += fmt::format("{}{}, {}", i > 0 ? "; " : "", arrays[i].text,
                        bytes_text(static_cast<double>(arrays[i].bytes)));
  return text;
}

Workspace make_arena(const Program& program, std::size_t at_least) {
  const std::size_t bytes = std::max(at_least, program.arena_bytes);
  try {
    return Workspace(bytes);
  } catch (const Error&) {
    fail(Fault::model,
         "out of memory: {} ({} bytes) were asked for, for the arrays between the layers. The largest are: "
         "{}. Take "
         "a smaller batch or model.",
         bytes_text(static_cast<double>(bytes)), bytes, largest_arrays(program));
  }
}

}  // namespace gradus
